import type pg from 'pg';
import type { TransportMessage } from '../transport.port.js';
import { partitionOf } from './partitioner.js';
import type { KnownTopic } from './topics.js';

/** Partition → the offset after its last message. */
export type Ends = ReadonlyMap<number, bigint>;

/** Writes messages to one topic; those without a key go round its partitions. */
export class Inserter {
  private turn = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly topic: KnownTopic,
  ) {}

  /** @throws whatever the database answers */
  async insert(messages: readonly TransportMessage[]): Promise<Ends> {
    const keys = messages.map(({ key }) => (key === null ? null : Buffer.from(key, 'utf8')));
    const { rows } = await this.pool.query<{ sent_partition: number; next: string }>(
      'SELECT sent_partition, next FROM bus.send($1, $2, $3, $4, $5)',
      [
        this.topic.id,
        keys.map((key) => this.choosePartition(key)),
        keys,
        messages.map(({ headers }) => JSON.stringify(headers)),
        messages.map(({ body }) => (body === null ? null : Buffer.from(body))),
      ],
    );
    return new Map(rows.map(({ sent_partition, next }) => [sent_partition, BigInt(next)]));
  }

  private choosePartition(key: Buffer | null): number {
    if (key !== null) return partitionOf(key, this.topic.partitions);
    this.turn = (this.turn + 1) % this.topic.partitions;
    return this.turn;
  }
}
