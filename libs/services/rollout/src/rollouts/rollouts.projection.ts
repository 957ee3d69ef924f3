import { type Rollout, type RolloutEvent, rollout } from '@kwanus/domain-rollout';
import { type Projection, plainEvents } from '@kwanus/event-store';

const { fromStored } = plainEvents<RolloutEvent>();

/** Every rollout as its events have left it: the state itself, beside what lists are filtered by. */
export const rollouts: Projection = {
  name: 'rollouts',
  version: 2,
  tables: {
    rollout: (name) => `CREATE TABLE ${name} (
      rollout_id text PRIMARY KEY, integration_id text NOT NULL, release text NOT NULL, status text NOT NULL,
      asked_at text NOT NULL, state text NOT NULL, stream_version integer NOT NULL)`,
  },
  apply: async (event, write) => {
    if (event.streamType !== 'rollout') return;
    const rolloutId = event.streamId.slice(event.streamId.indexOf('-') + 1);
    const [row] = await write.query<{ readonly state: string }>(
      `SELECT state FROM ${write.table('rollout')} WHERE rollout_id = $1`,
      [rolloutId],
    );
    const before = row === undefined ? rollout.initialState : (JSON.parse(row.state) as Rollout);
    const state = rollout.evolve(before, fromStored(event));
    const origin = state.planned ?? state.refused;
    if (origin === null) return;
    await write.query(
      `INSERT INTO ${write.table('rollout')} (rollout_id, integration_id, release, status, asked_at, state, stream_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (rollout_id) DO UPDATE SET status = EXCLUDED.status, state = EXCLUDED.state,
         stream_version = EXCLUDED.stream_version`,
      [
        rolloutId,
        origin.integrationId,
        origin.release,
        state.status,
        origin.at,
        JSON.stringify(state),
        event.version,
      ],
    );
  },
};
