import {
  evolveFlag,
  type Flag,
  newFlag,
  type RegisterEvent,
  type RolloutEvent,
} from '@kwanus/domain-rollout';
import { type Projection, plainEvents } from '@kwanus/event-store';

const { fromStored } = plainEvents<RegisterEvent | RolloutEvent>();
const STREAMS: ReadonlySet<string> = new Set(['rollout', 'releases']);

/** One flag for each integration: which release is on, and for whom. */
export const flags: Projection = {
  name: 'flags',
  version: 1,
  tables: {
    flag: (name) => `CREATE TABLE ${name} (
      integration_id text PRIMARY KEY, state text NOT NULL, event_position bigint NOT NULL)`,
  },
  apply: async (event, write) => {
    if (!STREAMS.has(event.streamType)) return;
    const { routingKey } = event.metadata;
    const [row] = await write.query<{ readonly state: string }>(
      `SELECT state FROM ${write.table('flag')} WHERE integration_id = $1`,
      [routingKey],
    );
    const before = row === undefined ? newFlag(routingKey) : (JSON.parse(row.state) as Flag);
    const after = evolveFlag(before, fromStored(event));
    if (after === before) return;
    await write.query(
      `INSERT INTO ${write.table('flag')} VALUES ($1, $2, $3)
       ON CONFLICT (integration_id) DO UPDATE SET state = EXCLUDED.state, event_position = EXCLUDED.event_position`,
      [routingKey, JSON.stringify(after), event.position.globalPosition],
    );
  },
};
