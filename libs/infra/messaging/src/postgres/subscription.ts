import { Fenced } from '../errors.js';
import type { SubscribeOptions, Subscription } from '../transport.port.js';
import type { Holding, Member } from './holdings.js';
import type { News } from './news.js';
import { PartitionWorker, type WorkerContext } from './partition-worker.js';
import type { KnownTopic } from './topics.js';

/** What a subscription needs of its transport. */
export interface SubscriptionContext {
  readonly member: Member;
  readonly topics: readonly KnownTopic[];
  readonly news: News;
  readonly instance: () => number;
  readonly leaseMs: number;
  readonly tendMs: number;
  /** Tells the other members of the group to look at once. */
  readonly groupChanged: (group: string) => void;
  readonly ended: (subscription: PostgresSubscription) => void;
}

const place = (topicId: number, partition: number): string => `${topicId}/${partition}`;

/** One member of a group: keeps its lease, starts and stops a worker for each partition that it holds. */
export class PostgresSubscription implements Subscription {
  private readonly workers = new Map<string, PartitionWorker>();
  private readonly giving = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private readonly workerContext: WorkerContext;
  private tending: Promise<void> | null = null;
  private again = false;
  private stopping: Promise<void> | null = null;
  private crashed = false;

  constructor(
    readonly options: SubscribeOptions,
    private readonly context: SubscriptionContext,
  ) {
    this.timer = setInterval(() => void this.tend(), context.tendMs).unref();
    this.workerContext = {
      member: context.member,
      options,
      heartbeat: () => this.tend(),
      awaitNews: ({ topic, partition }, from, signal) =>
        context.news.beyond(topic.id, partition, from, signal),
      trouble: (error) => this.trouble(error),
    };
  }

  get group(): string {
    return this.options.group;
  }

  /** Renews the lease and follows what the group's rules give to this member; never throws. */
  async tend(): Promise<void> {
    if (this.stopping !== null || this.crashed) return;
    if (this.tending !== null) this.again = true;
    this.tending ??= this.tendUntilQuiet().finally(() => {
      this.tending = null;
    });
    await this.tending;
  }

  stop(): Promise<void> {
    this.stopping ??= this.leave();
    return this.stopping;
  }

  /** For tests of a crash: stops without a word to the group, as a killed process would; what is in hand goes on unheard. */
  crash(): void {
    this.crashed = true;
    this.context.member.die();
    clearInterval(this.timer);
    for (const worker of this.workers.values()) void worker.stop();
    this.context.ended(this);
  }

  private async tendUntilQuiet(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.tendOnce();
      } catch (error) {
        this.trouble(error);
      }
    } while (this.again && this.stopping === null && !this.crashed);
  }

  private async tendOnce(): Promise<void> {
    const { member, topics, instance, leaseMs } = this.context;
    const held = await member.tend(
      topics.map(({ id }) => id),
      instance(),
      leaseMs,
    );
    if (this.stopping !== null || this.crashed) return;
    this.dropLost(held);
    for (const holding of held) {
      if (holding.wanted) this.take(holding);
      else this.give(holding);
    }
  }

  private dropLost(held: readonly Holding[]): void {
    const still = new Map(held.map((holding) => [place(holding.topicId, holding.partition), holding]));
    for (const [key, worker] of this.workers) {
      if (still.get(key)?.generation === worker.claim.generation || this.giving.has(key)) continue;
      this.workers.delete(key);
      this.trouble(new Fenced(worker.claim.topic.name, worker.claim.partition));
      void worker.stop();
    }
  }

  private take({ topicId, partition, generation, position }: Holding): void {
    const key = place(topicId, partition);
    const topic = this.context.topics.find(({ id }) => id === topicId);
    if (topic === undefined || this.workers.has(key)) return;
    this.workers.set(
      key,
      new PartitionWorker({ topic, partition, generation }, position, this.workerContext),
    );
  }

  private give(holding: Holding): void {
    const key = place(holding.topicId, holding.partition);
    if (this.giving.has(key)) return;
    this.giving.add(key);
    void this.giveBack(key, holding).finally(() => this.giving.delete(key));
  }

  private async giveBack(key: string, { topicId, partition, generation }: Holding): Promise<void> {
    try {
      await this.workers.get(key)?.stop();
      this.workers.delete(key);
      await this.context.member.release(topicId, partition, generation);
      this.context.groupChanged(this.group);
    } catch (error) {
      this.trouble(error);
    }
  }

  private async leave(): Promise<void> {
    clearInterval(this.timer);
    await this.tending;
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    this.context.ended(this);
    if (this.crashed) return;
    await this.context.member.leave().catch((error: unknown) => this.trouble(error));
    this.context.groupChanged(this.group);
  }

  private trouble(error: unknown): void {
    this.options.onTrouble?.(error);
  }
}
