import type { Folded, OpenWindows, ReleaseWindow, WindowTotals } from '@kwanus/domain-monitoring';
import { Injectable } from '@nestjs/common';
import { KnownIds } from './known-ids.js';
import type { Partition } from './partition.js';
import { TELEMETRY_SCHEMA, TelemetryLog } from './telemetry-log.js';

interface ProgressRow {
  readonly integration_id: string;
  readonly highest_ms: string;
  readonly sealed_until_ms: string;
}
interface WindowRow {
  readonly integration_id: string;
  readonly release: string;
  readonly from_ms: string;
  readonly to_ms: string;
  readonly totals: string;
}

/** What is not sealed yet, and how far each partition was read. Every method joins the active unit of work. */
@Injectable()
export class OpenWindowsStore {
  /** What was counted of late, by id. */
  readonly ids: KnownIds;

  constructor(private readonly log: TelemetryLog) {
    this.ids = new KnownIds(log);
  }

  /** Keeps all others out of the partition until the transaction ends; assigns no transaction id, so it may come before the log's locks. */
  async lock({ topic, partition }: Partition): Promise<void> {
    await this.log.work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `${TELEMETRY_SCHEMA} ${topic}/${partition}`,
    ]);
  }

  /**
   * Keeps all others out of the integrations' windows. An integration has one partition where every producer hashes keys as Kafka
   * does; a client of another habit may spread it over several, whose members then take turns.
   */
  async lockIntegrations(integrations: readonly string[]): Promise<void> {
    await this.log.work.query(
      `SELECT pg_advisory_xact_lock(key) FROM (
         SELECT DISTINCT hashtextextended($1 || name, 0) AS key FROM unnest($2::text[]) AS i(name) ORDER BY key) AS k`,
      [`${TELEMETRY_SCHEMA} integration `, integrations],
    );
  }

  /** @returns the last position whose message was counted; null before the first */
  async lastPosition({ topic, partition }: Partition): Promise<string | null> {
    const rows = await this.log.work.query<{ last_position: string }>(
      `SELECT last_position FROM ${TELEMETRY_SCHEMA}.telemetry_offset WHERE topic = $1 AND partition = $2`,
      [topic, partition],
    );
    return rows[0]?.last_position ?? null;
  }

  /** Remembers that everything up to the position was counted. */
  async moveTo({ topic, partition }: Partition, position: string): Promise<void> {
    await this.log.work.query(
      `INSERT INTO ${TELEMETRY_SCHEMA}.telemetry_offset (topic, partition, last_position) VALUES ($1, $2, $3)
       ON CONFLICT (topic, partition) DO UPDATE SET last_position = EXCLUDED.last_position`,
      [topic, partition, position],
    );
  }

  /** Begins a partition anew, unless somebody else has moved it on meanwhile. */
  async forgetPosition({ topic, partition }: Partition, position: string): Promise<void> {
    await this.log.work.query(
      `DELETE FROM ${TELEMETRY_SCHEMA}.telemetry_offset WHERE topic = $1 AND partition = $2 AND last_position = $3`,
      [topic, partition, position],
    );
  }

  /** @returns progress and open windows of the integrations */
  async load(integrations: readonly string[]): Promise<OpenWindows> {
    const progress = await this.log.work.query<ProgressRow>(
      `SELECT integration_id, highest_ms, sealed_until_ms FROM ${TELEMETRY_SCHEMA}.telemetry_progress
       WHERE integration_id = ANY($1) ORDER BY integration_id`,
      [integrations],
    );
    const windows = await this.log.work.query<WindowRow>(
      `SELECT integration_id, release, from_ms, to_ms, totals FROM ${TELEMETRY_SCHEMA}.open_window
       WHERE integration_id = ANY($1) ORDER BY from_ms, integration_id, release`,
      [integrations],
    );
    return {
      progress: progress.map((row) => ({
        integration: row.integration_id,
        highest: Number(row.highest_ms),
        sealedUntil: Number(row.sealed_until_ms),
      })),
      open: windows.map(toWindow),
    };
  }

  /** @returns integrations of which a window that ended before `endedBefore` is still open, with their partition */
  async overdue(endedBefore: number): Promise<readonly (Partition & { readonly integration: string })[]> {
    return this.log.work.query(
      `SELECT DISTINCT p.topic, p.partition, p.integration_id AS integration
       FROM ${TELEMETRY_SCHEMA}.open_window w JOIN ${TELEMETRY_SCHEMA}.telemetry_progress p USING (integration_id)
       WHERE w.to_ms <= $1 ORDER BY p.topic, p.partition, p.integration_id LIMIT 500`,
      [endedBefore],
    );
  }

  /** Writes what the fold left open and takes away what it sealed. */
  async save({ topic, partition }: Partition, { progress, open, sealed }: Folded): Promise<void> {
    await this.log.work.query(
      `INSERT INTO ${TELEMETRY_SCHEMA}.telemetry_progress (integration_id, topic, partition, highest_ms, sealed_until_ms)
       SELECT p.integration, $1, $2, p.highest, p.sealed FROM unnest($3::text[], $4::bigint[], $5::bigint[])
         AS p(integration, highest, sealed)
       ON CONFLICT (integration_id) DO UPDATE SET topic = EXCLUDED.topic, partition = EXCLUDED.partition,
         highest_ms = EXCLUDED.highest_ms, sealed_until_ms = EXCLUDED.sealed_until_ms`,
      [
        topic,
        partition,
        progress.map(({ integration }) => integration),
        progress.map(({ highest }) => highest),
        progress.map(({ sealedUntil }) => Math.floor(sealedUntil)),
      ],
    );
    if (sealed.length > 0) await this.remove(sealed);
    if (open.length > 0) await this.put(open);
  }

  /** Counts messages that were not taken, by reason. */
  async countRefused(
    { topic, partition }: Partition,
    counts: Readonly<Record<string, number>>,
  ): Promise<void> {
    const present = Object.entries(counts).filter(([, count]) => count > 0);
    if (present.length === 0) return;
    await this.log.work.query(
      `INSERT INTO ${TELEMETRY_SCHEMA}.telemetry_refused AS r (topic, partition, reason, count)
       SELECT $1, $2, n.reason, n.count FROM unnest($3::text[], $4::bigint[]) AS n(reason, count)
       ON CONFLICT (topic, partition, reason) DO UPDATE SET count = r.count + EXCLUDED.count`,
      [topic, partition, present.map(([reason]) => reason), present.map(([, count]) => count)],
    );
  }

  /** @returns how many messages were not taken, by reason, over all partitions */
  async refused(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.log.work.query<{ reason: string; count: string }>(
      `SELECT reason, sum(count) AS count FROM ${TELEMETRY_SCHEMA}.telemetry_refused GROUP BY reason ORDER BY reason`,
    );
    return Object.fromEntries(rows.map(({ reason, count }) => [reason, Number(count)]));
  }

  private async put(open: readonly ReleaseWindow[]): Promise<void> {
    await this.log.work.query(
      `INSERT INTO ${TELEMETRY_SCHEMA}.open_window (integration_id, release, from_ms, to_ms, totals)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
       ON CONFLICT (integration_id, release, from_ms) DO UPDATE SET totals = EXCLUDED.totals`,
      [...keysOf(open), open.map(({ to }) => to), open.map(({ totals }) => JSON.stringify(totals))],
    );
  }

  private async remove(sealed: readonly ReleaseWindow[]): Promise<void> {
    await this.log.work.query(
      `DELETE FROM ${TELEMETRY_SCHEMA}.open_window w
       USING unnest($1::text[], $2::text[], $3::bigint[]) AS s(integration_id, release, from_ms)
       WHERE w.integration_id = s.integration_id AND w.release = s.release AND w.from_ms = s.from_ms`,
      keysOf(sealed),
    );
  }
}

const keysOf = (windows: readonly ReleaseWindow[]): [string[], string[], number[]] => [
  windows.map(({ integration }) => integration),
  windows.map(({ release }) => release),
  windows.map(({ from }) => from),
];

const toWindow = (row: WindowRow): ReleaseWindow => ({
  integration: row.integration_id,
  release: row.release,
  from: Number(row.from_ms),
  to: Number(row.to_ms),
  totals: JSON.parse(row.totals) as WindowTotals,
});
