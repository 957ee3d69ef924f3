import { TransportRefused, TransportUnavailable } from './errors.js';
import type { TransportMessage } from './transport.port.js';

/** What bounds one delivery, beside its bytes, and what may wait behind it. */
const MAX_MESSAGES = 1000;
const MAX_WAITING = 20_000;

interface Waiting {
  readonly messages: readonly TransportMessage[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends to one topic, one delivery at a time, so that calls keep their order; calls that come meanwhile go together in the
 * next one.
 */
export class SendQueue {
  private readonly waiting: Waiting[] = [];
  private waitingMessages = 0;
  private running: Promise<void> | null = null;

  /**
   * @param deliver resolves when the transport has acknowledged all of them; `bytes` is what the calls said
   * @param maxBytes of one delivery, unless a single call brings more
   */
  constructor(
    private readonly topic: string,
    private readonly deliver: (messages: readonly TransportMessage[], bytes: number) => Promise<void>,
    private readonly maxBytes: number,
  ) {}

  /**
   * @param bytes what the messages count
   * @throws TransportUnavailable when the transport can't be reached, or too much waits already; TransportRefused as it comes
   */
  send(messages: readonly TransportMessage[], bytes: number): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    if (this.waitingMessages + messages.length > MAX_WAITING)
      return Promise.reject(
        new TransportUnavailable(`${this.waitingMessages} messages wait for ${this.topic} already.`),
      );
    return new Promise((resolve, reject) => {
      this.waiting.push({ messages, bytes, resolve, reject });
      this.waitingMessages += messages.length;
      this.running ??= this.drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        const bytes = group.reduce((sum, call) => sum + call.bytes, 0);
        await this.deliver(
          group.flatMap(({ messages }) => messages),
          bytes,
        );
        for (const { resolve } of group) resolve();
      } catch (error) {
        const failure =
          error instanceof TransportRefused
            ? error
            : new TransportUnavailable(
                `Messages for ${this.topic} were not acknowledged: ${error instanceof Error ? error.message : String(error)}`,
                { cause: error },
              );
        for (const { reject } of group) reject(failure);
      }
    }
    this.running = null;
  }

  private takeGroup(): Waiting[] {
    const group: Waiting[] = [];
    let messages = 0;
    let bytes = 0;
    while (this.waiting[0] !== undefined) {
      messages += this.waiting[0].messages.length;
      bytes += this.waiting[0].bytes;
      if (group.length > 0 && (messages > MAX_MESSAGES || bytes > this.maxBytes)) break;
      group.push(this.waiting.shift() as Waiting);
    }
    this.waitingMessages -= group.reduce((sum, entry) => sum + entry.messages.length, 0);
    return group;
  }
}
