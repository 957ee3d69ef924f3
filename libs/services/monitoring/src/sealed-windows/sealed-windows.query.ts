import type { CountedSignal, Counts, WindowTotals } from '@kwanus/domain-monitoring';
import { Injectable } from '@nestjs/common';
import { TELEMETRY_LOG, TelemetryLog } from '../telemetry/telemetry-log.js';

const READ = `${TELEMETRY_LOG}_read`;

/** Counts of one signal from a moment to the end asked for. */
export interface SignalSum extends Counts {
  readonly release: string;
  readonly signal: CountedSignal;
  readonly of: string | null;
  readonly since: number;
}

/** Decisions about one permission from a moment to the end asked for. */
export interface PermissionSum {
  readonly permission: string;
  readonly since: number;
  readonly allowed: number;
  readonly denied: number;
}

/** Everything that one release did, over all sealed windows. */
export interface ReleaseTotals {
  readonly integrationId: string;
  readonly release: string;
  readonly sealedTo: number;
  readonly late: number;
  readonly totals: WindowTotals;
}

/** What sums are asked for: of windows that begin at one of `since` or later, and before `before`. */
export interface Question {
  readonly integrationId: string;
  readonly since: readonly number[];
  readonly before: number;
}

interface SumRow {
  readonly release: string;
  readonly signal: CountedSignal;
  readonly of_name: string;
  readonly since: string;
  readonly requests: string;
  readonly failures: string;
}
interface PermissionRow {
  readonly permission: string;
  readonly since: string;
  readonly allowed: string;
  readonly denied: string;
}
interface TotalsRow {
  readonly integration_id: string;
  readonly release: string;
  readonly sealed_to_ms: string;
  readonly late: string;
  readonly totals: string;
}

/** Reads the sealed windows. */
@Injectable()
export class SealedWindowsQuery {
  constructor(private readonly log: TelemetryLog) {}

  /** @returns sums per release, signal and beginning; nothing for what was not heard of */
  async signals(
    { integrationId, since, before }: Question,
    releases: readonly string[],
  ): Promise<readonly SignalSum[]> {
    const rows = await this.log.work.query<SumRow>(
      `SELECT w.release, w.signal, w.of_name, b.since, sum(w.requests) AS requests, sum(w.failures) AS failures
       FROM ${READ}.window_signal w JOIN unnest($3::bigint[]) AS b(since) ON w.from_ms >= b.since
       WHERE w.integration_id = $1 AND w.release = ANY($2) AND w.from_ms >= $5 AND w.from_ms < $4
       GROUP BY w.release, w.signal, w.of_name, b.since ORDER BY w.signal, w.of_name, w.release, b.since`,
      [integrationId, releases, since, before, Math.min(...since)],
    );
    return rows.map((row) => ({
      release: row.release,
      signal: row.signal,
      of: row.of_name === '' ? null : row.of_name,
      since: Number(row.since),
      requests: Number(row.requests),
      failures: Number(row.failures),
    }));
  }

  /** @returns sums per permission and beginning */
  async permissions(
    { integrationId, since, before }: Question,
    release: string,
  ): Promise<readonly PermissionSum[]> {
    const rows = await this.log.work.query<PermissionRow>(
      `SELECT w.permission, b.since, sum(w.allowed) AS allowed, sum(w.denied) AS denied
       FROM ${READ}.window_permission w JOIN unnest($3::bigint[]) AS b(since) ON w.from_ms >= b.since
       WHERE w.integration_id = $1 AND w.release = $2 AND w.from_ms >= $5 AND w.from_ms < $4
       GROUP BY w.permission, b.since ORDER BY w.permission, b.since`,
      [integrationId, release, since, before, Math.min(...since)],
    );
    return rows.map((row) => ({
      permission: row.permission,
      since: Number(row.since),
      allowed: Number(row.allowed),
      denied: Number(row.denied),
    }));
  }

  /** @returns totals of releases after the given one, in the order of integration and release; `partner` sees its own only */
  async releases(filter: {
    readonly integrationId?: string | undefined;
    readonly release?: string | undefined;
    readonly partner: string | null;
    readonly after: readonly [string, string] | null;
    readonly limit: number;
  }): Promise<readonly ReleaseTotals[]> {
    const rows = await this.log.work.query<TotalsRow>(
      `SELECT integration_id, release, sealed_to_ms, late, totals FROM ${READ}.release_totals
       WHERE ($1::text IS NULL OR integration_id = $1) AND ($2::text IS NULL OR release = $2)
         AND ($3::text IS NULL OR split_part(integration_id, '.', 1) = $3)
         AND ($4::text IS NULL OR (integration_id, release) > ($4, $5))
       ORDER BY integration_id, release LIMIT $6`,
      [
        filter.integrationId ?? null,
        filter.release ?? null,
        filter.partner,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.limit,
      ],
    );
    return rows.map((row) => ({
      integrationId: row.integration_id,
      release: row.release,
      sealedTo: Number(row.sealed_to_ms),
      late: Number(row.late),
      totals: JSON.parse(row.totals) as WindowTotals,
    }));
  }
}
