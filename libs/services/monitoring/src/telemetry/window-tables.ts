import type { ServiceTable } from '@kwanus/service';

const table = (name: string, columns: string): ServiceTable => ({
  name,
  create: (qualifiedName) => `CREATE TABLE IF NOT EXISTS ${qualifiedName} (${columns})`,
});

/** Tables of the telemetry log's schema that hold what is not sealed yet, written in the fold's transaction. */
export const WINDOW_TABLES: readonly ServiceTable[] = [
  table(
    'telemetry_offset',
    `topic text NOT NULL, partition integer NOT NULL, last_position text NOT NULL, PRIMARY KEY (topic, partition)`,
  ),
  table(
    'telemetry_progress',
    `integration_id text PRIMARY KEY, topic text NOT NULL, partition integer NOT NULL,
     highest_ms bigint NOT NULL, sealed_until_ms bigint NOT NULL`,
  ),
  table(
    'open_window',
    `integration_id text NOT NULL, release text NOT NULL, from_ms bigint NOT NULL, to_ms bigint NOT NULL,
     totals text NOT NULL, PRIMARY KEY (integration_id, release, from_ms)`,
  ),
  table(
    'telemetry_refused',
    `topic text NOT NULL, partition integer NOT NULL, reason text NOT NULL, count bigint NOT NULL,
     PRIMARY KEY (topic, partition, reason)`,
  ),
  table(
    'telemetry_ids',
    `topic text NOT NULL, partition integer NOT NULL, counted_ms bigint NOT NULL, last_position text NOT NULL, ids bytea NOT NULL,
     PRIMARY KEY (topic, partition, counted_ms, last_position)`,
  ),
];
