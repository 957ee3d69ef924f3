import type { DomainRejection } from '@kwanus/kernel';
import type { ConsumerDefinition } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import type { ConsumerContext } from './context.js';
import { type Envelope, readEnvelope, readMessage } from './envelope.js';
import { MessageRefused } from './errors.js';
import type { Inbox } from './inbox.js';
import { invokeHandler } from './invoke.js';

/** Handles one message of a consumer, by its place in its stream. All but `envelopeOf` run inside a unit of work. */
export class MessageHandler {
  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly context: ConsumerContext,
  ) {}

  /** @throws UntrustedMessage */
  envelopeOf(message: ReceivedMessage): Envelope {
    return readEnvelope(message, this.definition.source);
  }

  /** Comes first in every unit of work: nothing is written before the locks are held. */
  async begin(key: string): Promise<void> {
    await this.context.inbox.open([key], []);
  }

  /** @throws StreamGap, StreamForked, MessageRefused, and whatever the handler throws */
  async handle(message: ReceivedMessage, envelope: Envelope): Promise<void> {
    const act = await this.prepare(message, envelope, this.context.inbox);
    if (act === null) return;
    await act();
    await this.context.inbox.settle(envelope);
  }

  /**
   * Judges a message and reads it; writes nothing.
   * @returns what is to be done before it is settled; null: nothing, it came before
   * @throws StreamGap, StreamForked, MessageRefused
   */
  async prepare(
    message: ReceivedMessage,
    envelope: Envelope,
    inbox: Pick<Inbox, 'judge'>,
  ): Promise<(() => Promise<void>) | null> {
    const standing = await inbox.judge(envelope);
    if (standing !== 'next') {
      this.context.skipped(standing);
      return null;
    }
    const handler = this.definition.handlers[envelope.headers.ce_type];
    if (handler === undefined) {
      this.refuseOtherVersion(envelope.headers.ce_type);
      return () => Promise.resolve();
    }
    const read = readMessage(envelope, message.body);
    return () => invokeHandler(handler, read, this.definition.name, this.context);
  }

  /** What the rules refused is settled, on record. */
  async reject(envelope: Envelope, { code, message }: DomainRejection): Promise<void> {
    const { inbox, record } = this.context;
    if ((await inbox.judge(envelope)) !== 'next') return;
    await record.rejected(envelope, code, message);
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
}

const baseOf = (type: string): string => type.replace(/\.v\d+$/, '');
