import type { UnitOfWork } from '@kwanus/event-store';
import type { ParkedKey, ParkedMessage } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import { ParkingFull } from './errors.js';

const LIMIT = 10_000;

interface ParkedRow {
  id: string;
  key: string;
  topic: string;
  partition: number;
  position: string;
  message_key: string | null;
  headers: string;
  body: Buffer | null;
  error: string;
  attempts: number;
  parked_at: string;
}

/** es_parked of one consumer: what could not be handled, and what waits behind it. */
export class Parking {
  private readonly table: string;

  constructor(
    private readonly work: UnitOfWork,
    private readonly consumer: string,
    schema: string,
  ) {
    this.table = `"${schema}".es_parked`;
  }

  /** @returns true when messages of the key are parked */
  async holds(key: string): Promise<boolean> {
    const rows = await this.work.query(
      `SELECT 1 AS parked FROM ${this.table} WHERE consumer = $1 AND parking_key = $2 LIMIT 1`,
      [this.consumer, key],
    );
    return rows.length > 0;
  }

  /** Parks a message; one that is parked already stays as it is. @throws ParkingFull */
  async park(message: ReceivedMessage, key: string, error: string, attempts: number): Promise<void> {
    const [count] = await this.work.query<{ parked: string }>(
      `SELECT count(*)::text AS parked FROM ${this.table} WHERE consumer = $1 AND parking_key = $2`,
      [this.consumer, key],
    );
    if (Number(count?.parked ?? 0) >= LIMIT) throw new ParkingFull(this.consumer, key, LIMIT);
    await this.work.query(
      `INSERT INTO ${this.table} (consumer, parking_key, topic, partition, position, message_key, headers, body, error, attempts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
      [
        this.consumer,
        key,
        message.topic,
        message.partition,
        message.position,
        message.key,
        JSON.stringify(message.headers),
        message.body === null ? null : Buffer.from(message.body),
        error,
        attempts,
      ],
    );
  }

  async keys(): Promise<ParkedKey[]> {
    const rows = await this.work.query<{ key: string; messages: number; error: string; since: string }>(
      `SELECT parking_key AS key, count(*)::int AS messages, (array_agg(error ORDER BY id))[1] AS error,
              to_char(min(parked_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since
       FROM ${this.table} WHERE consumer = $1 GROUP BY parking_key ORDER BY min(id)`,
      [this.consumer],
    );
    return rows.map((row) => ({ consumer: this.consumer, ...row }));
  }

  /** The messages of a key, the first one first. */
  async show(key: string, limit = 100): Promise<ParkedMessage[]> {
    const rows = await this.work.query<ParkedRow>(
      `SELECT id::text AS id, parking_key AS key, topic, partition, position, message_key, headers, body, error, attempts,
              to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS parked_at
       FROM ${this.table} WHERE consumer = $1 AND parking_key = $2 ORDER BY id LIMIT $3`,
      [this.consumer, key, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      consumer: this.consumer,
      key: row.key,
      message: {
        topic: row.topic,
        partition: row.partition,
        position: row.position,
        key: row.message_key,
        headers: JSON.parse(row.headers) as Record<string, string>,
        body: row.body,
      },
      error: row.error,
      attempts: row.attempts,
      parkedAt: row.parked_at,
    }));
  }

  async remove(id: string): Promise<void> {
    await this.work.query(
      `WITH gone AS (DELETE FROM ${this.table} WHERE id = $1::bigint RETURNING id) SELECT id FROM gone`,
      [id],
    );
  }
}
