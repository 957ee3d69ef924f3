import { mergeTotals, NO_TOTALS, signalCounts, type WindowTotals } from '@kwanus/domain-monitoring';
import type { Projection, ProjectionWriter, StoredEvent } from '@kwanus/event-store';
import { HORIZON_MS } from '../monitoring-rules.js';
import { SLI_CORRECTED, type WindowData, windowOfEvent } from '../telemetry/telemetry-log.js';

/**
 * Sealed windows as sums can be made of them: counts per signal and per permission and window, and everything that a release
 * ever did, added up. Fed from the telemetry log.
 */
export const sealedWindows: Projection = {
  name: 'sealed-windows',
  version: 1,
  tables: {
    window_signal: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, from_ms bigint NOT NULL, signal text NOT NULL, of_name text NOT NULL,
      requests bigint NOT NULL, failures bigint NOT NULL,
      PRIMARY KEY (integration_id, release, from_ms, signal, of_name))`,
    window_permission: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, from_ms bigint NOT NULL, permission text NOT NULL,
      allowed bigint NOT NULL, denied bigint NOT NULL,
      PRIMARY KEY (integration_id, release, from_ms, permission))`,
    release_totals: (name) => `CREATE TABLE ${name} (
      integration_id text NOT NULL, release text NOT NULL, sealed_to_ms bigint NOT NULL, late bigint NOT NULL,
      totals text NOT NULL, PRIMARY KEY (integration_id, release))`,
  },
  apply: async (event, write) => {
    const window = windowOfEvent(event);
    if (window === null) return;
    await addSignals(window, write);
    await addPermissions(window, write);
    await addToRelease(window, event, write);
    await forget(window, write);
  },
};

async function addSignals(
  { integration, release, from, totals }: WindowData,
  write: ProjectionWriter,
): Promise<void> {
  const counts = signalCounts(totals);
  await write.query(
    `INSERT INTO ${write.table('window_signal')} AS w (integration_id, release, from_ms, signal, of_name, requests, failures)
     SELECT $1, $2, $3, s.signal, s.of_name, s.requests, s.failures
     FROM unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[]) AS s(signal, of_name, requests, failures)
     ON CONFLICT (integration_id, release, from_ms, signal, of_name)
       DO UPDATE SET requests = w.requests + EXCLUDED.requests, failures = w.failures + EXCLUDED.failures`,
    [
      integration,
      release,
      from,
      counts.map(({ signal }) => signal),
      counts.map(({ of }) => of ?? ''),
      counts.map(({ requests }) => requests),
      counts.map(({ failures }) => failures),
    ],
  );
}

async function addPermissions(
  { integration, release, from, totals: { permissions } }: WindowData,
  write: ProjectionWriter,
): Promise<void> {
  await write.query(
    `INSERT INTO ${write.table('window_permission')} AS w (integration_id, release, from_ms, permission, allowed, denied)
     SELECT $1, $2, $3, p.permission, p.allowed, p.denied
     FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS p(permission, allowed, denied)
     ON CONFLICT (integration_id, release, from_ms, permission)
       DO UPDATE SET allowed = w.allowed + EXCLUDED.allowed, denied = w.denied + EXCLUDED.denied`,
    [
      integration,
      release,
      from,
      permissions.map(({ name }) => name),
      permissions.map(({ allowed }) => allowed),
      permissions.map(({ denied }) => denied),
    ],
  );
}

async function addToRelease(
  { integration, release, to, totals }: WindowData,
  { type }: StoredEvent,
  write: ProjectionWriter,
): Promise<void> {
  const table = write.table('release_totals');
  const rows = await write.query<{ totals: string }>(
    `SELECT totals FROM ${table} WHERE integration_id = $1 AND release = $2`,
    [integration, release],
  );
  const before = rows[0] === undefined ? NO_TOTALS : (JSON.parse(rows[0].totals) as WindowTotals);
  await write.query(
    `INSERT INTO ${table} AS r (integration_id, release, sealed_to_ms, late, totals) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (integration_id, release) DO UPDATE
       SET sealed_to_ms = greatest(r.sealed_to_ms, EXCLUDED.sealed_to_ms), late = r.late + EXCLUDED.late, totals = EXCLUDED.totals`,
    [
      integration,
      release,
      to,
      type === SLI_CORRECTED ? totals.observations : 0,
      JSON.stringify(mergeTotals(before, totals)),
    ],
  );
}

/** Takes away windows that no objective looks back to; depends on the event alone. */
async function forget({ integration, release, to }: WindowData, write: ProjectionWriter): Promise<void> {
  for (const table of ['window_signal', 'window_permission'])
    await write.query(
      `DELETE FROM ${write.table(table)} WHERE integration_id = $1 AND release = $2 AND from_ms < $3`,
      [integration, release, to - HORIZON_MS],
    );
}
