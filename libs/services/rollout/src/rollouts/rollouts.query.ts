import type { Rollout } from '@kwanus/domain-rollout';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { type AnyRolloutView, rolloutView } from './rollout-view.js';

/** Which rollouts. */
export interface RolloutFilter {
  /** Whose; null: everybody's. */
  readonly partner: string | null;
  readonly integrationId?: string | undefined;
  readonly release?: string | undefined;
  readonly status?: string | undefined;
  /** When the last one of the page before was asked for, and its id. */
  readonly after: readonly [string, string] | null;
  readonly limit: number;
}

/** A rollout with the key that lists are sorted by. */
export interface ListedRollout {
  readonly view: AnyRolloutView;
  readonly askedAt: string;
}

interface Row {
  readonly state: string;
  readonly stream_version: number;
  readonly asked_at: string;
}

/** Reads rollouts. */
@Injectable()
export class RolloutsQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns rollouts, the latest first */
  async list(filter: RolloutFilter): Promise<readonly ListedRollout[]> {
    const rows = await this.work.query<Row>(
      `SELECT state, stream_version, asked_at FROM rollout_read.rollout
       WHERE ($1::text IS NULL OR split_part(integration_id, '.', 1) = $1) AND ($2::text IS NULL OR integration_id = $2)
         AND ($3::text IS NULL OR release = $3) AND ($4::text IS NULL OR status = $4)
         AND ($5::text IS NULL OR (asked_at, rollout_id) < ($5, $6))
       ORDER BY asked_at DESC, rollout_id DESC LIMIT $7`,
      [
        filter.partner,
        filter.integrationId ?? null,
        filter.release ?? null,
        filter.status ?? null,
        filter.after?.[0] ?? null,
        filter.after?.[1] ?? null,
        filter.limit,
      ],
    );
    return rows.flatMap((row) => {
      const view = toView(row);
      return view === null ? [] : [{ view, askedAt: row.asked_at }];
    });
  }

  /** @returns the rollout; null when there is none */
  async find(rolloutId: string): Promise<AnyRolloutView | null> {
    const [row] = await this.work.query<Row>(
      'SELECT state, stream_version, asked_at FROM rollout_read.rollout WHERE rollout_id = $1',
      [rolloutId],
    );
    return row === undefined ? null : toView(row);
  }
}

const toView = ({ state, stream_version: version }: Row): AnyRolloutView | null =>
  rolloutView(JSON.parse(state) as Rollout, version);
