import { partnerIn } from '@kwanus/auth';
import { asEvent, describe } from '@kwanus/domain-integration';
import type { Projection, StoredEvent } from '@kwanus/event-store';
import { integrationOf } from '../integration-streams.js';
import type { ActivityLine } from './activity.query.js';

/** What happened, in the order of the log, as one line each. */
export const activity: Projection = {
  name: 'activity',
  version: 1,
  tables: {
    activity: (table) =>
      `CREATE TABLE ${table} (sequence bigint PRIMARY KEY, event_id uuid NOT NULL UNIQUE, partner text NOT NULL, integration_id text NOT NULL,
         event text NOT NULL, UNIQUE (partner, sequence), UNIQUE (integration_id, sequence))`,
  },
  apply: async (stored, write) => {
    const integrationId = integrationOf(stored.streamId);
    if (integrationId === null) return;
    const table = write.table('activity');
    await write.query(
      `INSERT INTO ${table} (sequence, event_id, partner, integration_id, event)
       SELECT coalesce(max(sequence), 0) + 1, $1, $2, $3, $4 FROM ${table}`,
      [
        stored.eventId,
        partnerIn(integrationId),
        integrationId,
        JSON.stringify(lineOf(stored, integrationId)),
      ],
    );
  },
};

function lineOf(stored: StoredEvent, integrationId: string): ActivityLine['event'] {
  const { version, eventId, type, data, recordedAt } = stored;
  const release = data['release'];
  return {
    integrationId,
    number: version,
    eventId,
    type,
    release: typeof release === 'string' ? release : null,
    sentence: describe(asEvent(stored)),
    recordedAt,
  };
}
