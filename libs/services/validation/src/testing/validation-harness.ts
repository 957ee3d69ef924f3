import { createHash, randomUUID } from 'node:crypto';
import { PostgresArtifactStore } from '@kwanus/artifacts';
import { actorIdOf } from '@kwanus/auth';
import { folderSubmission } from '@kwanus/checks-catalogue';
import type { SubmissionFile } from '@kwanus/checks-kit';
import { TOPICS, type validationHttp } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import { openPostgresTransport, type PostgresTransport, type TransportMessage } from '@kwanus/messaging';
import {
  applicationOf,
  eventually,
  OtherService,
  optionsOf,
  TestIssuer,
} from '@kwanus/testing-infra/service-under-test';
import type { z } from 'zod';
import { ValidationModule, type ValidationOptions } from '../index.js';

export { eventually } from '@kwanus/testing-infra/service-under-test';

const ISSUER = 'https://login.example.com';
const issuer = new TestIssuer(ISSUER);

/** One instance of the service, with its HTTP side. */
export interface RunningValidation {
  readonly transport: PostgresTransport;
  readonly artifacts: PostgresArtifactStore;
  readonly base: string;
  readonly stop: () => Promise<void>;
}

/** @returns the actor of a person whose token `tokenOf` makes */
export const actorOf = (subject: string): string => actorIdOf('person', ISSUER, subject);

/** The event that the minimal submission subscribes to. */
export const SHIPPED = { type: 'kwanus.order.shipped', versions: ['1.0.0'] };

/** Starts an instance. */
export async function startValidation(
  url: string,
  more: Partial<ValidationOptions> = {},
): Promise<RunningValidation> {
  const transport = await openPostgresTransport({ url, leaseMs: 1_000 });
  await transport.ensureTopics(Object.values(TOPICS));
  const options: ValidationOptions = {
    ...optionsOf(url, transport),
    platform: { versions: ['4.2.0', '5.0.0'], environment: 'production', events: [SHIPPED] },
    permissions: [],
    ...more,
  };
  const http = await applicationOf(ValidationModule.register(options), issuer);
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
  issuer.tokenOf(
    partner === undefined
      ? { subject, roles: ['reviewer', 'operator'] }
      : { subject, roles: ['partner'], partner },
  );

/** Tells facts as intake's relay would send them. */
export class Intake {
  readonly #relay: OtherService;

  constructor(transport: PostgresTransport) {
    this.#relay = new OtherService(() => transport, TOPICS.integration);
  }

  /** @returns the message, for `again` */
  tell(type: string, data: JsonObject): Promise<TransportMessage> {
    const id = data['integrationId'];
    const streamId = typeof id === 'string' ? `integration-${id}` : 'membership-default';
    return this.#relay.tell({ type, streamId, data });
  }

  /** Delivers a message once more, as every transport may. */
  again(message: TransportMessage): Promise<void> {
    return this.#relay.again(message);
  }
}

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
  limitMs = 15_000,
): Promise<z.infer<typeof validationHttp.RunView>> =>
  eventually(async () => {
    const response = await fetch(`${base}/v1/validations/${runId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) return undefined;
    const view = (await response.json()) as z.infer<typeof validationHttp.RunView>;
    return view.status === 'finished' ? view : undefined;
  }, limitMs);

/** @returns a new request id */
export const requestId = (): string => randomUUID();
