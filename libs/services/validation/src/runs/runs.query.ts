import type { validationHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

export type RunSummary = z.infer<typeof validationHttp.RunSummary>;

/** Which runs. */
export interface RunFilter {
  /** Whose; null: everybody's. */
  readonly partner: string | null;
  readonly integrationId?: string | undefined;
  readonly release?: string | undefined;
  readonly outcome?: string | undefined;
  /** When the last one of the page before was asked for, and its id. */
  readonly after: readonly [string, string] | null;
  readonly limit: number;
}

interface Row {
  readonly run_id: string;
  readonly integration_id: string;
  readonly release: string;
  readonly purpose: RunSummary['purpose'];
  readonly task: string | null;
  readonly status: RunSummary['status'];
  readonly outcome: RunSummary['outcome'];
  readonly finished: number;
  readonly total: number | null;
  readonly requested_at: string;
  readonly stream_version: number;
}

/** Reads runs. */
@Injectable()
export class RunsQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns runs, the latest first */
  async list({
    partner,
    integrationId,
    release,
    outcome,
    after,
    limit,
  }: RunFilter): Promise<readonly RunSummary[]> {
    const rows = await this.work.query<Row>(
      `SELECT * FROM validation_read.run
       WHERE ($1::text IS NULL OR split_part(integration_id, '.', 1) = $1) AND ($2::text IS NULL OR integration_id = $2)
         AND ($3::text IS NULL OR release = $3) AND ($4::text IS NULL OR outcome = $4)
         AND ($5::text IS NULL OR (requested_at, run_id) < ($5, $6))
       ORDER BY requested_at DESC, run_id DESC LIMIT $7`,
      [
        partner,
        integrationId ?? null,
        release ?? null,
        outcome ?? null,
        after?.[0] ?? null,
        after?.[1] ?? null,
        limit,
      ],
    );
    return rows.map((row) => ({
      runId: row.run_id,
      integrationId: row.integration_id,
      release: row.release,
      purpose: row.purpose,
      task: row.task,
      status: row.status,
      outcome: row.outcome,
      checksFinished: row.finished,
      checksTotal: row.total,
      requestedAt: row.requested_at,
      version: row.stream_version,
    }));
  }
}
