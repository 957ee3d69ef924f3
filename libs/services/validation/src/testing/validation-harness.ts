import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PostgresArtifactStore } from '@kwanus/artifacts';
import { Authenticator, actorIdOf } from '@kwanus/auth';
import { uuidv5, uuidv7 } from '@kwanus/canonical';
import { folderSubmission } from '@kwanus/checks-catalogue';
import type { SubmissionFile } from '@kwanus/checks-kit';
import { TOPICS, type validationHttp } from '@kwanus/contracts';
import { createHttpApplication, type HttpApplication } from '@kwanus/http';
import { type JsonObject, systemClock } from '@kwanus/kernel';
import { openPostgresTransport, type PostgresTransport, type TransportMessage } from '@kwanus/messaging';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { SignJWT } from 'jose';
import type { z } from 'zod';
import { ValidationModule, type ValidationOptions } from '../index.js';

const ISSUER = 'https://login.example.com';
const keys = generateKeyPairSync('ed25519');

/** One instance of the service, with its HTTP side. */
export interface RunningValidation {
  readonly transport: PostgresTransport;
  readonly artifacts: PostgresArtifactStore;
  readonly base: string;
  readonly stop: () => Promise<void>;
}

/** @returns the actor of a person whose token `tokenOf` makes */
export const actorOf = (subject: string): string => actorIdOf('person', ISSUER, subject);

/** Starts an instance. */
export async function startValidation(
  url: string,
  more: Partial<ValidationOptions> = {},
): Promise<RunningValidation> {
  const transport = await openPostgresTransport({ url, leaseMs: 1_000, pollMs: 50 });
  await transport.ensureTopics(Object.values(TOPICS));
  const options: ValidationOptions = {
    databaseUrl: url,
    migrationUrl: url,
    artifactsUrl: url,
    transport,
    playbookVersion: '1.0',
    clock: systemClock,
    identities: { people: [], seats: [] },
    platform: { versions: ['4.2.0', '5.0.0'], environment: 'production' },
    permissions: [],
    cursorKey: randomBytes(32),
    pollMs: 50,
    ...more,
  };
  const http: HttpApplication = await createHttpApplication(ValidationModule.register(options), {
    host: '127.0.0.1',
    port: 0,
    authenticator: new Authenticator([
      { issuer: ISSUER, audience: 'kwanus', algorithms: ['EdDSA'], keys: keys.publicKey },
    ]),
    logger: new PinoLoggerService(createLogger({ level: 'silent', format: 'json' })),
  });
  const base = await http.listen();
  const artifacts = new PostgresArtifactStore({ url });
  const stop = async (): Promise<void> => {
    await http.stop();
    await artifacts.close();
    await transport.close();
  };
  return { transport, artifacts, base, stop };
}

/** @returns a token of a reviewer or operator of the platform, or of a partner's person */
export const tokenOf = (subject: string, partner?: string): Promise<string> =>
  new SignJWT(
    partner === undefined ? { roles: ['reviewer', 'operator'] } : { roles: ['partner'], partner_id: partner },
  )
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setSubject(subject)
    .setAudience('kwanus')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(keys.privateKey);

/** Tells facts as intake's relay would send them: stream and chain complete. */
export class Intake {
  readonly #versions = new Map<string, number>();

  constructor(private readonly transport: PostgresTransport) {}

  /** @returns the message, for `again` */
  async tell(type: string, data: JsonObject): Promise<TransportMessage> {
    const id = data['integrationId'];
    const streamId = typeof id === 'string' ? `integration-${id}` : 'membership-default';
    const version = (this.#versions.get(streamId) ?? 0) + 1;
    this.#versions.set(streamId, version);
    const message: TransportMessage = {
      key: typeof id === 'string' ? id : streamId,
      headers: {
        ce_specversion: '1.0',
        ce_id: uuidv7(),
        ce_type: `kwanus.integration.${type}.v1`,
        ce_source: TOPICS.integration.owner,
        ce_time: new Date().toISOString(),
        ce_streamid: streamId,
        ce_streamversion: String(version),
        ce_prevhash: hashOf(streamId, version - 1),
        ce_eventhash: hashOf(streamId, version),
        ce_correlationid: uuidv5(streamId),
        'content-type': 'application/json',
      },
      body: Buffer.from(JSON.stringify(data)),
    };
    await this.again(message);
    return message;
  }

  /** Delivers a message once more, as every transport may. */
  async again(message: TransportMessage): Promise<void> {
    await this.transport.send(TOPICS.integration.name, [message]);
  }
}

const hashOf = (streamId: string, version: number): string =>
  version === 0 ? '0'.repeat(64) : createHash('sha256').update(`${streamId} ${version}`).digest('hex');

/** A submission as messages carry it. */
export interface Uploaded {
  readonly release: string;
  readonly manifestPath: string;
  readonly files: readonly SubmissionFile[];
}

/** Puts the files of a folder into the artefact store, some of them rewritten. */
export async function upload(
  artifacts: PostgresArtifactStore,
  folder: string,
  edits: Readonly<Record<string, (text: string) => string>> = {},
): Promise<Uploaded> {
  const submission = await folderSubmission(folder);
  const files: SubmissionFile[] = [];
  let { release } = submission;
  for (const file of submission.files) {
    const original = Buffer.from((await submission.read(file.path)) ?? []);
    const edit = edits[file.path];
    const bytes = edit === undefined ? original : Buffer.from(edit(original.toString()));
    const digest = createHash('sha256').update(bytes).digest('hex');
    await artifacts.put(`sha256:${digest}`, file.mediaType, bytes);
    files.push({ ...file, digest, size: bytes.length });
    if (file.path === submission.manifestPath)
      release = /version: (\d+\.\d+\.\d+), tier/.exec(bytes.toString())?.[1] ?? release;
  }
  return { release, manifestPath: submission.manifestPath, files };
}

/** @returns what the look-up gives, as soon as it is not undefined. @throws after the limit */
export async function eventually<T>(look: () => Promise<T | undefined>, limitMs = 20_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new RangeError(`Nothing came within ${limitMs} ms.`);
    await delay(25);
  }
}

/** @returns what intake says when it asks for a run of a submission */
export const askedFor = (id: string, submission: Uploaded, more: JsonObject = {}): JsonObject => ({
  integrationId: 'acme.parcels',
  release: submission.release,
  requestId: id,
  purpose: 'release',
  task: null,
  submission: submission as unknown as JsonObject,
  bases: [],
  asOf: '2026-11-23T10:00:00Z',
  ...more,
});

/** @returns the run, as soon as it has ended */
export const finishedRun = (
  { base }: RunningValidation,
  runId: string,
  token: string,
): Promise<z.infer<typeof validationHttp.RunView>> =>
  eventually(async () => {
    const response = await fetch(`${base}/v1/validations/${runId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) return undefined;
    const view = (await response.json()) as z.infer<typeof validationHttp.RunView>;
    return view.status === 'finished' ? view : undefined;
  });

/** @returns a new request id */
export const requestId = (): string => randomUUID();
