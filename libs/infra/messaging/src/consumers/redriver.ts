import { isDomainRejection } from '@kwanus/kernel';
import type { ConsumerContext } from './context.js';
import type { Envelope } from './envelope.js';
import { isTransient, reasonOf, StreamForked, StreamGap } from './errors.js';
import type { MessageHandler } from './message-handler.js';
import type { ParkedEntry, WaitingKey } from './parking.js';

/** A parked message that could not be handled again. */
class RedriveFailed extends Error {
  override readonly name = 'RedriveFailed';
  constructor(
    readonly entry: ParkedEntry,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** How far what waited may go on at once. */
export interface ResumeTurn {
  readonly signal: AbortSignal;
  /** So many messages more. */
  left: number;
}

type Attempt = (entry: ParkedEntry, envelope: Envelope) => Promise<void>;

/** Handles parked messages again. */
export class Redriver {
  constructor(
    private readonly handler: MessageHandler,
    private readonly context: ConsumerContext,
  ) {}

  /**
   * Handles the first parked message of a key again and takes it out; what the rules refuse is put on record, as ever. Where a
   * version is missing before it and that one is parked too, it is that one's turn.
   * @param acceptFork believes it though it does not follow what came before
   * @returns false when nothing is parked under the key
   * @throws whatever keeps it from being handled
   */
  async redriveFirst(key: string, acceptFork: boolean): Promise<boolean> {
    let tried: ParkedEntry | undefined;
    const attempt = (act: Attempt): Promise<boolean> =>
      this.takeOut(key, acceptFork, (entry, envelope) => {
        tried = entry;
        return act(entry, envelope);
      });
    try {
      return await attempt(({ message }, envelope) => this.handler.handle(message, envelope));
    } catch (error) {
      if (tried === undefined) throw error;
      if (!isDomainRejection(error)) throw new RedriveFailed(tried, error);
      const { id } = tried;
      return attempt((entry, envelope) => {
        if (entry.id !== id) throw error;
        return this.handler.reject(envelope, error);
      });
    }
  }

  /**
   * Handles what waited for missing versions of a stream, now that some have come: in order, until one is missing still or can't be
   * handled. One that its stream has contradicted meanwhile was never part of it, and holds its key no longer.
   * @throws the signal's reason between two messages: what is left goes on with the next message of the key
   */
  async resume(key: string, turn: ResumeTurn): Promise<void> {
    while (turn.left > 0) {
      turn.signal.throwIfAborted();
      const first = await this.context.parking.first(key);
      if (first === undefined || first.reason === 'failed') return;
      try {
        if (await this.redriveFirst(key, false)) turn.left -= 1;
      } catch (error) {
        if (!(error instanceof RedriveFailed) || isTransient(error.cause)) throw error;
        if (!(await this.setAside(error))) return;
      }
    }
  }

  /** @returns the keys that may go on: nothing is missing before their first message in a stream, or whoever went on with them has stopped */
  async free(streamId: string): Promise<readonly WaitingKey[]> {
    const free: WaitingKey[] = [];
    for (const waiting of await this.context.parking.waitingFor(streamId))
      if (await this.mayGoOn(waiting.key)) free.push(waiting);
    return free;
  }

  private async mayGoOn(key: string): Promise<boolean> {
    const first = await this.context.parking.first(key);
    if (first === undefined || first.reason === 'failed') return false;
    if (first.reason === 'behind' || (await this.missingFor(first, key)) !== undefined) return true;
    return (await this.context.inbox.missingBefore(this.handler.envelopeOf(first.message))) === null;
  }

  /** @returns true when the next one may be tried: the message holds its key no longer, or nothing is missing before it any more */
  private async setAside({ entry, cause }: RedriveFailed): Promise<boolean> {
    const { work, parking, parked } = this.context;
    const waits = cause instanceof StreamGap;
    if (waits && entry.reason === 'ahead') return false;
    if (waits) return this.waitsIn(entry, cause);
    const contradicted = entry.reason === 'ahead' && cause instanceof StreamForked;
    const reason = contradicted ? 'alone' : 'failed';
    await work.run(() => parking.mark(entry.id, { reason, error: reasonOf(cause) }));
    await parked(entry.message, cause);
    return contradicted;
  }

  /** @returns true when nothing is missing before the message any more */
  private async waitsIn(entry: ParkedEntry, gap: StreamGap): Promise<boolean> {
    const { work, inbox, parking, parked } = this.context;
    const envelope = this.handler.envelopeOf(entry.message);
    const filled = await work.run(async () => {
      await inbox.lockPosition(envelope.streamId);
      if ((await inbox.missingBefore(envelope)) === null) return true;
      await parking.mark(entry.id, { reason: 'ahead', error: reasonOf(gap) });
      return false;
    });
    if (!filled) await parked(entry.message, gap);
    return filled;
  }

  private async takeOut(key: string, acceptFork: boolean, act: Attempt): Promise<boolean> {
    const { work, parking, inbox } = this.context;
    return work.run(async () => {
      await this.handler.begin(key);
      const first = await parking.first(key);
      if (first === undefined) return false;
      const entry = (await this.missingFor(first, key)) ?? first;
      const envelope = this.handler.envelopeOf(entry.message);
      if (envelope.key !== key) await inbox.lockKey(envelope.key); // parked alone: under its place, not its key
      if (acceptFork) await this.acceptFork(envelope);
      await act(entry, envelope);
      await parking.remove(entry.id);
      return true;
    });
  }

  private async missingFor({ message }: ParkedEntry, key: string): Promise<ParkedEntry | undefined> {
    const envelope = this.handler.envelopeOf(message);
    const missing = await this.context.inbox.missingBefore(envelope);
    return missing === null ? undefined : this.context.parking.find(key, envelope.streamId, missing);
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
}
