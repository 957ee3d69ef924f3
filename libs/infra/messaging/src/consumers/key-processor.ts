import { setTimeout as delay } from 'node:timers/promises';
import { type DomainRejection, isDomainRejection } from '@kwanus/kernel';
import type { ConsumerDefinition, ParkedMessage } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import type { ConsumerContext } from './context.js';
import { type Envelope, readEnvelope, readMessage } from './envelope.js';
import {
  isTransient,
  MessageRefused,
  ParkingFull,
  reasonOf,
  StreamForked,
  StreamGap,
  UntrustedMessage,
} from './errors.js';
import { invokeHandler } from './invoke.js';

const CHUNK = 50;
const PAUSES_MS = [50, 200, 800];

/** A message with the envelope that it was believed by. */
interface Believed {
  readonly message: ReceivedMessage;
  readonly envelope: Envelope;
}

/**
 * Handles the messages of one key, in order: as many as possible in one short transaction, one by one when that fails, and
 * parks the key when one can't be handled.
 */
export class KeyProcessor {
  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly context: ConsumerContext,
  ) {}

  /** @throws whatever stops the partition: StreamGap, ParkingFull, a database that is gone */
  async process(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<void> {
    const believed: Believed[] = [];
    for (const message of messages) {
      const envelope = await this.believe(message);
      if (envelope !== null) believed.push({ message, envelope });
    }
    const inOrder = byVersion(believed);
    for (let at = 0; at < inOrder.length; at += CHUNK) {
      signal.throwIfAborted();
      await this.processChunk(inOrder.slice(at, at + CHUNK), signal);
    }
  }

  /**
   * Handles the first parked message of a key again and takes it out; what the rules refuse is put on record, as ever.
   * @param acceptFork believes it though it does not follow what came before
   * @returns false when nothing is parked under the key
   * @throws whatever keeps it from being handled
   */
  async redriveFirst(key: string, acceptFork: boolean): Promise<boolean> {
    let tried = '';
    try {
      return await this.takeOut(key, acceptFork, async ({ id, message }, envelope) => {
        tried = id;
        await this.handle(message, envelope, this.context.inbox);
      });
    } catch (error) {
      if (!isDomainRejection(error)) throw error;
      return this.takeOut(key, acceptFork, async ({ id }, envelope) => {
        if (id !== tried) throw error;
        await this.reject(envelope, error);
      });
    }
  }

  private async takeOut(
    key: string,
    acceptFork: boolean,
    handle: (first: ParkedMessage, envelope: Envelope) => Promise<void>,
  ): Promise<boolean> {
    const { work, parking } = this.context;
    return work.run(async () => {
      await this.begin(key);
      const [first] = await parking.show(key, 1);
      if (first === undefined) return false;
      const envelope = readEnvelope(first.message, this.definition.source);
      if (acceptFork) await this.acceptFork(envelope);
      await handle(first, envelope);
      await parking.remove(first.id);
      return true;
    });
  }

  private async acceptFork(envelope: Envelope): Promise<void> {
    const { inbox } = this.context;
    try {
      await inbox.judge(envelope);
    } catch (error) {
      if (!(error instanceof StreamForked)) throw error;
      await inbox.standBefore(envelope);
    }
  }

  /** A message that does not prove where it belongs is parked alone. */
  private async believe(message: ReceivedMessage): Promise<Envelope | null> {
    try {
      return readEnvelope(message, this.definition.source);
    } catch (error) {
      if (!(error instanceof UntrustedMessage)) throw error;
      await this.context.work.run(() =>
        this.context.parking.park(message, { reason: 'alone', error: error.message, attempts: 1 }),
      );
      await this.context.parked(message, error);
      return null;
    }
  }

  private async processChunk(chunk: readonly Believed[], signal: AbortSignal): Promise<void> {
    if (chunk.length > 1) {
      try {
        await this.inOneTransaction(chunk);
        return;
      } catch (error) {
        if (stopsThePartition(error) && !(error instanceof StreamGap)) throw error; // what stands before a gap is handled
      }
    }
    for (const one of chunk) await this.processOne(one, signal);
  }

  private async processOne(one: Believed, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.inOneTransaction([one]);
        return;
      } catch (error) {
        if (stopsThePartition(error)) throw error;
        if (isDomainRejection(error)) return this.settleRejected(one, error);
        const pause = error instanceof StreamForked ? undefined : PAUSES_MS[attempt];
        if (pause === undefined) return this.parkKey(one, error, attempt + 1);
        await delay(pause, undefined, { signal });
      }
    }
  }

  /** Stream positions are read first and written last, so that the handlers' appends take their locks before the first write. */
  private async inOneTransaction(chunk: readonly Believed[]): Promise<void> {
    const { work, inbox, parking } = this.context;
    const key = chunk[0]?.envelope.key ?? '';
    const waiting: ReceivedMessage[] = [];
    await work.run(async () => {
      waiting.length = 0;
      await this.begin(key);
      const parked = await parking.holds(key);
      for (const { message, envelope } of chunk) {
        if (parked) {
          await parking.park(message, {
            reason: 'behind',
            error: 'waits behind a parked message',
            attempts: 0,
          });
          waiting.push(message);
        } else await this.handle(message, envelope, inbox);
      }
    });
    for (const message of waiting) await this.context.parked(message, null);
  }

  private async begin(key: string): Promise<void> {
    await this.context.work.query("SET LOCAL transaction_timeout = '5s'");
    await this.context.work.lockStreams([]);
    await this.context.inbox.lockKey(key);
  }

  private async handle(
    message: ReceivedMessage,
    envelope: Envelope,
    inbox: ConsumerContext['inbox'],
  ): Promise<void> {
    const standing = await inbox.judge(envelope);
    if (standing !== 'next') return this.context.skipped(standing);
    const handler = this.definition.handlers[envelope.headers.ce_type];
    if (handler !== undefined)
      await invokeHandler(handler, readMessage(envelope, message.body), this.definition.name, this.context);
    else this.refuseOtherVersion(envelope.headers.ce_type);
    await inbox.settle(envelope);
  }

  /** A type that nobody here handles moves the stream on; another version of one that is handled must not be lost. */
  private refuseOtherVersion(type: string): void {
    const handled = Object.keys(this.definition.handlers).find((known) => baseOf(known) === baseOf(type));
    if (handled !== undefined)
      throw new MessageRefused(
        `${type} came; ${handled} is handled here. Upgrade this service, then re-drive the key.`,
      );
  }

  private async settleRejected({ envelope }: Believed, rejection: DomainRejection): Promise<void> {
    await this.context.work.run(async () => {
      await this.begin(envelope.key);
      await this.reject(envelope, rejection);
    });
  }

  private async reject(envelope: Envelope, { code, message }: DomainRejection): Promise<void> {
    const { inbox, record } = this.context;
    if ((await inbox.judge(envelope)) !== 'next') return;
    await record.rejected(envelope, code, message);
    await inbox.settle(envelope);
  }

  private async parkKey({ message, envelope }: Believed, error: unknown, attempts: number): Promise<void> {
    const text = reasonOf(error);
    const parked = await this.context.work.run(async () => {
      await this.begin(envelope.key);
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

/**
 * Puts the messages of each stream in the order of their versions, in the places that they have together: so one that was sent
 * again fills the gap that it was sent for, where it is within reach.
 */
function byVersion(believed: readonly Believed[]): Believed[] {
  const ofStream = new Map<string, Believed[]>();
  for (const one of believed)
    ofStream.set(one.envelope.streamId, [...(ofStream.get(one.envelope.streamId) ?? []), one]);
  for (const messages of ofStream.values())
    messages.sort((first, second) => first.envelope.version - second.envelope.version);
  return believed.map((one) => ofStream.get(one.envelope.streamId)?.shift() ?? one);
}

const baseOf = (type: string): string => type.replace(/\.v\d+$/, '');

const stopsThePartition = (error: unknown): boolean =>
  error instanceof StreamGap || error instanceof ParkingFull || isTransient(error);
