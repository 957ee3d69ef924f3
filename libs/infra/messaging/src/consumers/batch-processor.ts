import type { ReceivedMessage } from '../transport.port.js';
import type { ConsumerContext } from './context.js';
import type { Envelope } from './envelope.js';
import { isTransient, UntrustedMessage } from './errors.js';
import type { InboxPage } from './inbox-page.js';
import type { Believed, KeyProcessor } from './key-processor.js';
import { Lanes } from './lanes.js';
import type { MessageHandler } from './message-handler.js';

/** Transactions of a consumer at a time: one waits for the database while the other has something to do. */
const LANES = 2;
const MOST_MESSAGES = 100;
/** An open write transaction hides newer events from every gap-safe reader of the cluster. */
const BUDGET_MS = 25;
/** After so many keys that failed, what is left goes by its key too. */
const MOST_FAILURES = 3;

/** What a transaction came to: what is in neither waits for the next one. */
interface Outcome {
  readonly handled: ReadonlySet<Believed>;
  /** Keys that can't be handled together with others. */
  readonly apart: ReadonlySet<string>;
}

/**
 * Handles what the partitions of a consumer bring: what comes at the same time goes in one short transaction, whatever its keys.
 * A key that has something parked, or a message that can't be handled, goes by itself (KeyProcessor) and holds up no other.
 */
export class BatchProcessor {
  private readonly lanes = new Lanes<Believed, Outcome>({
    lanes: LANES,
    most: MOST_MESSAGES,
    run: (messages) => this.handleTogether(messages),
  });

  /** The key at which the last transaction ran out of time. */
  private reached = '';

  constructor(
    private readonly handler: MessageHandler,
    private readonly keys: KeyProcessor,
    private readonly context: ConsumerContext,
    private readonly budgetMs = BUDGET_MS,
  ) {}

  /**
   * Resolves when all messages of the batch are handled or parked.
   * @throws whatever stops the partition: ParkingFull, a database that is gone
   */
  async process(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<void> {
    let left = inOrder(await this.believe(messages));
    const apart = new Map<string, Believed[]>();
    while (left.length > 0) {
      signal.throwIfAborted();
      const outcome = await this.lanes.join(left);
      const waiting = left.filter((one) => !outcome.handled.has(one));
      left = waiting.filter(({ envelope }) => !outcome.apart.has(envelope.key));
      for (const one of waiting)
        if (outcome.apart.has(one.envelope.key))
          apart.set(one.envelope.key, [...(apart.get(one.envelope.key) ?? []), one]);
    }
    for (const ofKey of apart.values()) await this.keys.process(ofKey, signal);
  }

  private async believe(messages: readonly ReceivedMessage[]): Promise<Believed[]> {
    const believed: Believed[] = [];
    for (const message of messages) {
      const envelope = await this.envelopeOf(message);
      if (envelope !== null) believed.push({ message, envelope });
    }
    return believed;
  }

  /** A message that does not prove where it belongs is parked alone. */
  private async envelopeOf(message: ReceivedMessage): Promise<Envelope | null> {
    try {
      return this.handler.envelopeOf(message);
    } catch (error) {
      if (!(error instanceof UntrustedMessage)) throw error;
      await this.context.work.run(() =>
        this.context.parking.park(message, { reason: 'alone', error: error.message, attempts: 1 }),
      );
      await this.context.parked(message, error);
      return null;
    }
  }

  /** Without a key whose handler failed the others are tried again; what fails otherwise fails by its key, and says so there. */
  private async handleTogether(waiting: readonly Believed[]): Promise<Outcome> {
    const messages = this.behindReached(byKey(waiting));
    const failed = new Set<string>();
    while (failed.size <= MOST_FAILURES) {
      const attempt: { failing: string | null } = { failing: null };
      try {
        return await this.context.work.run(() => this.handleAll(messages, failed, attempt));
      } catch (error) {
        if (attempt.failing === null || isTransient(error)) break;
        failed.add(attempt.failing);
      }
    }
    return { handled: new Set(), apart: new Set(messages.map(({ envelope }) => envelope.key)) };
  }

  /** Where a transaction ran out of time the next one goes on: keys do not wait for ever for those that come before them. */
  private behindReached(messages: readonly Believed[]): readonly Believed[] {
    const behind = messages.filter(({ envelope }) => envelope.key > this.reached);
    this.reached = '';
    return behind.length > 0 ? behind : messages;
  }

  /** In the order of their keys: transactions that meet in several streams of the service wait for each other in the same order. */
  private async handleAll(
    messages: readonly Believed[],
    failed: ReadonlySet<string>,
    attempt: { failing: string | null },
  ): Promise<Outcome> {
    attempt.failing = null;
    const page = await this.context.inbox.open(
      messages.map(({ envelope }) => envelope.key),
      messages.map(({ envelope }) => envelope.streamId),
    );
    const handled = new Set<Believed>();
    const apart = new Set([...failed, ...page.held]);
    const until = performance.now() + this.budgetMs;
    for (const one of messages) {
      const { key } = one.envelope;
      if (apart.has(key)) continue;
      const act = await this.prepare(one, page);
      if (act === 'apart') {
        apart.add(key);
        continue;
      }
      attempt.failing = key;
      await act?.();
      attempt.failing = null;
      if (act !== null) page.settle(one.envelope);
      handled.add(one);
      if (performance.now() < until) continue;
      this.reached = key;
      break;
    }
    await page.write();
    return { handled, apart };
  }

  /** What fails here has written nothing yet. */
  private async prepare(
    { message, envelope }: Believed,
    page: InboxPage,
  ): Promise<(() => Promise<void>) | null | 'apart'> {
    try {
      return await this.handler.prepare(message, envelope, page);
    } catch {
      return 'apart';
    }
  }
}

const byKey = (messages: readonly Believed[]): Believed[] =>
  messages.toSorted((one, other) => compare(one.envelope.key, other.envelope.key));

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Puts the messages of each stream in the order of their versions, in the places that they have together: so one that was sent
 * again fills the gap that it was sent for, where it is within reach.
 */
function inOrder(believed: readonly Believed[]): Believed[] {
  const ofStream = new Map<string, Believed[]>();
  for (const one of believed) ofStream.set(streamOf(one), [...(ofStream.get(streamOf(one)) ?? []), one]);
  for (const messages of ofStream.values())
    messages.sort((first, second) => first.envelope.version - second.envelope.version);
  return believed.map((one) => ofStream.get(streamOf(one))?.shift() ?? one);
}

/** Of the key: a stranger may name another's stream. */
const streamOf = ({ envelope }: Believed): string => JSON.stringify([envelope.key, envelope.streamId]);
