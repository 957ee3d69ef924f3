import type { EventStore } from '@kwanus/event-store';
import { commandIdOf } from '../command-id.js';
import type { OperatorDecision } from '../consumer.port.js';
import type { Envelope } from './envelope.js';

/** What a consumer itself puts on record in its service's log: stream `consumer-<name>`, never published in clear. */
export class ConsumerRecord {
  constructor(
    private readonly store: EventStore,
    private readonly consumer: string,
    private readonly service: string,
  ) {}

  get streamId(): string {
    return `consumer-${this.consumer}`;
  }

  /** The rules refused what a message led to. */
  async rejected(message: Envelope, code: string, reason: string): Promise<void> {
    await this.append('MessageRejected', { ...ofMessage(message), code, reason }, message.key, {
      actor: { id: `system:${this.service}`, kind: 'system' },
      correlationId: message.headers.ce_correlationid,
      causationId: message.id,
      commandId: commandIdOf(`${this.consumer} rejected`, message.id),
    });
  }

  /** Somebody decided that a parked message is left out. */
  async skipped(
    about: Record<string, string | number | null>,
    key: string,
    decision: OperatorDecision,
  ): Promise<void> {
    const { actor, correlationId, commandId, reason } = decision;
    await this.append('ParkedMessageSkipped', { ...about, reason }, key, {
      actor,
      correlationId,
      causationId: null,
      commandId,
    });
  }

  /** @returns whether a command was carried out before */
  async holds(commandId: string): Promise<boolean> {
    return (await this.store.findCommand(this.streamId, commandId)) !== null;
  }

  private async append(
    type: string,
    data: Record<string, string | number | null>,
    routingKey: string,
    metadata: Parameters<EventStore['append']>[0]['metadata'],
  ): Promise<void> {
    await this.store.append({
      streamId: this.streamId,
      streamType: 'consumer',
      routingKey,
      expectedVersion: 'any',
      events: [{ type, data: { consumer: this.consumer, ...data } }],
      metadata,
    });
  }
}

/** What the log says about a message. */
export const ofMessage = (message: Envelope): Record<string, string | number> => ({
  messageId: message.id,
  messageType: message.headers.ce_type,
  streamId: message.streamId,
  streamVersion: message.version,
});
