import { integrationFacts, TOPICS } from '@kwanus/contracts';
import type { MatrixCommand } from '@kwanus/domain-validation';
import type { CommandMetadata } from '@kwanus/event-store';
import type { ConsumerDefinition } from '@kwanus/messaging';
import { z } from 'zod';
import { type MatrixStreams, matrixStream } from '../validation-streams.js';

const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;
const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('finding'), check: z.string(), fingerprint: z.string() }),
  z.object({ kind: z.literal('check'), check: z.string() }),
]);

/** Waivers of findings and checks, as far as the matrix rests on them. */
export const waiverHandlers = (matrix: MatrixStreams): ConsumerDefinition['handlers'] => ({
  [ofType('waiver-granted')]: async ({ data }, { metadata }) => {
    const { integrationId, release, waiverId, target } = integrationFacts.WaiverGranted.parse(data);
    const known = Target.safeParse(target);
    if (!known.success) return;
    const { check } = known.data;
    const fingerprint = known.data.kind === 'finding' ? known.data.fingerprint : null;
    await note(
      matrix,
      { type: 'NoteWaiver', integrationId, release, waiverId, check, fingerprint },
      metadata,
    );
  },
  [ofType('waiver-expired')]: async ({ data }, { metadata }) => {
    const { integrationId, release, waiverId } = integrationFacts.WaiverExpired.parse(data);
    await note(matrix, { type: 'EndWaiver', integrationId, release, waiverId }, metadata);
  },
});

async function note(matrix: MatrixStreams, command: MatrixCommand, metadata: CommandMetadata): Promise<void> {
  const { integrationId } = command;
  await matrix.handle({
    streamId: matrixStream(integrationId),
    routingKey: integrationId,
    command,
    context: undefined,
    metadata,
  });
}
