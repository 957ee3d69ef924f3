import type { Position } from '../event.js';
import type { PostgresUnitOfWork } from '../log/unit-of-work.js';
import type { LogNames } from '../schema/names.js';

/** How far a subscriber is; `fence` rises with every move, so that two processes never both move it from one place. */
export interface Checkpoint {
  readonly position: Position;
  readonly fence: string;
}

interface Row {
  readonly epoch: number;
  readonly xid: string;
  readonly global_position: string;
  readonly fence: string;
}

/** Checkpoints of the subscribers of one log, in `es_checkpoint`. */
export class Checkpoints {
  readonly #table: string;

  constructor(
    private readonly work: PostgresUnitOfWork,
    names: LogNames,
  ) {
    this.#table = `${names.quoted}.es_checkpoint`;
  }

  /** Makes the row where it is missing: at the beginning of the log. */
  async ensure(subscriber: string, version: number): Promise<void> {
    await this.work.query(
      `INSERT INTO ${this.#table} (subscriber, version) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      [subscriber, version],
    );
  }

  /** @returns null when there is no such row */
  async read(subscriber: string, version: number): Promise<Checkpoint | null> {
    return this.#row(subscriber, version, '');
  }

  /** Locks the row for the rest of the transaction. @returns whether it still stands where the fence says */
  async hold(subscriber: string, version: number, fence: string): Promise<boolean> {
    const row = await this.#row(subscriber, version, 'FOR UPDATE');
    return row?.fence === fence;
  }

  async move(subscriber: string, version: number, to: Position): Promise<void> {
    await this.work.query(
      `UPDATE ${this.#table} SET epoch = $3, xid = $4::xid8, global_position = $5, fence = fence + 1
        WHERE subscriber = $1 AND version = $2`,
      [subscriber, version, to.epoch, to.xid, to.globalPosition],
    );
  }

  async #row(subscriber: string, version: number, lock: string): Promise<Checkpoint | null> {
    const [row] = await this.work.query<Row>(
      `SELECT epoch, xid::text AS xid, global_position, fence FROM ${this.#table}
        WHERE subscriber = $1 AND version = $2 ${lock}`,
      [subscriber, version],
    );
    if (row === undefined) return null;
    const position = { epoch: row.epoch, xid: row.xid, globalPosition: row.global_position };
    return { position, fence: row.fence };
  }
}
