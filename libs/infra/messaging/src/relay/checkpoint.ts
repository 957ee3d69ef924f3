import type { Position, UnitOfWork } from '@kwanus/event-store';
import { RelayFenced } from './errors.js';

const SUBSCRIBER = 'relay';

interface CheckpointRow {
  epoch: number;
  xid: string;
  global_position: string;
  fence: string;
}

/** How far a log has been published, and by which relay. */
export class RelayCheckpoint {
  private fence = '';
  private readonly table: string;

  constructor(
    private readonly work: UnitOfWork,
    private readonly service: string,
    schema: string,
  ) {
    this.table = `"${schema.replaceAll('"', '""')}".es_checkpoint`;
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

  /** @throws RelayFenced */
  async move(to: Position): Promise<void> {
    const rows = await this.work.query(
      `WITH moved AS (
         UPDATE ${this.table} SET epoch = $3, xid = $4::text::xid8, global_position = $5
         WHERE subscriber = $1 AND version = 1 AND fence = $2::bigint RETURNING fence)
       SELECT * FROM moved`,
      [SUBSCRIBER, this.fence, to.epoch, to.xid, to.globalPosition],
    );
    if (rows.length === 0) throw new RelayFenced(this.service);
  }
}
