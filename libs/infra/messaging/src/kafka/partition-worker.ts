import { setTimeout as delay } from 'node:timers/promises';
import type { BatchControl, ReceivedMessage, SubscribeOptions } from '../transport.port.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const DEFAULT_BATCH = 500;

/** What a worker needs of its subscription. */
export interface WorkerContext {
  readonly options: SubscribeOptions;
  /** Resolves when the position is committed. */
  readonly commit: (topic: string, partition: number, next: string) => Promise<void>;
  /** To be committed with the next ones. */
  readonly finished: (topic: string, partition: number, next: string, messages: number) => void;
  /** Fetching goes on, or waits. */
  readonly fetching: (topic: string, partition: number, goesOn: boolean) => void;
  readonly trouble: (error: unknown) => void;
}

const after = (position: string): string => (BigInt(position) + 1n).toString();

/** Hands the messages of one partition to the handler, in order, one batch at a time; waits apart from the other partitions. */
export class PartitionWorker {
  private readonly abort = new AbortController();
  private readonly queue: ReceivedMessage[] = [];
  private readonly maxBatch: number;
  private wake: () => void = () => undefined;
  private held = false;
  private next: bigint | null = null;
  /** Resolves when nothing is in hand and nothing more will be. */
  readonly ended: Promise<void>;

  /** @param previous the end of the worker that had this partition before: one batch of a partition at a time */
  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly context: WorkerContext,
    previous: Promise<void>,
  ) {
    this.maxBatch = context.options.maxBatch ?? DEFAULT_BATCH;
    this.ended = previous.then(() => this.run());
  }

  /** Nothing is taken before it is known where to begin. */
  beginAt(position: string): void {
    this.next = BigInt(position);
  }

  /** The position that is to be fetched next; null while that is not known. */
  get expected(): bigint | null {
    return this.next;
  }

  /** Takes what was fetched; fetching waits while more than a batch is queued. */
  take(messages: readonly ReceivedMessage[], next: bigint): void {
    this.next = next;
    this.queue.push(...messages);
    this.wake();
    if (this.held || this.queue.length <= this.maxBatch) return;
    this.held = true;
    this.context.fetching(this.topic, this.partition, false);
  }

  /** Tells the handler to hurry and takes nothing more from the queue; resolves when what is in hand is finished. */
  stop(): Promise<void> {
    this.abort.abort();
    this.wake();
    return this.ended;
  }

  private async run(): Promise<void> {
    while (!this.abort.signal.aborted) {
      const batch = this.queue.splice(0, this.maxBatch);
      this.fetchAgain(); // beside the handler
      if (batch.length > 0) await this.handleUntilDone(batch);
      else await this.news();
    }
  }

  private fetchAgain(): void {
    if (!this.held || this.queue.length > this.maxBatch / 2) return;
    this.held = false;
    this.context.fetching(this.topic, this.partition, true);
  }

  private async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (this.abort.signal.aborted || this.queue.length > 0) resolve();
    });
  }

  /** What was not committed comes again after a failure. */
  private async handleUntilDone(batch: readonly ReceivedMessage[]): Promise<void> {
    let left = batch;
    const commit = async (position: string): Promise<void> => {
      await this.context.commit(this.topic, this.partition, after(position));
      left = left.filter((message) => BigInt(message.position) > BigInt(position));
    };
    for (let pause = FIRST_PAUSE_MS; left.length > 0; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const last = left.at(-1);
      try {
        await this.context.options.handler(left, this.control(commit));
        if (last !== undefined)
          this.context.finished(this.topic, this.partition, after(last.position), left.length);
        return;
      } catch (error) {
        if (this.abort.signal.aborted) return;
        this.context.trouble(error);
        await delay(pause, undefined, { signal: this.abort.signal }).catch(() => undefined);
        if (this.abort.signal.aborted) return;
      }
    }
  }

  private control(commit: (position: string) => Promise<void>): BatchControl {
    return {
      topic: this.topic,
      partition: this.partition,
      signal: this.abort.signal,
      commit,
      // Fetching goes on beside the handler and carries the heartbeats: long work does not cost the membership.
      heartbeat: async () => undefined,
    };
  }
}
