import type { UnitOfWork } from '@kwanus/event-store';
import type { ParkedKey, ParkedMessage } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import { ParkingFull } from './errors.js';

const LIMIT = 10_000;

interface ParkedRow {
  id: string;
  parked_under: string;
  key: string | null;
  topic: string;
  partition: number;
  position: string;
  headers: string;
  body: Buffer | null;
  error: string;
  attempts: number;
  parked_at: string;
}

/** Why a message is parked: by itself, because it could not be handled, or because another of its key could not. */
export type ParkingReason = 'alone' | 'failed' | 'behind';

/** What a message is parked under. */
const KEY = "CASE reason WHEN 'alone' THEN topic || '/' || partition || '/' || position ELSE key END";

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
      `SELECT 1 AS parked FROM ${this.table} WHERE consumer = $1 AND key = $2 AND reason <> 'alone' LIMIT 1`,
      [this.consumer, key],
    );
    return rows.length > 0;
  }

  /** Parks a message; one that is parked already stays as it is. @throws ParkingFull */
  async park(
    message: ReceivedMessage,
    why: { reason: ParkingReason; error: string; attempts: number },
  ): Promise<void> {
    const { key } = message;
    if (why.reason !== 'alone' && key !== null && (await this.count(key)) >= LIMIT)
      throw new ParkingFull(this.consumer, key, LIMIT);
    await this.work.query(
      `INSERT INTO ${this.table} (consumer, topic, partition, position, key, headers, body, reason, error, attempts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
      [
        this.consumer,
        message.topic,
        message.partition,
        message.position,
        storable(key),
        JSON.stringify(message.headers),
        message.body === null ? null : Buffer.from(message.body),
        why.reason,
        storable(why.error),
        why.attempts,
      ],
    );
  }

  private async count(key: string): Promise<number> {
    const [row] = await this.work.query<{ parked: number }>(
      `SELECT count(*)::int AS parked FROM ${this.table} WHERE consumer = $1 AND key = $2 AND reason <> 'alone'`,
      [this.consumer, key],
    );
    return row?.parked ?? 0;
  }

  async keys(): Promise<ParkedKey[]> {
    const rows = await this.work.query<{ key: string; messages: number; error: string; since: string }>(
      `SELECT ${KEY} AS key, count(*)::int AS messages, (array_agg(error ORDER BY id))[1] AS error,
              to_char(min(parked_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since
       FROM ${this.table} WHERE consumer = $1 GROUP BY 1 ORDER BY min(id)`,
      [this.consumer],
    );
    return rows.map((row) => ({ consumer: this.consumer, ...row }));
  }

  /** The messages of a key, the first one first. */
  async show(key: string, limit = 100): Promise<ParkedMessage[]> {
    const rows = await this.work.query<ParkedRow>(
      `SELECT id::text AS id, ${KEY} AS parked_under, key, topic, partition, position, headers, body, error, attempts,
              to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS parked_at
       FROM ${this.table} WHERE consumer = $1 AND ${KEY} = $2 ORDER BY id LIMIT $3`,
      [this.consumer, key, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      consumer: this.consumer,
      key: row.parked_under,
      message: {
        topic: row.topic,
        partition: row.partition,
        position: row.position,
        key: row.key,
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

/** PostgreSQL keeps no U+0000 in text; the headers are JSON, where it is escaped. */
const storable = <T extends string | null>(text: T): T => text?.replaceAll('\0', '\uFFFD') as T;
