import type { JsonObject } from '@kwanus/kernel';
import type { EventMetadata, StoredEvent } from '../event.js';
import { streamTypeOf } from './stream-id.js';

/** An event as SQL gives it: what stands in meta too is read from there alone. */
export interface EventRow {
  readonly epoch: number;
  readonly xid: string;
  readonly global_position: string;
  readonly tenant_id: string;
  readonly stream_id: string;
  readonly version: string;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: string;
  readonly meta: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** Column list that fills an EventRow from `es_event e`. Times as text: a JavaScript Date would lose their microseconds. */
export const EVENT_COLUMNS = `e.epoch, e.xid::text AS xid, e.global_position, e.tenant_id, e.stream_id, e.version, e.event_id, e.type,
  e.schema_version, e.data, e.meta, (e.occurred_at AT TIME ZONE 'UTC')::text AS occurred_at,
  (e.recorded_at AT TIME ZONE 'UTC')::text AS recorded_at, encode(e.prev_hash, 'hex') AS prev_hash, encode(e.hash, 'hex') AS hash`;

/** @returns the event as it was stored, before upcasting */
export function toStoredEvent(row: EventRow): StoredEvent {
  const metadata = JSON.parse(row.meta) as EventMetadata;
  return {
    position: { epoch: row.epoch, xid: row.xid, globalPosition: row.global_position },
    tenantId: row.tenant_id,
    streamId: row.stream_id,
    streamType: streamTypeOf(row.stream_id),
    version: Number(row.version),
    routingKey: metadata.routingKey,
    eventId: row.event_id,
    type: row.type,
    schemaVersion: row.schema_version,
    data: JSON.parse(row.data) as JsonObject,
    metadata,
    occurredAt: toTimestamp(row.occurred_at),
    recordedAt: toTimestamp(row.recorded_at),
    prevHash: row.prev_hash,
    hash: row.hash,
  };
}

/** @returns `2026-11-23T10:00:00.123456Z` for PostgreSQL's `2026-11-23 10:00:00.123456` */
export function toTimestamp(text: string): string {
  const fraction = text.slice(20).padEnd(6, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
}

/** @returns the timestamp for microseconds since 1970 */
export function timestampOf(microseconds: bigint): string {
  const below = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (microseconds - below) / 1_000n;
  return `${new Date(Number(seconds)).toISOString().slice(0, 19)}.${below.toString().padStart(6, '0')}Z`;
}
