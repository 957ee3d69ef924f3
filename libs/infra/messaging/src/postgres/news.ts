import type pg from 'pg';
import type { Ends } from './insert.js';

const key = (topicId: number, partition: number): string => `${topicId}/${partition}`;

/**
 * Knows how far each partition goes, for all subscriptions of a transport: from what was sent here, from hints of other
 * processes, and from one query every `pollMs`, which alone is the promise.
 */
export class News {
  private readonly ends = new Map<string, bigint>();
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly pollMs: number,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => void this.look(), this.pollMs).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.wake();
  }

  /** What was sent by this very process. */
  learn(topicId: number, ends: Ends): void {
    for (const [partition, end] of ends) this.raise(key(topicId, partition), end);
    this.wake();
  }

  /** Reads all ends; at most one query at a time. */
  async look(): Promise<void> {
    if (this.waiting.size === 0) return;
    this.looking ??= this.read().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  /** Resolves when the partition goes beyond the position, or when the signal is aborted. */
  async beyond(topicId: number, partition: number, from: bigint, signal: AbortSignal): Promise<void> {
    const place = key(topicId, partition);
    while (!signal.aborted && (this.ends.get(place) ?? 0n) <= from) await this.next(signal);
  }

  private next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  private async read(): Promise<void> {
    try {
      const { rows } = await this.pool.query<{ topic_id: number; partition: number; next_offset: string }>(
        'SELECT topic_id, partition, next_offset FROM bus.partition',
      );
      let changed = false;
      for (const row of rows)
        changed = this.raise(key(row.topic_id, row.partition), BigInt(row.next_offset)) || changed;
      if (changed) this.wake();
    } catch {
      // the workers meet the same fault and report it
    }
  }

  private raise(place: string, end: bigint): boolean {
    if ((this.ends.get(place) ?? 0n) >= end) return false;
    this.ends.set(place, end);
    return true;
  }

  private wake(): void {
    for (const done of this.waiting) done();
  }
}
