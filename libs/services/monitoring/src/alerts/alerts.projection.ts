import type { Projection, ProjectionWriter, StoredEvent } from '@kwanus/event-store';

/** Alerts with what became of them. */
export const alerts: Projection = {
  name: 'alerts',
  version: 1,
  tables: {
    alert: (name) => `CREATE TABLE ${name} (
      alert_id text PRIMARY KEY, integration_id text NOT NULL, release text NOT NULL, severity text NOT NULL, signal text NOT NULL,
      status text NOT NULL, reason text NOT NULL, numbers text NOT NULL, raised_at text NOT NULL, raised_times integer NOT NULL,
      acknowledged_by text, acknowledged_at text, acknowledged_reason text, resolved_at text, resolved_reason text,
      delivery text NOT NULL, stream_version integer NOT NULL)`,
  },
  apply: async (event, write) => {
    const change = CHANGES[event.type];
    if (change !== undefined) await change(event, write);
  },
};

type Change = (event: StoredEvent, write: ProjectionWriter) => Promise<unknown>;

const text = (event: StoredEvent, key: string): string => {
  const value = event.data[key];
  return typeof value === 'string' ? value : '';
};

const raised: Change = (event, write) =>
  write.query(
    `INSERT INTO ${write.table('alert')} AS a (alert_id, integration_id, release, severity, signal, status, reason, numbers,
       raised_at, raised_times, delivery, stream_version)
     VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, 1, 'none', $9)
     ON CONFLICT (alert_id) DO UPDATE SET status = 'open', reason = EXCLUDED.reason, numbers = EXCLUDED.numbers,
       raised_at = EXCLUDED.raised_at, raised_times = a.raised_times + 1, acknowledged_by = NULL, acknowledged_at = NULL,
       acknowledged_reason = NULL, resolved_at = NULL, resolved_reason = NULL, delivery = 'none',
       stream_version = EXCLUDED.stream_version`,
    [
      text(event, 'alertId'),
      text(event, 'integrationId'),
      text(event, 'release'),
      text(event, 'severity'),
      text(event, 'signal'),
      text(event, 'reason'),
      JSON.stringify(event.data['numbers']),
      event.recordedAt,
      event.version,
    ],
  );

const acknowledged: Change = (event, write) =>
  write.query(
    `UPDATE ${write.table('alert')} SET status = 'acknowledged', acknowledged_by = $2, acknowledged_at = $3,
       acknowledged_reason = $4, stream_version = $5 WHERE alert_id = $1`,
    [text(event, 'alertId'), event.metadata.actor.id, event.recordedAt, text(event, 'reason'), event.version],
  );

const resolved: Change = (event, write) =>
  write.query(
    `UPDATE ${write.table('alert')} SET status = 'resolved', resolved_at = $2, resolved_reason = $3, stream_version = $4
     WHERE alert_id = $1`,
    [text(event, 'alertId'), event.recordedAt, text(event, 'reason'), event.version],
  );

const delivered =
  (delivery: 'delivered' | 'failed'): Change =>
  (event, write) =>
    write.query(`UPDATE ${write.table('alert')} SET delivery = $2 WHERE alert_id = $1`, [
      text(event, 'alertId'),
      delivery,
    ]);

const CHANGES: Readonly<Record<string, Change>> = {
  AlertRaised: raised,
  AlertAcknowledged: acknowledged,
  AlertResolved: resolved,
  AlertDelivered: delivered('delivered'),
  AlertDeliveryFailed: delivered('failed'),
};
