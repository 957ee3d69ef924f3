import type { rolloutHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** A release as it is answered. */
export type ReleaseView = z.infer<typeof rolloutHttp.ReleaseView>;

/** Which releases. */
export interface ReleaseFilter {
  /** Whose; null: everybody's. */
  readonly partner: string | null;
  readonly integrationId?: string | undefined;
  readonly release?: string | undefined;
  /** When the last one of the page before was recorded, its integration and version. */
  readonly after: readonly [string, string, string] | null;
  readonly limit: number;
}

interface Row {
  readonly integration_id: string;
  readonly release: string;
  readonly previous: string | null;
  readonly subject: ReleaseView['subject'];
  readonly record: string;
  readonly risk: string;
  readonly accountable: string;
  readonly recorded_at: string;
  readonly withdrawn: boolean;
  readonly stream_version: number;
  readonly rollouts: string;
}

/** Reads the records of releases. */
@Injectable()
export class ReleasesQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns releases, the latest first */
  async list(filter: ReleaseFilter): Promise<readonly ReleaseView[]> {
    const rows = await this.work.query<Row>(
      `SELECT r.*, coalesce((SELECT json_agg(json_build_object('rolloutId', o.rollout_id, 'openedAt', o.opened_at)
           ORDER BY o.opened_at, o.rollout_id) FROM rollout_read.release_rollout o
           WHERE o.integration_id = r.integration_id AND o.release = r.release), '[]')::text AS rollouts
       FROM rollout_read.release r
       WHERE ($1::text IS NULL OR split_part(r.integration_id, '.', 1) = $1)
         AND ($2::text IS NULL OR r.integration_id = $2) AND ($3::text IS NULL OR r.release = $3)
         AND ($4::text IS NULL OR (r.recorded_at, r.integration_id, r.release) < ($4, $5, $6))
       ORDER BY r.recorded_at DESC, r.integration_id DESC, r.release DESC LIMIT $7`,
      [
        filter.partner,
        filter.integrationId ?? null,
        filter.release ?? null,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.after?.[2] ?? null,
        filter.limit,
      ],
    );
    return rows.map(toView);
  }
}

const toView = (row: Row): ReleaseView => ({
  integrationId: row.integration_id,
  release: row.release,
  previous: row.previous,
  subject: row.subject,
  record: JSON.parse(row.record) as ReleaseView['record'],
  risk: JSON.parse(row.risk) as ReleaseView['risk'],
  accountable: JSON.parse(row.accountable) as ReleaseView['accountable'],
  recordedAt: row.recorded_at,
  rollouts: JSON.parse(row.rollouts) as ReleaseView['rollouts'],
  withdrawn: row.withdrawn,
  version: row.stream_version,
});
