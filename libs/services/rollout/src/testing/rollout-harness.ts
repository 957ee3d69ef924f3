import { TOPICS } from '@kwanus/contracts';
import type { Playbook, RolloutPlanRule, RolloutStepRule } from '@kwanus/domain-playbook';
import type { Clock } from '@kwanus/kernel';
import { openPostgresTransport, type PostgresTransport } from '@kwanus/messaging';
import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { applicationOf, optionsOf, TestIssuer } from '@kwanus/testing-infra/service-under-test';
import { type DynamicModule, Module } from '@nestjs/common';
import { Playbooks } from '../playbooks.js';
import { rolloutPublisher } from '../publishing/rollout.publisher.js';
import { ROLLOUT_CONTROLLERS, ROLLOUT_PROVIDERS } from '../rollout-parts.js';

export { eventually, OtherService, SettableClock } from '@kwanus/testing-infra/service-under-test';

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
    probing: { permissions: 3, within: 'PT1H' },
    unused: { after: 'P90D', lookAgain: 'P1D' },
    minFailures: 10,
  },
  stewardship: [],
  waivers: { maxDuration: 'P90D', never: [], laxerRolloutBy: 'CGB' },
  registry: { body: 'SCO' },
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

const issuer = new TestIssuer();

/** One instance of the service, with its HTTP side. */
export interface RunningRollout {
  readonly transport: PostgresTransport;
  readonly base: string;
  readonly stop: () => Promise<void>;
}

/** Starts an instance on the database; several may run, one after another, on the same one. */
export async function startRollout(url: string, clock: Clock): Promise<RunningRollout> {
  const transport = await openPostgresTransport({ url, leaseMs: 1_000 });
  await transport.ensureTopics(Object.values(TOPICS));
  const options = optionsOf(url, transport, { clock });
  const http = await applicationOf(RolloutUnderTest.register(options), issuer);
  const base = await http.listen();
  const stop = async (): Promise<void> => {
    await http.stop();
    await transport.close();
  };
  return { transport, base, stop };
}

/** @returns a token of one of the platform's services, or of a partner's person */
export const tokenOf = (partner?: string): Promise<string> =>
  issuer.tokenOf(
    partner === undefined
      ? { subject: 'gateway', roles: ['operator'] }
      : { subject: partner, roles: ['partner'], partner },
  );
