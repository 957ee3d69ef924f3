import type { EventLog } from '@kwanus/event-store';
import { type ConsumerDefinition, type Publisher, publishAs } from '@kwanus/messaging';

export const TOPIC = 'kwanus.integration';
export const SOURCE = 'kwanus/intake';
export const WITHDRAWN = 'kwanus.integration.release-withdrawn.v1';

/** Handlers that append `Noted` to a stream per integration: what was noted, and by whom. */
export function noting(log: EventLog, consumer: string, by = ''): ConsumerDefinition['handlers'] {
  return {
    [WITHDRAWN]: async ({ key, data }, { metadata }) => {
      await log.store.append({
        streamId: `notes-${consumer}.${key}`,
        streamType: 'notes',
        routingKey: key,
        expectedVersion: 'any',
        events: [{ type: 'Noted', data: { reason: data['reason'] ?? null, by } }],
        metadata,
      });
    },
  };
}

/** Messages keep the types of `kwanus.integration`, whatever topic they go to. */
export function publisherTo(topic: string): Publisher {
  const publisher = publishAs(TOPIC, ['Hidden']);
  return (event) => {
    const form = publisher(event);
    return form === null ? null : { ...form, topic };
  };
}
