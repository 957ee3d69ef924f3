import { integrationFacts, integrationMessages, TOPICS } from '@kwanus/contracts';
import type { GrantsCommand } from '@kwanus/domain-validation';
import type { CommandMetadata } from '@kwanus/event-store';
import type { ConsumerDefinition } from '@kwanus/messaging';
import {
  type GrantStreams,
  grantsStream,
  type MatrixStreams,
  matrixStream,
  type RunStreams,
  runStream,
} from '../validation-streams.js';

/** Where it is noted which releases may act, and where it is read what they were judged as. */
export interface GrantBooks {
  readonly grants: GrantStreams;
  readonly matrix: MatrixStreams;
  readonly runs: RunStreams;
}

type Handlers = ConsumerDefinition['handlers'];
const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;

/** Notes what intake says. */
export async function noteGrants(
  { grants }: Pick<GrantBooks, 'grants'>,
  command: GrantsCommand,
  metadata: CommandMetadata,
): Promise<void> {
  const { integrationId } = command;
  await grants.handle({
    streamId: grantsStream(integrationId),
    routingKey: integrationId,
    command,
    context: grants.rule,
    metadata,
  });
}

/** The check that judges what was taken away (PM210). */
const BOUNDARY_CHECK = 'permission-boundary';

/** @returns the permissions of which the run knew that they had been taken away; none where it did not look */
async function judgedRevoked(
  { runs, grants }: GrantBooks,
  integrationId: string,
  runId: string | null,
): Promise<readonly string[]> {
  if (runId === null) return [];
  const { pins } = (await runs.load(runStream(runId))).state;
  const toVersion = pins?.grantsVersion ?? 0;
  if (toVersion === 0 || pins?.checks.includes(BOUNDARY_CHECK) !== true) return [];
  const { state } = await grants.load(grantsStream(integrationId), { toVersion });
  return state.revocations.filter(({ status }) => status === 'accepted').map(({ permission }) => permission);
}

/** A release acts from the first step of its rollout on, with the submission that its last run has judged. */
export const grantHandlers = (books: GrantBooks): Handlers => ({
  [ofType('rollout-step-started')]: async ({ data }, { metadata }) => {
    const { integrationId, release } = integrationFacts.RolloutStepStarted.parse(data);
    const { state } = await books.matrix.load(matrixStream(integrationId));
    const runId = state.runs[release]?.runId ?? null;
    const known = await judgedRevoked(books, integrationId, runId);
    await noteGrants(
      books,
      { type: 'TakeGrants', integrationId, release, runId, judgedRevoked: known },
      metadata,
    );
  },
  [ofType('rolled-back')]: async ({ data }, { metadata }) => {
    const { integrationId, release } = integrationFacts.RolledBack.parse(data);
    await noteGrants(books, { type: 'EndGrants', integrationId, release, cause: 'rolled-back' }, metadata);
  },
  [ofType('release-withdrawn')]: async ({ data }, { metadata }) => {
    const { integrationId, release } = integrationMessages.ReleaseWithdrawn.parse(data);
    await noteGrants(books, { type: 'EndGrants', integrationId, release, cause: 'withdrawn' }, metadata);
  },
  [ofType('permission-violated')]: async ({ data, time }, { metadata }) => {
    const { cause: _, ...violation } = integrationFacts.PermissionViolated.parse(data);
    await noteGrants(books, { type: 'NoteViolation', ...violation, at: time }, metadata);
  },
  [ofType('integration-suspended')]: async ({ data }, { metadata }) => {
    const { integrationId } = integrationMessages.IntegrationSuspended.parse(data);
    await noteGrants(books, { type: 'SuspendGrants', integrationId }, metadata);
  },
  [ofType('integration-reinstated')]: async ({ data }, { metadata }) => {
    const { integrationId } = integrationMessages.IntegrationReinstated.parse(data);
    await noteGrants(books, { type: 'ReinstateGrants', integrationId }, metadata);
  },
});
