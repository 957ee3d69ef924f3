import type { monitoringHttp } from '@kwanus/contracts';
import { UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** An alert as it is answered. */
export type AlertView = z.infer<typeof monitoringHttp.AlertView>;

/** Which alerts. */
export interface AlertFilter {
  /** Whose; null: everybody's. */
  readonly partner: string | null;
  readonly integrationId?: string | undefined;
  readonly release?: string | undefined;
  readonly status?: AlertView['status'] | undefined;
  /** raisedAt and id of the last one of the page before. */
  readonly after: readonly [string, string] | null;
  readonly limit: number;
}

interface Row {
  readonly alert_id: string;
  readonly integration_id: string;
  readonly release: string;
  readonly severity: AlertView['severity'];
  readonly signal: string;
  readonly status: AlertView['status'];
  readonly reason: string;
  readonly numbers: string;
  readonly raised_at: string;
  readonly raised_times: number;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_reason: string | null;
  readonly resolved_at: string | null;
  readonly resolved_reason: string | null;
  readonly delivery: AlertView['delivery'];
  readonly stream_version: number;
}

/** Reads alerts. */
@Injectable()
export class AlertsQuery {
  constructor(private readonly work: UnitOfWork) {}

  /** @returns alerts, the latest first */
  async list(filter: AlertFilter): Promise<readonly AlertView[]> {
    const rows = await this.work.query<Row>(
      `SELECT * FROM monitoring_read.alert
       WHERE ($1::text IS NULL OR split_part(integration_id, '.', 1) = $1) AND ($2::text IS NULL OR integration_id = $2)
         AND ($3::text IS NULL OR release = $3) AND ($4::text IS NULL OR status = $4)
         AND ($5::text IS NULL OR (raised_at, alert_id) < ($5, $6))
       ORDER BY raised_at DESC, alert_id DESC LIMIT $7`,
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
    return rows.map(toView);
  }

  /** @returns the alert; null when there is none, or it is another partner's */
  async find(alertId: string, partner: string | null): Promise<AlertView | null> {
    const [row] = await this.work.query<Row>(
      `SELECT * FROM monitoring_read.alert
       WHERE alert_id = $1 AND ($2::text IS NULL OR split_part(integration_id, '.', 1) = $2)`,
      [alertId, partner],
    );
    return row === undefined ? null : toView(row);
  }
}

const toView = (row: Row): AlertView => ({
  alertId: row.alert_id,
  integrationId: row.integration_id,
  release: row.release,
  severity: row.severity,
  signal: row.signal,
  status: row.status,
  reason: row.reason,
  numbers: JSON.parse(row.numbers) as AlertView['numbers'],
  raisedAt: row.raised_at,
  raisedTimes: row.raised_times,
  acknowledged:
    row.acknowledged_by === null
      ? null
      : {
          by: row.acknowledged_by,
          at: row.acknowledged_at ?? row.raised_at,
          reason: row.acknowledged_reason ?? '',
        },
  resolved: row.resolved_at === null ? null : { at: row.resolved_at, reason: row.resolved_reason ?? '' },
  delivery: row.delivery,
  version: row.stream_version,
});
