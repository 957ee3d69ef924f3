import type { Position, UnitOfWork } from '@kwanus/event-store';
import type { Timestamp } from '@kwanus/kernel';
import { RelayFenced } from './errors.js';

const SUBSCRIBER = 'relay';

interface CheckpointRow {
  epoch: number;
  xid: string;
  global_position: string;
  fence: string;
}

interface ProgressRow {
  epoch: number;
  xid: string;
  global_position: string;
  behind: number;
  oldest: string | null;
}

/** How far the log has been published, whichever process publishes it. */
export interface RelayProgress {
  /** The last event that the transport has; null: none yet. */
  readonly position: Position | null;
  /** Events that wait, counted to 10 000. */
  readonly behind: number;
  /** When the oldest of them was recorded. */
  readonly oldest: Timestamp | null;
}

const COUNTED = 10_000;

/** How far a log has been published, and by which relay. */
export class RelayCheckpoint {
  private fence = '';
  private readonly table: string;
  private readonly events: string;

  constructor(
    private readonly work: UnitOfWork,
    private readonly service: string,
    schema: string,
  ) {
    const quoted = `"${schema.replaceAll('"', '""')}"`;
    this.table = `${quoted}.es_checkpoint`;
    this.events = `${quoted}.es_event`;
  }

  /** Raises the fence: whoever published before can't move the checkpoint any more. @returns where to go on; null: at the beginning */
  async takeOver(): Promise<Position | null> {
    const [row] = await this.work.query<CheckpointRow>(
      `INSERT INTO ${this.table} AS c (subscriber, version, epoch, xid, global_position, fence)
       VALUES ($1, 1, 0, '0'::xid8, 0, 1)
       ON CONFLICT (subscriber, version) DO UPDATE SET fence = c.fence + 1
       RETURNING epoch, xid::text AS xid, global_position::text AS global_position, fence::text AS fence`,
      [SUBSCRIBER],
    );
    this.fence = row?.fence ?? '';
    return row === undefined || row.global_position === '0'
      ? null
      : { epoch: row.epoch, xid: row.xid, globalPosition: row.global_position };
  }

  /** Joins the active unit of work: back to the beginning of the log. Whoever publishes is fenced, and begins there. */
  async rewind(): Promise<void> {
    await this.work.query(
      `INSERT INTO ${this.table} AS c (subscriber, version, epoch, xid, global_position, fence) VALUES ($1, 1, 0, '0'::xid8, 0, 1)
       ON CONFLICT (subscriber, version) DO UPDATE
         SET epoch = excluded.epoch, xid = excluded.xid, global_position = excluded.global_position, fence = c.fence + 1`,
      [SUBSCRIBER],
    );
  }

  /** Without taking it over: what any process may ask. */
  async read(): Promise<RelayProgress> {
    const [row] = await this.work.query<ProgressRow>(
      `SELECT c.epoch, c.xid::text AS xid, c.global_position::text AS global_position, waiting.behind,
              to_char(waiting.oldest AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS oldest
         FROM (SELECT coalesce(max(epoch), 0)::smallint AS epoch, coalesce(max(xid), '0'::xid8) AS xid, coalesce(max(global_position), 0) AS global_position
                 FROM ${this.table} WHERE subscriber = $1 AND version = 1) c,
         LATERAL (SELECT count(*)::int AS behind, min(recorded_at) AS oldest FROM (
           SELECT e.recorded_at FROM ${this.events} e WHERE (e.epoch, e.xid, e.global_position) > (c.epoch, c.xid, c.global_position)
            ORDER BY e.epoch, e.xid, e.global_position LIMIT ${COUNTED}) first) waiting`,
      [SUBSCRIBER],
    );
    if (row === undefined) return { position: null, behind: 0, oldest: null };
    const { epoch, xid, global_position: globalPosition, behind, oldest } = row;
    return { position: globalPosition === '0' ? null : { epoch, xid, globalPosition }, behind, oldest };
  }

  /**
   * Does not wait for the disk: what a crash of the server takes back is sent again, which consumers bear.
   * @throws RelayFenced
   */
  async move(to: Position): Promise<void> {
    const rows = await this.work.query(
      `WITH moved AS (
         UPDATE ${this.table} SET epoch = $3, xid = $4::text::xid8, global_position = $5
         WHERE subscriber = $1 AND version = 1 AND fence = $2::bigint RETURNING set_config('synchronous_commit', 'off', true))
       SELECT * FROM moved`,
      [SUBSCRIBER, this.fence, to.epoch, to.xid, to.globalPosition],
    );
    if (rows.length === 0) throw new RelayFenced(this.service);
  }
}
