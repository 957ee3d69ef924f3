import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { TransportUnavailable } from '../errors.js';
import type { SubscribeOptions } from '../transport.port.js';
import { fromKafka } from './messages.js';
import { PartitionWorker } from './partition-worker.js';
import { Positions } from './positions.js';

/** A fetch in flight does not cover a partition that is resumed meanwhile: it is kept short. */
const FETCH_WAIT_MS = 200;
const DISCONNECT_MS = 5_000;
const MAX_PARTITION_BYTES = 1024 * 1024;

const place = (topic: string, partition: number): string => `${topic}/${partition}`;

/** One member of a group, from its joining to its end. What kafkajs does behind it: one loop that fetches, and heartbeats between fetches. */
export class GroupMember {
  /** Resolves when the member has ended, for whatever reason; never rejects. */
  readonly life: Promise<void>;
  private readonly consumer: Consumer;
  private readonly positions: Positions;
  private readonly workers = new Map<string, PartitionWorker>();
  private generation = 0;
  private live = true;
  private end: () => void = () => undefined;

  constructor(
    private readonly options: SubscribeOptions,
    kafka: Kafka,
    sessionTimeoutMs: number,
    private readonly joined: () => void,
  ) {
    this.consumer = kafka.consumer({
      groupId: options.group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.max(200, Math.floor(sessionTimeoutMs / 10)),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: MAX_PARTITION_BYTES,
      allowAutoTopicCreation: false,
      // Restarts are ours (KafkaSubscription): its own are silent, and wait up to half a minute.
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
    this.positions = new Positions(this.consumer, (error) => {
      if (this.live) this.trouble(error);
    });
    this.life = new Promise((resolve) => {
      this.end = resolve;
    });
    void this.run();
  }

  /** Finishes what is in hand, commits, leaves the group. */
  async leave(): Promise<void> {
    if (this.live) {
      await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
      await this.positions.close();
    }
    await this.finish();
  }

  /** For tests of a crash: everything stops without a word. */
  abandon(): void {
    this.live = false;
    this.positions.abandon();
    for (const worker of this.workers.values()) void worker.stop();
    this.end();
    void this.consumer.disconnect().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { GROUP_JOIN, REBALANCING, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => this.assigned(payload));
    this.consumer.on(REBALANCING, () => void this.positions.flush());
    this.consumer.on(CRASH, ({ payload }) => void this.crashed(payload.error));
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({
        topics: [...this.options.topics],
        fromBeginning: this.options.from !== 'latest',
      });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => this.fetched(payload),
      });
    } catch (error) {
      await this.crashed(error);
    }
  }

  /** Called within the joining, before the first fetch of the generation. */
  private assigned({ memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    if (!this.live) return;
    this.generation += 1;
    const before = new Map(this.workers);
    this.workers.clear();
    for (const [topic, partitions] of Object.entries(memberAssignment))
      for (const partition of partitions) this.begin(topic, partition, before.get(place(topic, partition)));
    for (const [key, worker] of before) {
      void worker.stop();
      if (!this.workers.has(key)) this.positions.forget(worker.topic, worker.partition);
    }
    this.joined();
  }

  private begin(topic: string, partition: number, before: PartitionWorker | undefined): void {
    const worker = new PartitionWorker(
      topic,
      partition,
      {
        options: this.options,
        commit: (...position) => this.commit(...position),
        finished: (...position) => this.positions.later(...position),
        fetching: (...fetching) => this.fetching(...fetching),
        trouble: (error) => this.trouble(error),
      },
      before?.stop() ?? Promise.resolve(),
    );
    this.workers.set(place(topic, partition), worker);
    if (this.options.startAt === undefined) this.fetching(topic, partition, true);
    else {
      this.fetching(topic, partition, false);
      void this.seek(topic, partition, this.generation);
    }
  }

  /** Positions that the consumer keeps itself count, not the group's. */
  private async seek(topic: string, partition: number, generation: number): Promise<void> {
    try {
      const position = await this.options.startAt?.(topic, partition);
      if (!this.live || generation !== this.generation) return;
      if (position !== null && position !== undefined)
        this.consumer.seek({ topic, partition, offset: position });
      this.fetching(topic, partition, true);
    } catch (error) {
      await this.crashed(error);
    }
  }

  private fetched(payload: EachBatchPayload): void {
    const { batch } = payload;
    const worker = this.workers.get(place(batch.topic, batch.partition));
    if (worker === undefined || !this.live) return;
    worker.take(batch.messages.map((message) => fromKafka(batch.topic, batch.partition, message)));
    // Only where the next fetch begins; committed is what a handler has finished.
    payload.resolveOffset(batch.lastOffset());
  }

  private async commit(topic: string, partition: number, next: string): Promise<void> {
    // kafkajs answers a commit of a consumer that has stopped with success.
    if (!this.live) throw new TransportUnavailable(`${topic}/${partition} is no longer held by this member.`);
    await this.positions.now(topic, partition, next);
  }

  private fetching(topic: string, partition: number, goesOn: boolean): void {
    if (!this.live) return;
    const places = [{ topic, partitions: [partition] }];
    if (goesOn) this.consumer.resume(places);
    else this.consumer.pause(places);
  }

  private async crashed(error: unknown): Promise<void> {
    if (!this.live) return;
    this.live = false;
    this.trouble(error);
    this.positions.abandon();
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    await this.finish();
  }

  private async finish(): Promise<void> {
    this.live = false;
    // kafkajs waits for an answer of the group's coordinator, however long that is gone; the group does without a goodbye.
    const bound = delay(DISCONNECT_MS, undefined, { ref: false });
    await Promise.race([this.consumer.disconnect().catch(() => undefined), bound]);
    this.end();
  }

  private trouble(error: unknown): void {
    this.options.onTrouble?.(error);
  }
}
