import type { UnitOfWork } from '@kwanus/event-store';
import type { ParkedKey, ParkedMessage } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import { canBeOurs } from './envelope.js';
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
  reason: ParkingReason;
  error: string;
  attempts: number;
  parked_at: string;
}

/**
 * Why a message is parked: by itself, because it could not be handled, because versions of its stream are missing before it, or
 * because another of its key is parked.
 */
export type ParkingReason = 'alone' | 'failed' | 'ahead' | 'behind';

/** A key, and how many messages wait under it. */
export interface WaitingKey {
  readonly key: string;
  readonly messages: number;
}

/** A parked message, and what it waits for. */
export interface ParkedEntry extends ParkedMessage {
  readonly reason: ParkingReason;
}

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
        key !== null && canBeOurs(key) ? key : null,
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
  async show(key: string, limit = 100): Promise<ParkedEntry[]> {
    const ofKey = `SELECT id FROM ${this.table} WHERE consumer = $1 AND key = $2 AND reason <> 'alone' ORDER BY id LIMIT $3`;
    const alone = `SELECT id FROM ${this.table} WHERE consumer = $1 AND topic = $4 AND partition = $5 AND position = $6 AND reason = 'alone'`;
    const which = `p.id = ANY(ARRAY(${ofKey}) || ARRAY(${alone})) ORDER BY p.id LIMIT $3`;
    return this.select(which, [key, limit, ...placeOf(key)]);
  }

  /** @returns the message that holds the key */
  async first(key: string): Promise<ParkedEntry | undefined> {
    const [first] = await this.show(key, 1);
    return first;
  }

  /** @returns the parked message that stands at a place of a stream */
  async find(key: string, streamId: string, version: number): Promise<ParkedEntry | undefined> {
    const [found] = await this.select(
      `key = $2 AND reason <> 'alone' AND strpos(headers, $3) > 0 AND strpos(headers, $4) > 0 ORDER BY p.id LIMIT 1`,
      [key, header('ce_streamid', streamId), header('ce_streamversion', String(version))],
    );
    return found;
  }

  /** @returns the keys that wait for versions of a stream, and those whose first message waits for nothing any more */
  waitingFor(streamId: string): Promise<WaitingKey[]> {
    return this.work.query<WaitingKey>(
      `SELECT key, count(*)::int AS messages FROM ${this.table} WHERE consumer = $1 AND key IS NOT NULL AND reason <> 'alone'
        GROUP BY key HAVING bool_or(reason = 'ahead' AND strpos(headers, $2) > 0) OR (array_agg(reason ORDER BY id))[1] = 'behind'
        ORDER BY min(id)`,
      [this.consumer, header('ce_streamid', streamId)],
    );
  }

  /** Says anew why a message is parked. */
  async mark(id: string, why: { reason: ParkingReason; error: string }): Promise<void> {
    await this.work.query(
      `WITH marked AS (UPDATE ${this.table} SET reason = $2, error = $3 WHERE id = $1::bigint RETURNING id) SELECT id FROM marked`,
      [id, why.reason, storable(why.error)],
    );
  }

  async remove(id: string): Promise<void> {
    await this.work.query(
      `WITH gone AS (DELETE FROM ${this.table} WHERE id = $1::bigint RETURNING id) SELECT id FROM gone`,
      [id],
    );
  }

  private async select(which: string, parameters: readonly unknown[]): Promise<ParkedEntry[]> {
    const rows = await this.work.query<ParkedRow>(
      `SELECT id::text AS id, ${KEY} AS parked_under, key, topic, partition, position, headers, body, reason, error, attempts,
              to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS parked_at
       FROM ${this.table} p WHERE consumer = $1 AND ${which}`,
      [this.consumer, ...parameters],
    );
    return rows.map((row) => entryOf(this.consumer, row));
  }
}

function entryOf(consumer: string, row: ParkedRow): ParkedEntry {
  const { id, parked_under: key, topic, partition, position, body, reason, error, attempts } = row;
  const headers = JSON.parse(row.headers) as Record<string, string>;
  const message = { topic, partition, position, key: row.key, headers, body };
  return { id, consumer, key, message, reason, error, attempts, parkedAt: row.parked_at };
}

/** @returns topic, partition and position of what is parked alone under them; nothing for what is parked under its key */
const placeOf = (key: string): readonly (string | null)[] =>
  /^(.+)\/(\d{1,9})\/([^/]+)$/.exec(key)?.slice(1) ?? [null, null, null];

/** A header as it stands in the stored JSON. */
const header = (name: string, value: string): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** PostgreSQL keeps no U+0000 in text; the headers are JSON, where it is escaped. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD');
