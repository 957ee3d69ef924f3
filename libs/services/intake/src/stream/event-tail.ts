import { setTimeout as pause } from 'node:timers/promises';
import { EventStore, type Position, type StoredEvent } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';

const BATCH = 200;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/** The log as it grows, in commit order, for whoever watches. */
@Injectable()
export class EventTail {
  constructor(private readonly store: EventStore) {}

  /** Events after the position (null: from the beginning) until the signal is aborted. */
  async *after(position: Position | null, signal: AbortSignal): AsyncGenerator<StoredEvent, void, undefined> {
    let last = position;
    let wait = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const events = await this.store.readAll(last, BATCH);
      for (const event of events) {
        if (signal.aborted) return;
        last = event.position;
        yield event;
      }
      wait = events.length === 0 ? Math.min(wait * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
      if (events.length < BATCH) await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
