import type { Admin } from 'kafkajs';
import { TopicBeganAnew } from '../errors.js';
import type { SubscribeOptions } from '../transport.port.js';
import { topicEnds } from './topic-ends.js';

/** Where a member begins to read a partition. */
export interface Start {
  readonly position: string;
  /** The group begins here and has no position yet: it is put on record at once. */
  readonly first: boolean;
}

/** What a topic's partitions hold, and what the group has read of them. */
interface Standing {
  readonly low: string;
  readonly high: string;
  readonly committed: string;
}

/**
 * Finds where a member begins to read. kafkajs would find it by itself, but
 * - what was fetched before a rejoin is taken for the new generation's (a leader moves in a rolling restart, the member rejoins
 *   while another broker's fetch is in flight), and everything between the group's position and that fetch is left out;
 * - a group that begins at the latest message without committing that begins there again, and loses what came between;
 * - a position beyond the end of a topic is moved to its beginning in silence.
 */
export class StartPositions {
  private readonly asked = new Map<string, Promise<ReadonlyMap<number, Standing>>>();

  constructor(
    private readonly admin: Admin,
    private readonly options: SubscribeOptions,
  ) {}

  async of(topic: string, partition: number): Promise<Start> {
    const standing = (await this.standings(topic)).get(partition);
    if (standing === undefined) throw new TypeError(`${topic}/${partition} is not known to the brokers.`);
    const { low, high, committed } = standing;
    const own = (await this.options.startAt?.(topic, partition, high)) ?? null;
    const known = own ?? (BigInt(committed) < 0n ? null : committed);
    if (known === null) return { position: this.options.from === 'latest' ? high : low, first: true };
    if (BigInt(known) <= BigInt(high)) return { position: known, first: false };
    this.options.onTrouble?.(new TopicBeganAnew(`${topic}/${partition}`, known, high));
    return { position: low, first: true };
  }

  /** The first message that a partition still has. */
  async low(topic: string, partition: number): Promise<bigint> {
    const ends = await topicEnds(this.admin, topic);
    return BigInt(ends.find((end) => end.partition === partition)?.low ?? '0');
  }

  /** Partitions that are asked for together are answered by one request. */
  private standings(topic: string): Promise<ReadonlyMap<number, Standing>> {
    const asked = this.asked.get(topic) ?? Promise.resolve().then(() => this.ask(topic));
    this.asked.set(topic, asked);
    return asked;
  }

  private async ask(topic: string): Promise<ReadonlyMap<number, Standing>> {
    this.asked.delete(topic);
    const [ends, groups] = await Promise.all([
      topicEnds(this.admin, topic),
      this.admin.fetchOffsets({ groupId: this.options.group, topics: [topic] }),
    ]);
    const committed = new Map(groups[0]?.partitions.map(({ partition, offset }) => [partition, offset]));
    return new Map(
      ends.map(({ partition, low, high }) => [
        partition,
        { low, high, committed: committed.get(partition) ?? '-1' },
      ]),
    );
  }
}
