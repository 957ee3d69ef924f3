import type { Actor, CommandMetadata } from '@kwanus/event-store';
import type { JsonObject, Timestamp } from '@kwanus/kernel';
import type { ReceivedMessage } from './transport.port.js';

/** A message of another service's log, checked: CloudEvent envelope, schema of its type, source, stream position. */
export interface IntegrationMessage<Data extends JsonObject = JsonObject> {
  /** The event id in the producer's log. */
  readonly id: string;
  /** `kwanus.integration.review-passed.v1` */
  readonly type: string;
  /** `kwanus/intake` */
  readonly source: string;
  readonly time: Timestamp;
  readonly key: string;
  readonly streamId: string;
  readonly streamVersion: number;
  readonly prevHash: string;
  readonly eventHash: string;
  readonly correlationId: string;
  readonly playbookVersion?: string;
  readonly traceparent?: string;
  readonly data: Data;
}

/** What a service does with the messages of a topic. */
export interface ConsumerDefinition {
  /** Consumer group and inbox name: `intake.validation`. */
  readonly name: string;
  readonly topic: string;
  /** The only source whose messages are believed on this topic: `kwanus/validation`. */
  readonly source: string;
  /**
   * Message type → what to do. Runs inside one short unit of work together with inbox and stream position; its only effect is
   * an append to the own log, with `commandId` derived from the message. Types without a handler move the stream position only.
   */
  readonly handlers: Readonly<
    Record<string, (message: IntegrationMessage, context: ConsumeContext) => Promise<void>>
  >;
}

export interface ConsumeContext {
  /** UUIDv5 of consumer and message id. */
  readonly commandId: string;
  /** For the append: the service as actor, the message's correlation id, the message as cause, the trace, the playbook version. */
  readonly metadata: CommandMetadata;
}

/** What is parked under a key of a consumer. */
export interface ParkedKey {
  readonly consumer: string;
  /** The key, or `topic/partition/position` of a message that was parked alone. */
  readonly key: string;
  readonly messages: number;
  /** Why the first one is there. */
  readonly error: string;
  readonly since: Timestamp;
}

/** A parked message, whole. */
export interface ParkedMessage {
  readonly id: string;
  readonly consumer: string;
  readonly key: string;
  readonly message: ReceivedMessage;
  readonly error: string;
  readonly attempts: number;
  readonly parkedAt: Timestamp;
}

/** What a re-drive came to: it goes on until one fails again, or so many are done that the caller should ask for more. */
export interface Redriven {
  readonly handled: number;
  readonly remaining: number;
  /** Why it stopped; null when all went well: ask again while some remain. */
  readonly error: string | null;
}

/** What giving up missing versions came to: a re-drive of what waited for them. */
export interface GapSkipped extends Redriven {
  /** By this command; false when the consumer was that far already: a position never goes back. */
  readonly givenUp: boolean;
}

/** Who decides, and why: both stand in the log. */
export interface OperatorDecision {
  readonly actor: Actor;
  readonly reason: string;
  readonly commandId: string;
  readonly correlationId: string;
}

/** What could not be handled, and what an operator can do about it. Unknown consumers and keys have nothing parked. */
export abstract class ParkedMessages {
  /** Of one consumer, or of all. */
  abstract list(consumer?: string): Promise<readonly ParkedKey[]>;
  /** The first messages of a key. */
  abstract show(consumer: string, key: string, limit?: number): Promise<readonly ParkedMessage[]>;
  /** Handles the first messages of the key again, in order, at most 200. `acceptFork` believes the first one though it does not follow what came before. */
  abstract redrive(consumer: string, key: string, options?: { acceptFork?: boolean }): Promise<Redriven>;
  /** Leaves the first message of the key out for ever; an event says so. @returns false when nothing was parked */
  abstract skip(consumer: string, key: string, decision: OperatorDecision): Promise<boolean>;
  /**
   * Gives up the missing versions of a producer's stream, for which an event stands, and handles what waited, at most 200 messages.
   * Asked again it goes on with what is left.
   */
  abstract skipGap(
    consumer: string,
    streamId: string,
    throughVersion: number,
    decision: OperatorDecision,
  ): Promise<GapSkipped>;
}

export abstract class Consumers {
  abstract register(definition: ConsumerDefinition): void;
  abstract readonly parked: ParkedMessages;
}

/** How a stored event leaves the service: one message for every event. */
export interface PublishedForm {
  readonly topic: string;
  readonly type: string;
  readonly data: JsonObject;
}

/** stored event type → contract event; null means internal: it goes out as `kwanus.<service>.withheld.v1` without data. */
export type Publisher = (event: {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: JsonObject;
}) => PublishedForm | null;
