import { VersionConflict } from '../errors.js';
import type { Appended, AppendRequest, Position, StoredEvent } from '../event.js';
import { EventStore, type LogSlice, type ReadStreamOptions, type StreamSlice } from '../event-store.port.js';
import type { Counters } from '../metrics.js';
import type { LogNames } from '../schema/names.js';
import { TENANT } from '../tenant.js';
import { appendParameters } from './append-parameters.js';
import { instant } from './instant.js';
import { appendError, isGuard } from './pg-errors.js';
import { EVENT_COLUMNS, type EventRow, timestampOf, toStoredEvent, toTimestamp } from './rows.js';
import type { PostgresUnitOfWork } from './unit-of-work.js';
import type { Upcasters } from './upcasters.js';

const CLOCK_LEAD_US = 1_000_000n;
/** Of data and meta, read at once in global order; the event that passes it is the last one. A relay holds two such slices. */
const SLICE_BYTES = 8 * 1024 * 1024;

/** The statements of one log; the hot ones are prepared in each connection. */
export const logStatements = ({ quoted: s }: LogNames) => ({
  appendOne: `SELECT ${s}.es_append_one($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14) AS result`,
  appendSeveral: `SELECT ${s}.es_append_several($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14) AS result`,
  readStream: `SELECT ${EVENT_COLUMNS} FROM ${s}.es_event e WHERE e.tenant_id = $1 AND e.stream_id = $2 AND e.version >= $3 ORDER BY e.version`,
  readSlice: `SELECT ${EVENT_COLUMNS} FROM ${s}.es_event e WHERE e.tenant_id = $1 AND e.stream_id = $2 AND e.version >= $3
    AND e.version <= coalesce($4, 9223372036854775807) AND e.recorded_at <= coalesce($5::timestamptz, 'infinity') ORDER BY e.version`,
  headVersion: `SELECT version FROM ${s}.es_stream WHERE tenant_id = $1 AND stream_id = $2`,
  findCommand: `SELECT e.version, e.event_id, (e.recorded_at AT TIME ZONE 'UTC')::text AS recorded_at FROM ${s}.es_event e
    WHERE e.tenant_id = $1 AND e.stream_id = $2 AND e.command_id = $3 ORDER BY e.command_index`,
  // Horizon and rows from one statement on one server. ORDER BY e.xid, never the text of the select list.
  // octet_length asks a value's header for its length: what is not returned is not decompressed.
  readAll: `SELECT slice.* FROM (SELECT ${EVENT_COLUMNS}, sum(octet_length(e.data) + octet_length(e.meta))
        OVER (ORDER BY e.epoch, e.xid, e.global_position ROWS UNBOUNDED PRECEDING) AS bytes_read FROM ${s}.es_event e
    WHERE (e.epoch, e.xid, e.global_position) > ($1::smallint, $2::xid8, $3::bigint)
      AND (e.epoch, e.xid) < ((SELECT l.epoch FROM ${s}.es_log l), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY e.epoch, e.xid, e.global_position LIMIT $4) slice
    WHERE slice.bytes_read - octet_length(slice.data) - octet_length(slice.meta) < ${SLICE_BYTES}`,
  // The very last event tells whether any waits for the horizon: EXISTS would be answered by reading the log from its beginning.
  newest: `SELECT n.epoch, n.xid, n.global_position,
      coalesce((SELECT (e.epoch, e.xid) >= ((SELECT l.epoch FROM ${s}.es_log l), pg_snapshot_xmin(pg_current_snapshot()))
        FROM ${s}.es_event e ORDER BY e.epoch DESC, e.xid DESC, e.global_position DESC LIMIT 1), false) AS pending
    FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT e.epoch, e.xid::text AS xid, e.global_position FROM ${s}.es_event e
      WHERE (e.epoch, e.xid) < ((SELECT l.epoch FROM ${s}.es_log l), pg_snapshot_xmin(pg_current_snapshot()))
      ORDER BY e.epoch DESC, e.xid DESC, e.global_position DESC LIMIT 1) n ON true`,
});

/** The statements of one log. */
export type LogStatements = ReturnType<typeof logStatements>;

