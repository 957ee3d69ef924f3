import type pg from 'pg';
import type { TransportMessage } from '../transport.port.js';
import { TransportUnavailable } from './errors.js';
import { partitionOf } from './partitioner.js';
import type { KnownTopic } from './topics.js';

/** What bounds one statement, and what may wait behind it. */
const MAX_MESSAGES = 1000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_WAITING = 20_000;

interface Waiting {
  readonly messages: readonly TransportMessage[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Partition → the offset after its last message. */
export type Ends = ReadonlyMap<number, bigint>;

/**
 * Sends to one topic, one statement at a time, so that calls keep their order; calls that come meanwhile go together in the
 * next one.
 */
export class SendQueue {
  private readonly waiting: Waiting[] = [];
  private waitingMessages = 0;
  private running: Promise<void> | null = null;
  private turn = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly topic: KnownTopic,
    private readonly sent: (ends: Ends) => void,
  ) {}

  /** @throws TransportUnavailable when the database can't be reached, or too much waits already */
  send(messages: readonly TransportMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    if (this.waitingMessages + messages.length > MAX_WAITING)
      return Promise.reject(
        new TransportUnavailable(`${this.waitingMessages} messages wait for ${this.topic.name} already.`),
      );
    return new Promise((resolve, reject) => {
      this.waiting.push({ messages, resolve, reject });
      this.waitingMessages += messages.length;
      this.running ??= this.drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        this.sent(await this.insert(group.flatMap(({ messages }) => messages)));
        for (const { resolve } of group) resolve();
      } catch (error) {
        const refused = new TransportUnavailable(`Messages for ${this.topic.name} were not acknowledged.`, {
          cause: error,
        });
        for (const { reject } of group) reject(refused);
      }
    }
    this.running = null;
  }

  private takeGroup(): Waiting[] {
    const group: Waiting[] = [];
    let messages = 0;
    let bytes = 0;
    while (this.waiting[0] !== undefined) {
      messages += this.waiting[0].messages.length;
      bytes += this.waiting[0].messages.reduce((sum, { body }) => sum + (body?.byteLength ?? 0), 0);
      if (group.length > 0 && (messages > MAX_MESSAGES || bytes > MAX_BYTES)) break;
      group.push(this.waiting.shift() as Waiting);
    }
    this.waitingMessages -= group.reduce((sum, entry) => sum + entry.messages.length, 0);
    return group;
  }

  private async insert(messages: readonly TransportMessage[]): Promise<Ends> {
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
