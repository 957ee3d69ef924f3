import type { Admin, Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { MessagesExpired, TransportUnavailable } from '../errors.js';
import type { SubscribeOptions } from '../transport.port.js';
import type { KafkaLink } from './client.js';
import { LifeSign } from './life-sign.js';
import { fromKafka } from './messages.js';
import { PartitionWorker } from './partition-worker.js';
import { Positions } from './positions.js';
import { StartPositions } from './start-positions.js';

/** A fetch in flight does not cover a partition that is resumed meanwhile: it is kept short. */
const FETCH_WAIT_MS = 200;
const MAX_PARTITION_BYTES = 1024 * 1024;
/** A member that has heard nothing of its group for so many session timeouts is out of it, whatever it believes. */
const SILENT_SESSIONS = 3;

const place = (topic: string, partition: number): string => `${topic}/${partition}`;

/** What a member is made of. */
export interface MemberContext {
  readonly options: SubscribeOptions;
  /** Its own: cut when it ends. */
  readonly link: KafkaLink;
  readonly admin: Admin;
  readonly sessionTimeoutMs: number;
  /** Called at every joining of the group. */
  readonly joined: () => void;
}

/** One member of a group, from its joining to its end. What kafkajs does behind it: one loop that fetches, and heartbeats between fetches. */
export class GroupMember {
  /** Resolves when the member has ended, to the reason unless that was asked for; never rejects. */
  readonly life: Promise<Error | null>;
  private readonly consumer: Consumer;
  private readonly positions: Positions;
  private readonly starts: StartPositions;
  private readonly lifeSign: LifeSign;
  private readonly workers = new Map<string, PartitionWorker>();
  private live = true;
  private end: (reason: Error | null) => void = () => undefined;

  constructor(private readonly context: MemberContext) {
    const { options, link, admin, sessionTimeoutMs } = context;
    this.consumer = link.kafka.consumer({
      groupId: options.group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.max(200, Math.floor(sessionTimeoutMs / 10)),
      // No member is slow to rejoin, because no handler runs inside kafkajs's loop: nobody has to be waited for any longer.
      rebalanceTimeout: sessionTimeoutMs,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: MAX_PARTITION_BYTES,
      allowAutoTopicCreation: false,
      // Restarts are ours (KafkaSubscription): its own are silent, and wait up to half a minute.
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
    const commitOffsets = (offsets: Parameters<Consumer['commitOffsets']>[0]): Promise<void> =>
      this.consumer.commitOffsets(offsets).catch((error: unknown) => {
        throw link.faultOf(error);
      });
    this.positions = new Positions({ commitOffsets }, (error) => {
      if (this.live) this.trouble(error);
    });
    this.starts = new StartPositions(admin, options);
    const silence = SILENT_SESSIONS * sessionTimeoutMs;
    this.lifeSign = new LifeSign(silence, () => void this.crashed(new TransportUnavailable(silent(silence))));
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
    await this.finish(null);
  }

  /** For tests of a crash: everything stops without a word. */
  abandon(): void {
    this.live = false;
    this.lifeSign.stop();
    this.positions.abandon();
    for (const worker of this.workers.values()) void worker.stop();
    this.context.link.breakOff();
    this.end(null);
    void this.consumer.disconnect().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { GROUP_JOIN, HEARTBEAT, REBALANCING, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => this.assigned(payload));
    this.consumer.on(HEARTBEAT, () => this.lifeSign.heard());
    this.consumer.on(REBALANCING, () => void this.positions.flush());
    this.consumer.on(CRASH, ({ payload }) => void this.crashed(payload.error));
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.context.options.topics], fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.fetched(payload),
      });
    } catch (error) {
      await this.crashed(error);
    }
  }

  /** Called within the joining, before the first fetch of the generation. */
  private assigned({ memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    if (!this.live) return;
    this.lifeSign.heard();
    const before = new Map(this.workers);
    this.workers.clear();
    for (const [topic, partitions] of Object.entries(memberAssignment))
      for (const partition of partitions) this.begin(topic, partition, before.get(place(topic, partition)));
    for (const [key, worker] of before) {
      void worker.stop();
      if (!this.workers.has(key)) this.positions.forget(worker.topic, worker.partition);
    }
    this.context.joined();
  }

  private begin(topic: string, partition: number, before: PartitionWorker | undefined): void {
    const previous = before?.stop() ?? Promise.resolve();
    const worker = new PartitionWorker(
      topic,
      partition,
      {
        options: this.context.options,
        commit: (...position) => this.commit(...position),
        finished: (of, nr, offset, messages) =>
          this.positions.later({ topic: of, partition: nr, offset }, messages),
        fetching: (...fetching) => this.fetching(...fetching),
        trouble: (error) => this.trouble(error),
      },
      previous,
    );
    this.workers.set(place(topic, partition), worker);
    this.fetching(topic, partition, false);
    void this.seek(worker, previous);
  }

  /** Fetching begins where the group stands when what this member had in hand of the partition is finished and committed. */
  private async seek(worker: PartitionWorker, previous: Promise<void>): Promise<void> {
    const { topic, partition } = worker;
    try {
      await previous;
      await this.positions.flush();
      const { position, first } = await this.starts.of(topic, partition);
      if (!this.holds(worker)) return;
      if (first) this.positions.later({ topic, partition, offset: position }, 0);
      worker.beginAt(position);
      this.consumer.seek({ topic, partition, offset: position });
      this.fetching(topic, partition, true);
    } catch (error) {
      if (this.holds(worker)) await this.crashed(error);
    }
  }

  private async fetched(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const worker = this.workers.get(place(batch.topic, batch.partition));
    if (worker === undefined || !this.live || payload.isStale()) return;
    const first = BigInt(batch.firstOffset() ?? batch.lastOffset());
    if (worker.expected === null || !(await this.follows(worker, first)) || !this.holds(worker)) return;
    const last = batch.lastOffset();
    worker.take(
      batch.messages.map((message) => fromKafka(batch.topic, batch.partition, message)),
      BigInt(last) + 1n,
    );
    // Only where the next fetch begins; committed is what a handler has finished.
    payload.resolveOffset(last);
  }

  /**
   * False when messages before the first one are there and were not fetched: a fetch of another generation. Where they have expired
   * kafkajs moves on without a word.
   */
  private async follows(worker: PartitionWorker, first: bigint): Promise<boolean> {
    const { topic, partition, expected } = worker;
    if (expected === null || first <= expected) return true;
    const low = await this.starts.low(topic, partition);
    if (low <= expected) {
      this.consumer.seek({ topic, partition, offset: expected.toString() });
      return false;
    }
    this.trouble(new MessagesExpired(place(topic, partition), expected, first));
    return true;
  }

  private holds(worker: PartitionWorker): boolean {
    return this.live && this.workers.get(place(worker.topic, worker.partition)) === worker;
  }

  private async commit(topic: string, partition: number, next: string): Promise<void> {
    // kafkajs answers a commit of a consumer that has stopped with success.
    if (!this.live) throw new TransportUnavailable(`${topic}/${partition} is no longer held by this member.`);
    await this.positions.now({ topic, partition, offset: next });
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
    const fault = this.context.link.faultOf(error);
    this.trouble(fault);
    this.positions.abandon();
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    await this.finish(fault);
  }

  private async finish(reason: Error | null): Promise<void> {
    this.live = false;
    this.lifeSign.stop();
    await this.context.link.end(this.consumer);
    this.end(reason);
  }

  private trouble(error: unknown): void {
    this.context.options.onTrouble?.(error);
  }
}

const silent = (ms: number): string =>
  `Nothing was heard of the group for ${Math.round(ms / 1000)} s; a new member takes this one's place.`;