/** The log in PostgreSQL. */
export class PostgresEventStore extends EventStore {
  constructor(
    private readonly work: PostgresUnitOfWork,
    private readonly sql: LogStatements,
    private readonly upcasters: Upcasters,
    private readonly counters: Counters,
  ) {
    super();
  }

  async append(request: AppendRequest): Promise<Appended> {
    const { streamId, events, metadata, expectedVersion } = request;
    const parameters = appendParameters(request);
    const statement = events.length === 1 ? this.sql.appendOne : this.sql.appendSeveral;
    try {
      const [row] = await this.work.query<{ result: string }>(statement, parameters);
      const appended = parseResult(streamId, row?.result ?? '');
      if (!appended.duplicate) this.work.noteAppend(streamId);
      this.#count(appended, events.length);
      return appended;
    } catch (error) {
      if (isGuard(error) && !this.work.active) this.counters.guard.add(1);
      const failed = { streamId, commandId: metadata.commandId, expected: String(expectedVersion) };
      const thrown = appendError(error, failed);
      this.work.noteFailedAppend(streamId, { thrown: error, means: thrown });
      if (thrown instanceof VersionConflict) this.counters.conflicts.add(1);
      if (thrown !== error) this.counters.refusals.add(1, { reason: (thrown as Error).name });
      throw thrown;
    }
  }

  async readStream(streamId: string, options: ReadStreamOptions = {}): Promise<StreamSlice> {
    const { fromVersion = 1, toVersion = null } = options;
    const at = options.at === undefined ? null : instant(options.at);
    const whole = toVersion === null && at === null;
    const rows = whole
      ? await this.work.query<EventRow>(this.sql.readStream, [TENANT, streamId, fromVersion])
      : await this.work.query<EventRow>(this.sql.readSlice, [TENANT, streamId, fromVersion, toVersion, at]);
    const events = rows.map((row) => this.#stored(row));
    const last = events.at(-1);
    if (last !== undefined) return { version: last.version, events };
    return { version: whole && fromVersion > 1 ? await this.#head(streamId) : 0, events };
  }

  async findCommand(streamId: string, commandId: string): Promise<Appended | null> {
    const rows = await this.work.query<{ version: string; event_id: string; recorded_at: string }>(
      this.sql.findCommand,
      [TENANT, streamId, commandId],
    );
    const last = rows.at(-1);
    if (last === undefined) return null;
    return {
      streamId,
      version: Number(last.version),
      eventIds: rows.map(({ event_id }) => event_id),
      recordedAt: toTimestamp(last.recorded_at),
      duplicate: true,
    };
  }

  async readAll(after: Position | null, limit: number): Promise<LogSlice> {
    const rows = await this.work.query<EventRow & { readonly bytes_read: string }>(this.sql.readAll, [
      after?.epoch ?? 0,
      after?.xid ?? '0',
      after?.globalPosition ?? '0',
      limit,
    ]);
    const full = rows.length === limit || Number(rows.at(-1)?.bytes_read ?? 0) >= SLICE_BYTES;
    return { events: rows.map((row) => this.#stored(row)), full };
  }

  #stored(row: EventRow): StoredEvent {
    return this.upcasters.apply(toStoredEvent(row));
  }

  async #head(streamId: string): Promise<number> {
    const [row] = await this.work.query<{ version: string }>(this.sql.headVersion, [TENANT, streamId]);
    return Number(row?.version ?? 0);
  }

  #count({ duplicate, recordedAt }: Appended, events: number): void {
    if (duplicate) {
      this.counters.duplicates.add(1);
      return;
    }
    this.counters.appends.add(events);
    if (Date.parse(recordedAt) - Date.now() > Number(CLOCK_LEAD_US / 1000n)) this.counters.clockLead.add(1);
  }
}

function parseResult(streamId: string, result: string): Appended {
  const [version = '', duplicate, recordedAt = '', ids = ''] = result.split(' ');
  return {
    streamId,
    version: Number(version),
    eventIds: ids.split(','),
    recordedAt: timestampOf(BigInt(recordedAt)),
    duplicate: duplicate === '1',
  };
}
