import { integrationFacts, integrationMessages, TOPICS } from '@kwanus/contracts';
import type { GrantsCommand } from '@kwanus/domain-validation';
import type { CommandMetadata } from '@kwanus/event-store';
import type { ConsumerDefinition } from '@kwanus/messaging';
import { type GrantStreams, grantsStream, type MatrixStreams, matrixStream } from '../validation-streams.js';

/** Where it is noted which releases may act, and where it is read what they were judged as. */
export interface GrantBooks {
  readonly grants: GrantStreams;
  readonly matrix: MatrixStreams;
}

type Handlers = ConsumerDefinition['handlers'];
const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;

/** Notes what intake says. */
export async function noteGrants(
  { grants }: GrantBooks,
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

/** A release acts from the first step of its rollout on, with the submission that its last run has judged. */
export const grantHandlers = (books: GrantBooks): Handlers => ({
  [ofType('rollout-step-started')]: async ({ data }, { metadata }) => {
    const { integrationId, release } = integrationFacts.RolloutStepStarted.parse(data);
    const { state } = await books.matrix.load(matrixStream(integrationId));
    const runId = state.runs[release]?.runId ?? null;
    await noteGrants(books, { type: 'TakeGrants', integrationId, release, runId }, metadata);
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
