import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { Fenced } from '../errors.js';
import type { ReceivedMessage } from '../transport.port.js';
import type { KnownTopic } from './topics.js';

/** A partition that the member holds. */
export interface Holding {
  readonly topicId: number;
  readonly partition: number;
  readonly generation: string;
  /** Committed position of the group: next to read; null when it has none. */
  readonly position: bigint | null;
  /** False: it falls to another member now and is to be given back. */
  readonly wanted: boolean;
}

/** Where to read, and under which generation. */
export interface Claim {
  readonly topic: KnownTopic;
  readonly partition: number;
  readonly generation: string;
}

interface HoldingRow {
  held_topic: number;
  held_partition: number;
  held_generation: string;
  held_position: string | null;
  wanted: boolean;
}

interface MessageRow {
  position: string;
  key: Buffer | null;
  headers: string;
  body: Buffer | null;
}

const FETCH_BYTES = 4 * 1024 * 1024;

/** One member of a consumer group, as SQL. */
export class Member {
  readonly id = randomUUID();
  private dead = false;

  /**
   * @param pool for everything
   * @param positions connections that don't wait for the disk: a lost commit of a position means redelivery, nothing worse
   */
  constructor(
    readonly group: string,
    private readonly pool: pg.Pool,
    private readonly positions: pg.Pool,
  ) {}

  /** Renews the membership and says what the member holds. */
  async tend(topicIds: readonly number[], instance: number, leaseMs: number): Promise<Holding[]> {
    const { rows } = await this.pool.query<HoldingRow>(
      'SELECT * FROM bus.tend($1, $2, $3, $4, make_interval(secs => $5::double precision / 1000))',
      [this.group, this.id, topicIds, instance, leaseMs],
    );
    return rows.map((row) => ({
      topicId: row.held_topic,
      partition: row.held_partition,
      generation: row.held_generation,
      position: row.held_position === null ? null : BigInt(row.held_position),
      wanted: row.wanted,
    }));
  }

  /** @throws Fenced */
  async commit(claim: Claim, next: bigint): Promise<void> {
    if (this.dead) throw new Fenced(claim.topic.name, claim.partition);
    const { rowCount } = await this.positions.query(
      `UPDATE bus.holding SET position = $5
       WHERE group_name = $1 AND topic_id = $2 AND partition = $3 AND member = $4 AND generation = $6`,
      [this.group, claim.topic.id, claim.partition, this.id, next.toString(), claim.generation],
    );
    if (rowCount === 0) throw new Fenced(claim.topic.name, claim.partition);
  }

  /** Gives a partition back, so that the member that it falls to can take it. */
  async release(topicId: number, partition: number, generation: string): Promise<void> {
    await this.pool.query(
      `UPDATE bus.holding SET member = NULL
       WHERE group_name = $1 AND topic_id = $2 AND partition = $3 AND member = $4 AND generation = $5`,
      [this.group, topicId, partition, this.id, generation],
    );
  }

  /** For tests of a crash: a dead member commits nothing any more. */
  die(): void {
    this.dead = true;
  }

  /** Leaves the group; everything that it held is free. */
  async leave(): Promise<void> {
    await this.pool.query('DELETE FROM bus.member WHERE id = $1', [this.id]);
  }

  /** The messages from a position on, at most `limit` and about 4 MiB (at least one). */
  async fetch({ topic, partition }: Claim, from: bigint, limit: number): Promise<ReceivedMessage[]> {
    const { rows } = await this.pool.query<MessageRow>(
      `SELECT position, key, headers, body FROM (
         SELECT m.*, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY position) - coalesce(octet_length(body), 0) AS before
         FROM (SELECT position, key, headers, body FROM bus.message
               WHERE topic_id = $1 AND partition = $2 AND position >= $3 ORDER BY position LIMIT $4) m) sized
       WHERE before < ${FETCH_BYTES} ORDER BY position`,
      [topic.id, partition, from.toString(), limit],
    );
    return rows.map((row) => ({
      topic: topic.name,
      partition,
      position: row.position,
      key: row.key?.toString('utf8') ?? null,
      headers: JSON.parse(row.headers) as Record<string, string>,
      body: row.body,
    }));
  }

  /** The first position that is still there, and the one after the last. */
  async bounds({ topic, partition }: Claim): Promise<{ first: bigint; next: bigint }> {
    const { rows } = await this.pool.query<{ first_offset: string; next_offset: string }>(
      'SELECT first_offset, next_offset FROM bus.partition WHERE topic_id = $1 AND partition = $2',
      [topic.id, partition],
    );
    return { first: BigInt(rows[0]?.first_offset ?? 0), next: BigInt(rows[0]?.next_offset ?? 0) };
  }
}
