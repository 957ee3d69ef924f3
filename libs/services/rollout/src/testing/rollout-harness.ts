import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Authenticator } from '@kwanus/auth';
import { uuidv5, uuidv7 } from '@kwanus/canonical';
import { TOPICS, type Topic } from '@kwanus/contracts';
import type { Playbook, RolloutPlanRule, RolloutStepRule } from '@kwanus/domain-playbook';
import { createHttpApplication, type HttpApplication } from '@kwanus/http';
import type { Clock, JsonObject } from '@kwanus/kernel';
import { openPostgresTransport, type PostgresTransport } from '@kwanus/messaging';
import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { SignJWT } from 'jose';
import { Playbooks } from '../playbooks.js';
import { rolloutPublisher } from '../publishing/rollout.publisher.js';
import { ROLLOUT_CONTROLLERS, ROLLOUT_PROVIDERS } from '../rollout-parts.js';

/** A clock that stands still until it is moved. */
export class SettableClock implements Clock {
  constructor(public value: number) {}
  now(): number {
    return this.value;
  }
}

const step = (id: string, percent: number, rest: Partial<RolloutStepRule> = {}): RolloutStepRule => ({
  id,
  percent,
  allowList: 'none',
  minDwell: 'PT1H',
  minRequests: 100,
  approvals: [],
  ...rest,
});

const plan = (rest: Pick<RolloutPlanRule, 'forLevel' | 'steps' | 'type'>): RolloutPlanRule => ({
  bake: 'PT2H',
  bakeMinRequests: 100,
  alpha: 0.05,
  margin: 0.1,
  askAfter: 'PT4H',
  rollbackWithin: 'PT1M',
  ...rest,
});

/** Three plans that are short enough to be walked through in a spec. */
export const PLAYBOOK: Playbook = {
  version: '1.0',
  title: 'Example',
  overlays: null,
  digest: 'd'.repeat(64),
  subjects: ['integration'],
  bodies: ['TSC', 'SCO'].map((id) => ({ id, name: id, field: id, quorum: 1 })),
  documents: [],
  tasks: [],
  decisions: [],
  checks: [],
  steps: [],
  risk: [],
  rollouts: [
    plan({ type: 'full', forLevel: 'low', steps: [step('all', 100)] }),
    plan({
      type: 'staged',
      forLevel: 'medium',
      steps: [
        step('10', 10),
        step('50', 50, { approvals: ['TSC'] }),
        step('100', 100, { minDwell: 'PT0S', minRequests: 0 }),
      ],
    }),
    plan({
      type: 'controlled',
      forLevel: 'high',
      steps: [step('internal', 0, { allowList: 'internal', approvals: ['TSC', 'SCO'] }), step('100', 100)],
    }),
  ],
  monitoring: {
    window: 'PT1M',
    watermark: 'PT2M',
    silentWindows: 3,
    signals: [],
    burn: [{ id: 'page-quick', severity: 'page', budget: 0.02, long: 'PT1H', short: 'PT5M' }],
    minFailures: 10,
  },
  stewardship: [],
  waivers: { maxDuration: 'P90D', never: [], laxerRolloutBy: 'CGB' },
};

@Module({})
class RolloutUnderTest {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: RolloutUnderTest,
      imports: [ServiceModule.forService({ name: 'rollout', publisher: rolloutPublisher, options })],
      controllers: [...ROLLOUT_CONTROLLERS],
      providers: [
        { provide: Playbooks, useValue: new Playbooks(options.playbookVersion, () => PLAYBOOK) },
        ...ROLLOUT_PROVIDERS,
      ],
    };
  }
}

const ISSUER = 'https://login.example.com';
const keys = generateKeyPairSync('ed25519');

/** One instance of the service, with its HTTP side. */
export interface RunningRollout {
  readonly transport: PostgresTransport;
  readonly base: string;
  readonly stop: () => Promise<void>;
}

/** Starts an instance on the database; several may run, one after another, on the same one. */
export async function startRollout(url: string, clock: Clock): Promise<RunningRollout> {
  const transport = await openPostgresTransport({ url, leaseMs: 1_000, pollMs: 50 });
  await transport.ensureTopics(Object.values(TOPICS));
  const options: ServiceOptions = {
    databaseUrl: url,
    migrationUrl: url,
    artifactsUrl: url,
    transport,
    playbookVersion: '1.0',
    clock,
    identities: { people: [], seats: [] },
    cursorKey: randomBytes(32),
    pollMs: 50,
  };
  const http: HttpApplication = await createHttpApplication(RolloutUnderTest.register(options), {
    host: '127.0.0.1',
    port: 0,
    authenticator: new Authenticator([
      { issuer: ISSUER, audience: 'kwanus', algorithms: ['EdDSA'], keys: keys.publicKey },
    ]),
    logger: new PinoLoggerService(createLogger({ level: 'silent', format: 'json' })),
  });
  const base = await http.listen();
  const stop = async (): Promise<void> => {
    await http.stop();
    await transport.close();
  };
  return { transport, base, stop };
}

/** @returns a token of one of the platform's services, or of a partner's person */
export const tokenOf = (partner?: string): Promise<string> =>
  new SignJWT(partner === undefined ? { roles: ['operator'] } : { roles: ['partner'], partner_id: partner })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setSubject(partner ?? 'gateway')
    .setAudience('kwanus')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(keys.privateKey);

/** Tells facts as another service's relay would send them: stream and chain complete. */
export class OtherService {
  readonly #versions = new Map<string, number>();

  constructor(
    private readonly topic: Topic & { readonly owner: string },
    private readonly clock: Clock,
  ) {}

  async tell(
    transport: PostgresTransport,
    type: string,
    streamId: string,
    data: JsonObject & { readonly integrationId: string },
  ): Promise<void> {
    const version = (this.#versions.get(streamId) ?? 0) + 1;
    this.#versions.set(streamId, version);
    await transport.send(this.topic.name, [
      {
        key: data.integrationId,
        headers: {
          ce_specversion: '1.0',
          ce_id: uuidv7(),
          ce_type: `${this.topic.name}.${type}.v1`,
          ce_source: this.topic.owner,
          ce_time: new Date(this.clock.now()).toISOString(),
          ce_streamid: streamId,
          ce_streamversion: String(version),
          ce_prevhash: hashOf(streamId, version - 1),
          ce_eventhash: hashOf(streamId, version),
          ce_correlationid: uuidv5(streamId),
          'content-type': 'application/json',
        },
        body: Buffer.from(JSON.stringify(data)),
      },
    ]);
  }
}

const hashOf = (streamId: string, version: number): string =>
  version === 0 ? '0'.repeat(64) : createHash('sha256').update(`${streamId} ${version}`).digest('hex');

/** @returns what the look-up gives, as soon as it is not undefined. @throws after the limit, with what was seen last */
export async function eventually<T>(look: () => Promise<T | undefined>, limitMs = 15_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new RangeError(`Nothing came within ${limitMs} ms.`);
    await delay(25);
  }
}
