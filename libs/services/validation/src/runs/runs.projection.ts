import { type Projection, type ProjectionWriter, type StoredEvent } from '@kwanus/event-store';

/** Runs as lists show them. */
export const runsProjection: Projection = {
  name: 'runs',
  version: 2,
  tables: {
    run: (name) => `CREATE TABLE ${name} (
      run_id text PRIMARY KEY, integration_id text NOT NULL, release text NOT NULL, purpose text NOT NULL, task text,
      status text NOT NULL, outcome text, finished integer NOT NULL, total integer, requested_at text NOT NULL,
      stream_version integer NOT NULL)`,
  },
  apply: async (event, write) => {
    if (event.streamType !== 'validation') return;
    await APPLY[event.type]?.(event, write);
  },
};

const APPLY: Readonly<Record<string, (event: StoredEvent, write: ProjectionWriter) => Promise<unknown>>> = {
  RunRequested: ({ data, recordedAt, version }, write) =>
    write.query(
      `INSERT INTO ${write.table('run')} (run_id, integration_id, release, purpose, task, status, outcome, finished, total, requested_at, stream_version)
       VALUES ($1, $2, $3, $4, $5, 'requested', NULL, 0, NULL, $6, $7)`,
      [
        data['runId'],
        data['integrationId'],
        data['release'],
        data['purpose'],
        data['task'],
        recordedAt,
        version,
      ],
    ),
  RunStarted: ({ data, version }, write) =>
    write.query(
      `UPDATE ${write.table('run')} SET status = 'running', total = $2, stream_version = $3 WHERE run_id = $1`,
      [data['runId'], (data['checks'] as readonly unknown[]).length, version],
    ),
  CheckFinished: ({ data, version }, write) =>
    write.query(
      `UPDATE ${write.table('run')} SET finished = finished + 1, stream_version = $2 WHERE run_id = $1`,
      [data['runId'], version],
    ),
  RunCancelled: ({ data, version }, write) =>
    write.query(
      `UPDATE ${write.table('run')} SET status = 'cancelled', stream_version = $2 WHERE run_id = $1`,
      [data['runId'], version],
    ),
  RunFinished: ({ data, version }, write) =>
    write.query(
      `UPDATE ${write.table('run')} SET status = 'finished', outcome = $2, stream_version = $3 WHERE run_id = $1`,
      [data['runId'], data['outcome'], version],
    ),
};
