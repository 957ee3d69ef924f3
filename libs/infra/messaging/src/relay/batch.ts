import type { EventStore, Position, StoredEvent } from '@kwanus/event-store';
import type { Timestamp } from '@kwanus/kernel';
import type { TransportMessage } from '../transport.port.js';
import { UnpublishableEvent } from './errors.js';
import { type PublishingService, toMessage } from './publish.js';

/** The event that a relay can't publish, and why: nothing of its log goes out until code that knows it runs. */
export interface RelayBlockage {
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly reason: string;
}

/** A message, and where it goes. */
export type OutgoingMessage = TransportMessage & { readonly topic: string };

/** What can be sent of some events: all before the first that can not. */
export interface Prepared {
  readonly messages: readonly OutgoingMessage[];
  /** The first event that can't be published. */
  readonly refused: { readonly blockage: RelayBlockage; readonly since: Timestamp } | null;
}

/** What was read of a log at once, ready to be sent. */
export interface Batch extends Prepared {
  /** Where the last event stands that can be sent; null where there is none. */
  readonly end: Position | null;
  /** When the first event was recorded; null where the log has no more. */
  readonly since: Timestamp | null;
  /** It holds as much as a batch may: more waits behind it. */
  readonly full: boolean;
}

/** Reads what comes after a position and makes messages of it. */
export async function readBatch(
  store: Pick<EventStore, 'readAll'>,
  after: Position | null,
  size: number,
  service: PublishingService,
): Promise<Batch> {
  const { events, full } = await store.readAll(after, size);
  const { messages, refused } = prepare(events, service);
  return {
    messages,
    refused,
    end: events[messages.length - 1]?.position ?? null,
    since: events[0]?.recordedAt ?? null,
    full,
  };
}

/** What can be sent, up to the first event that can not: one must not hold up those before it. */
export function prepare(events: readonly StoredEvent[], service: PublishingService): Prepared {
  const messages: OutgoingMessage[] = [];
  for (const event of events)
    try {
      messages.push(toMessage(event, service));
    } catch (error) {
      if (!(error instanceof UnpublishableEvent)) throw error;
      const { streamId: stream, version, type, recordedAt: since } = event;
      return { messages, refused: { blockage: { stream, version, type, reason: error.message }, since } };
    }
  return { messages, refused: null };
}
