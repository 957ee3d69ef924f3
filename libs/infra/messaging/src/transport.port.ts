/** A message as it goes over the wire: CloudEvents 1.0, binary mode of the Kafka protocol binding. */
export interface TransportMessage {
  /** The routing key; order holds per key. Null only in what strangers send. */
  readonly key: string | null;
  /** `ce_id`, `ce_type`, `ce_source`, `ce_specversion`, `ce_streamid`, `ce_streamversion`, `ce_prevhash`, `ce_eventhash`, `traceparent` … */
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 JSON; null is a tombstone. */
  readonly body: Uint8Array | null;
}

/** A message as a consumer gets it. */
export interface ReceivedMessage extends TransportMessage {
  readonly topic: string;
  readonly partition: number;
  /** Opaque; compare only through the transport. */
  readonly position: string;
}

/** What a member of a consumer group does with the messages of one partition, in order. Resolving commits the batch. */
export type BatchHandler = (batch: readonly ReceivedMessage[], control: BatchControl) => Promise<void>;

export interface BatchControl {
  readonly topic: string;
  readonly partition: number;
  /** Aborted when the partition is taken away or the member stops. */
  readonly signal: AbortSignal;
  /** Commits everything before and including the position, though the batch goes on. */
  readonly commit: (position: string) => Promise<void>;
  /** Keeps membership alive during long work. */
  readonly heartbeat: () => Promise<void>;
}

export interface SubscribeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  /** Where a group without a committed position starts. */
  readonly from?: 'earliest' | 'latest';
  /**
   * Positions that the consumer keeps itself (telemetry): next position to read per `topic/partition`; null: where the group stands.
   * `end` is the position of the message that comes next: what is beyond it was a position of a topic that was made anew since.
   */
  readonly startAt?: (topic: string, partition: number, end: string) => Promise<string | null>;
  readonly maxBatch?: number;
  /** A member that can't go on (fenced, transport gone for too long) says so here and rejoins; never in silence. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface Subscription {
  /** Finishes what is in hand, commits, leaves the group. */
  stop(): Promise<void>;
}

export interface TopicSpecification {
  readonly name: string;
  readonly partitions: number;
  /** -1 keeps everything. */
  readonly retentionMs: number;
}

/**
 * The transport under all services. PostgreSQL (embedded default) and Apache Kafka pass one contract suite: order per key,
 * nothing lost, redelivery after a crash, resume, replay from a position, several members; duplicates are allowed.
 */
export abstract class Transport {
  /** Creates what is missing; refuses when a topic exists with another number of partitions. */
  abstract ensureTopics(topics: readonly TopicSpecification[]): Promise<void>;
  /** Resolves when the transport has acknowledged all of them; keeps their order per key. */
  abstract send(topic: string, messages: readonly TransportMessage[]): Promise<void>;
  abstract subscribe(options: SubscribeOptions): Promise<Subscription>;
  /**
   * Orders two positions of the same partition: negative, zero or positive. Positions are decimal integers unless a transport
   * overrides this and `positionAfter`.
   */
  comparePositions(first: string, second: string): number {
    const difference = BigInt(first) - BigInt(second);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  /** @returns the position to read next (`startAt`) by whoever has handled this one */
  positionAfter(position: string): string {
    return (BigInt(position) + 1n).toString();
  }
  /** Messages behind the group's committed positions, per `topic/partition`. */
  abstract lag(group: string): Promise<ReadonlyMap<string, number>>;
  abstract close(): Promise<void>;
}
