import { TOPICS, validationMessages } from '@kwanus/contracts';
import { disuse } from '@kwanus/domain-monitoring';
import type { ConsumerDefinition } from '@kwanus/messaging';
import { disuseStream } from '../disuse/review.due.js';
import { becauseOf, type MonitoringStreams } from '../monitoring-streams.js';
import type { WatchList } from './watch-list.js';

/** What a body decided about permissions: what was taken away is granted no more, and what was kept is not held against for a while. */
export const validationConsumer = (watchList: WatchList, streams: MonitoringStreams): ConsumerDefinition => ({
  name: 'monitoring.validation',
  topic: TOPICS.validation.name,
  source: TOPICS.validation.owner,
  handlers: {
    'kwanus.validation.revocation-decided.v1': async (message, { commandId }) => {
      const decided = validationMessages.RevocationDecided.parse(message.data);
      const { integrationId, release, permission, decision, releases, ground, at } = decided;
      if (decision === 'accepted')
        await watchList.record(
          { type: 'GrantRevoked', integrationId, releases, permission },
          message,
          commandId,
        );
      if (ground !== 'unused') return;
      await streams.handle({
        decider: disuse,
        streamId: disuseStream(integrationId),
        routingKey: integrationId,
        command: { type: 'SettleDisuse', integrationId, release, permission, decision, at },
        metadata: {
          ...becauseOf(commandId, message.id),
          commandId,
          correlationId: message.correlationId,
        },
      });
    },
  },
});
