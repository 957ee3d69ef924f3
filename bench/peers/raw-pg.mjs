import { randomUUID } from 'node:crypto';
import pg from 'pg';

const TABLES = `
CREATE SCHEMA raw;
CREATE TABLE raw.stream (stream_id text PRIMARY KEY, version bigint NOT NULL);
CREATE TABLE raw.event (
  global_position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  stream_id text NOT NULL,
  version bigint NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  metadata jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream_id, version)
)`;

// What somebody writes who knows PostgreSQL and wants an expected version, and no idempotency, chain or guard: one round trip.
const APPEND = {
  name: 'append',
  text: `WITH head AS (
      INSERT INTO raw.stream AS s (stream_id, version) VALUES ($1, $2 + cardinality($3::uuid[]))
      ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version WHERE s.version = $2 RETURNING version)
    INSERT INTO raw.event (stream_id, version, event_id, type, data, metadata)
      SELECT $1, $2 + n, id, type, data, metadata
      FROM head, unnest($3::uuid[], $4::text[], $5::jsonb[], $6::jsonb[]) WITH ORDINALITY AS e(id, type, data, metadata, n)
    RETURNING global_position`,
};
const LOAD = {
  name: 'load',
  text: 'SELECT version, event_id, type, data, metadata, recorded_at FROM raw.event WHERE stream_id = $1 ORDER BY version',
};
const READ = {
  name: 'read',
  text: `SELECT global_position, stream_id, version, event_id, type, data, metadata, recorded_at FROM raw.event
    WHERE global_position > $1 AND transaction_id < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY global_position LIMIT 500`,
};

/** Hand-written SQL over the driver that everybody uses. */
export async function open({ url, payload }) {
  const pool = new pg.Pool({ connectionString: url, max: 32 });
  await pool.query(TABLES);
  const metadata = JSON.stringify({ actor: 'service:bench', correlationId: randomUUID() });
  return {
    append: async (stream, count) => {
      const each = Array.from({ length: count });
      const { rowCount } = await pool.query({
        ...APPEND,
        values: [
          stream,
          0,
          each.map(() => randomUUID()),
          each.map(() => 'Measured'),
          each.map(() => JSON.stringify(payload)),
          each.map(() => metadata),
        ],
      });
      if (rowCount !== count) throw new Error(`version conflict on ${stream}`);
    },
    load: async (stream) => (await pool.query({ ...LOAD, values: [stream] })).rows.length,
    readAll: async (onBatch) => {
      for (let after = '0'; ; ) {
        const began = performance.now();
        const { rows } = await pool.query({ ...READ, values: [after] });
        if (rows.length === 0) return;
        after = rows.at(-1).global_position;
        onBatch(rows.length, performance.now() - began);
      }
    },
    close: () => pool.end(),
  };
}
