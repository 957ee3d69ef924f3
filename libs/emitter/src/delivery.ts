import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CloudEvent } from './cloud-event.js';
import type { DropReason } from './options.js';
import type { Attempt, Batch, Sender } from './sender.js';

const LONGEST_PAUSE_MS = 10_000;

/** What a delivery is told of, event by event. */
export interface DeliveryNews {
  readonly sent: (count: number) => void;
  /** Sent again though nobody knows whether the first attempt got through. */
  readonly repeated: (count: number) => void;
  readonly dropped: (reason: DropReason, count: number, error: unknown) => void;
}

/** Brings batches: tries again, takes out what is refused, halves what is too large. Every event is told of exactly once. */
export class Delivery {
  constructor(
    private readonly sender: Sender,
    private readonly bounds: { readonly maxAttempts: number; readonly retryMs: number },
    private readonly news: DeliveryNews,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when every event was sent or dropped; never rejects. */
  async bring(events: readonly CloudEvent[]): Promise<void> {
    const waiting: (readonly CloudEvent[])[] = [events];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      if (next.length > 0) waiting.unshift(...(await this.bringOne(next)));
  }

  /** @returns what is left to be brought, in order */
  private async bringOne(events: readonly CloudEvent[]): Promise<readonly (readonly CloudEvent[])[]> {
    const attempt = await this.attempts({ key: randomUUID(), events });
    switch (attempt.outcome) {
      case 'taken':
        this.news.sent(events.length);
        return [];
      case 'later':
        this.news.dropped(this.signal.aborted ? 'closed' : 'unreachable', events.length, attempt.error);
        return [];
      case 'too-large':
        return this.halves(events, attempt.error);
      case 'refused':
        return this.withoutRefused(events, attempt);
    }
  }

  /** The same key on every attempt, so that the platform can tell a repetition. */
  private async attempts(batch: Batch): Promise<Attempt> {
    for (let number = 1; ; number += 1) {
      if (this.signal.aborted)
        return { outcome: 'later', known: true, error: new Error('There was no time.') };
      const attempt = await this.sender.send(batch, this.signal);
      if (attempt.outcome !== 'later' || number >= this.bounds.maxAttempts) return attempt;
      await delay(attempt.waitMs ?? this.pause(number), undefined, { ref: false, signal: this.signal }).catch(
        () => undefined,
      );
      if (this.signal.aborted) return attempt;
      if (!attempt.known) this.news.repeated(batch.events.length);
    }
  }

  private pause(number: number): number {
    const longest = Math.min(this.bounds.retryMs * 2 ** (number - 1), LONGEST_PAUSE_MS);
    return longest * (0.5 + Math.random() / 2);
  }

  private halves(events: readonly CloudEvent[], error: unknown): readonly (readonly CloudEvent[])[] {
    const middle = Math.floor(events.length / 2);
    if (middle > 0) return [events.slice(0, middle), events.slice(middle)];
    this.news.dropped('refused', events.length, error);
    return [];
  }

  private withoutRefused(
    events: readonly CloudEvent[],
    { events: refused, error }: Extract<Attempt, { outcome: 'refused' }>,
  ): readonly (readonly CloudEvent[])[] {
    const rest = refused === undefined ? [] : events.filter((_, place) => !refused.has(place));
    const isProgress = rest.length < events.length;
    this.news.dropped('refused', isProgress ? events.length - rest.length : events.length, error);
    return isProgress ? [rest] : [];
  }
}
