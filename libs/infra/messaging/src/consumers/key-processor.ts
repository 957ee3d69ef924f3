import { setTimeout as delay } from 'node:timers/promises';
import { type DomainRejection, isDomainRejection } from '@kwanus/kernel';
import type { ReceivedMessage } from '../transport.port.js';
import type { ConsumerContext } from './context.js';
import type { Envelope } from './envelope.js';
import { isTransient, ParkingFull, reasonOf, StreamForked, StreamGap } from './errors.js';
import type { MessageHandler } from './message-handler.js';
import type { Redriver } from './redriver.js';

const CHUNK = 50;
const PAUSES_MS = [50, 200, 800];

/** A message with the envelope that it was believed by. */
export interface Believed {
  readonly message: ReceivedMessage;
  readonly envelope: Envelope;
}

/** What holds a key: its first parked message. */
interface Held {
  readonly ahead: boolean;
  /** It only waited for one that holds the key no longer: whoever was to go on with it has stopped. */
  readonly left: boolean;
  readonly envelope: Envelope;
}

/** What a transaction came to. */
interface Outcome {
  readonly aside: { readonly message: ReceivedMessage; readonly error: StreamGap | null }[];
  /** What waits for missing versions may go on. */
  mayResume: boolean;
}

/**
 * Handles messages of one key, in order: as many as possible in one short transaction, one by one when that fails, and parks the key
 * when one can't be handled. One that is ahead of its stream is parked too; what is missing passes it.
 */
export class KeyProcessor {
  constructor(
    private readonly handler: MessageHandler,
    private readonly redriver: Redriver,
    private readonly context: ConsumerContext,
  ) {}

  /** @throws whatever stops the partition: ParkingFull, a database that is gone */
  async process(messages: readonly Believed[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < messages.length; at += CHUNK) {
      signal.throwIfAborted();
      await this.processChunk(messages.slice(at, at + CHUNK), signal);
    }
  }

  private async processChunk(chunk: readonly Believed[], signal: AbortSignal): Promise<void> {
    if (chunk.length > 1) {
      try {
        await this.inOneTransaction(chunk, signal);
        return;
      } catch (error) {
        if (signal.aborted || stopsThePartition(error)) throw error;
      }
    }
    for (const one of chunk) await this.processOne(one, signal);
  }

  private async processOne(one: Believed, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.inOneTransaction([one], signal);
        return;
      } catch (error) {
        if (signal.aborted || stopsThePartition(error)) throw error;
        if (isDomainRejection(error)) return this.settleRejected(one, error);
        const pause = error instanceof StreamForked ? undefined : PAUSES_MS[attempt];
        if (pause === undefined) return this.parkKey(one, error, attempt + 1);
        await delay(pause, undefined, { signal });
      }
    }
  }

  /** Stream positions are read first and written last, so that the handlers' appends take their locks before the first write. */
  private async inOneTransaction(chunk: readonly Believed[], signal: AbortSignal): Promise<void> {
    const { aside, mayResume } = await this.context.work.run(() => this.handleChunk(chunk));
    for (const { message, error } of aside) await this.context.parked(message, error);
    const key = chunk[0]?.envelope.key;
    if (mayResume && key !== undefined)
      await this.redriver.resume(key, { signal, left: Number.POSITIVE_INFINITY });
  }

  private async handleChunk(chunk: readonly Believed[]): Promise<Outcome> {
    const key = chunk[0]?.envelope.key ?? '';
    const outcome: Outcome = { aside: [], mayResume: false };
    await this.handler.begin(key);
    let held = await this.whatHolds(key);
    for (const { message, envelope } of chunk) {
      if (held !== null && !(await this.mayPass(envelope, held))) {
        await this.parkBehind(message);
        outcome.aside.push({ message, error: null });
        continue;
      }
      const gap = await this.handleUnlessAhead(message, envelope);
      if (gap !== null) {
        held = { ahead: true, left: false, envelope };
        outcome.aside.push({ message, error: gap });
      } else outcome.mayResume ||= held !== null;
    }
    outcome.mayResume ||= held !== null && (await this.isFilled(held));
    return outcome;
  }

  private async isFilled({ ahead, left, envelope }: Held): Promise<boolean> {
    return (ahead || left) && (await this.context.inbox.missingBefore(envelope)) === null;
  }

  private async whatHolds(key: string): Promise<Held | null> {
    const first = await this.context.parking.first(key);
    if (first === undefined) return null;
    const { reason, message } = first;
    return {
      ahead: reason === 'ahead',
      left: reason === 'behind',
      envelope: this.handler.envelopeOf(message),
    };
  }

  /** What is missing before a message that is ahead of its stream is true whatever becomes of that one. */
  private async mayPass({ streamId, version }: Envelope, held: Held): Promise<boolean> {
    if (!held.ahead || streamId !== held.envelope.streamId) return false;
    const missing = await this.context.inbox.missingBefore(held.envelope);
    return missing !== null && version <= missing;
  }

  private parkBehind(message: ReceivedMessage): Promise<void> {
    const error = 'waits behind a parked message';
    return this.context.parking.park(message, { reason: 'behind', error, attempts: 0 });
  }

  /** @returns what is missing before it: it is parked then, and its partition goes on */
  private async handleUnlessAhead(message: ReceivedMessage, envelope: Envelope): Promise<StreamGap | null> {
    const { inbox, parking } = this.context;
    if ((await this.handleOrGap(message, envelope)) === null) return null;
    await inbox.lockPosition(envelope.streamId);
    const gap = await this.handleOrGap(message, envelope);
    if (gap !== null) await parking.park(message, { reason: 'ahead', error: reasonOf(gap), attempts: 1 });
    return gap;
  }

  private async handleOrGap(message: ReceivedMessage, envelope: Envelope): Promise<StreamGap | null> {
    try {
      await this.handler.handle(message, envelope);
      return null;
    } catch (error) {
      if (!(error instanceof StreamGap)) throw error; // it is thrown before anything is written
      return error;
    }
  }

  private async settleRejected({ envelope }: Believed, rejection: DomainRejection): Promise<void> {
    await this.context.work.run(async () => {
      await this.handler.begin(envelope.key);
      await this.handler.reject(envelope, rejection);
    });
  }

  private async parkKey({ message, envelope }: Believed, error: unknown, attempts: number): Promise<void> {
    const text = reasonOf(error);
    const parked = await this.context.work.run(async () => {
      await this.handler.begin(envelope.key);
      if (!(error instanceof StreamForked) && (await this.handledMeanwhile(envelope))) return false;
      await this.context.parking.park(message, { reason: 'failed', error: text, attempts });
      return true;
    });
    if (parked) await this.context.parked(message, error);
  }

  /** By a member that holds the partition now, where this one has lost it without having heard. */
  private async handledMeanwhile(envelope: Envelope): Promise<boolean> {
    return (await this.context.inbox.judge(envelope)) !== 'next';
  }
}

const stopsThePartition = (error: unknown): boolean => error instanceof ParkingFull || isTransient(error);
