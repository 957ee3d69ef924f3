import { setTimeout as delay } from 'node:timers/promises';
import { Fenced, MessagesExpired, TopicBeganAnew } from '../errors.js';
import type { BatchControl, ReceivedMessage, SubscribeOptions } from '../transport.port.js';
import type { Claim, Member } from './holdings.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const DEFAULT_BATCH = 500;

/** What a worker needs of its subscription. */
export interface WorkerContext {
  readonly member: Member;
  readonly options: SubscribeOptions;
  /** Renews the membership now. */
  readonly heartbeat: () => Promise<void>;
  /** Resolves when the partition has something at or after the position, or after a while. */
  readonly awaitNews: (claim: Claim, from: bigint, signal: AbortSignal) => Promise<void>;
  readonly trouble: (error: unknown) => void;
}

/** Reads one partition for as long as it is held: one batch in hand, none in advance. */
export class PartitionWorker {
  private readonly abort = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    readonly claim: Claim,
    private readonly committed: bigint | null,
    private readonly context: WorkerContext,
  ) {
    this.ended = this.run();
  }

  /** Asks it to stop; resolves when what is in hand is finished. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.ended;
  }

  private async run(): Promise<void> {
    let position: bigint | null = null;
    let pause = FIRST_PAUSE_MS;
    while (!this.abort.signal.aborted) {
      try {
        position ??= await this.start();
        position = await this.step(position);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (error instanceof Fenced) return this.fenced(error);
        if (this.abort.signal.aborted) return;
        this.context.trouble(error);
        position = this.redeliverFrom ?? position;
        await delay(pause, undefined, { signal: this.abort.signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** After a failure everything that was not committed comes again. */
  private redeliverFrom: bigint | null = null;

  private fenced(error: Fenced): void {
    if (!this.abort.signal.aborted) this.context.trouble(error);
    this.abort.abort();
  }

  private async start(): Promise<bigint> {
    const { topic, partition } = this.claim;
    const { options, member, trouble } = this.context;
    const { first, next } = await member.bounds(this.claim);
    const own = (await options.startAt?.(topic.name, partition, String(next))) ?? null;
    const known = own === null ? this.committed : BigInt(own);
    if (known !== null && known <= next) return known;
    if (known !== null)
      trouble(new TopicBeganAnew(`${topic.name}/${partition}`, String(known), String(next)));
    const from = known === null && options.from === 'latest' ? next : first;
    await member.commit(this.claim, from);
    return from;
  }

  private async step(position: bigint): Promise<bigint> {
    const batch = await this.context.member.fetch(
      this.claim,
      position,
      this.context.options.maxBatch ?? DEFAULT_BATCH,
    );
    const [first] = batch;
    const last = batch.at(-1);
    if (first === undefined || last === undefined) return this.waitOrSkip(position);
    if (BigInt(first.position) > position) this.reportExpired(position, BigInt(first.position));
    await this.handle(batch, BigInt(first.position));
    const next = BigInt(last.position) + 1n;
    await this.context.member.commit(this.claim, next);
    this.redeliverFrom = null;
    return next;
  }

  private async handle(batch: readonly ReceivedMessage[], first: bigint): Promise<void> {
    this.redeliverFrom = first;
    const control: BatchControl = {
      topic: this.claim.topic.name,
      partition: this.claim.partition,
      signal: this.abort.signal,
      commit: async (position) => {
        const next = BigInt(position) + 1n;
        await this.context.member.commit(this.claim, next);
        this.redeliverFrom = next;
      },
      heartbeat: this.context.heartbeat,
    };
    await this.context.options.handler(batch, control);
  }

  private async waitOrSkip(position: bigint): Promise<bigint> {
    const { first } = await this.context.member.bounds(this.claim);
    if (first > position) {
      this.reportExpired(position, first);
      return first;
    }
    await this.context.awaitNews(this.claim, position, this.abort.signal);
    return position;
  }

  private reportExpired(from: bigint, to: bigint): void {
    const place = `${this.claim.topic.name}/${this.claim.partition}`;
    this.context.trouble(new MessagesExpired(place, from, to));
  }
}
