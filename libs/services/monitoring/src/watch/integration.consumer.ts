import { integrationMessages, TOPICS } from '@kwanus/contracts';
import type { ReleaseEnded, WatchEvent } from '@kwanus/domain-monitoring';
import type { ConsumerDefinition, IntegrationMessage } from '@kwanus/messaging';
import type { z } from 'zod';
import type { WatchList } from './watch-list.js';

const { RolloutRequested, ReleaseWithdrawn, IntegrationSuspended, IntegrationRetired } = integrationMessages;

/** Intake's facts that monitoring needs: what a release is promised and granted, and who answers for it (PB-1.2). */
export const integrationConsumer = (watchList: WatchList): ConsumerDefinition => {
  const on =
    <Data>(schema: z.ZodType<Data>, toFact: (data: Data) => WatchEvent) =>
    (message: IntegrationMessage, { commandId }: { readonly commandId: string }): Promise<void> =>
      watchList.record(toFact(schema.parse(message.data)), message, commandId);
  return {
    name: 'monitoring.integration',
    topic: TOPICS.integration.name,
    source: TOPICS.integration.owner,
    handlers: {
      'kwanus.integration.rollout-requested.v1': on(RolloutRequested, watched),
      'kwanus.integration.release-withdrawn.v1': on(ReleaseWithdrawn, ({ integrationId, release }) =>
        ended(integrationId, release, 'withdrawn'),
      ),
      'kwanus.integration.integration-suspended.v1': on(IntegrationSuspended, ({ integrationId }) =>
        ended(integrationId, null, 'suspended'),
      ),
      'kwanus.integration.integration-retired.v1': on(IntegrationRetired, ({ integrationId }) =>
        ended(integrationId, null, 'retired'),
      ),
    },
  };
};

const ended = (
  integrationId: string,
  release: string | null,
  cause: ReleaseEnded['cause'],
): ReleaseEnded => ({
  type: 'ReleaseEnded',
  integrationId,
  release,
  cause,
});

function watched(data: z.infer<typeof RolloutRequested>): WatchEvent {
  const { integrationId, release, rolloutId, previous, accountable } = data;
  const { egress, ...declared } = data.watched;
  return {
    type: 'ReleaseWatched',
    integrationId,
    release,
    rolloutId,
    previous,
    accountable,
    watched: egress === undefined ? declared : { ...declared, egress },
  };
}
