import type { JsonObject, Timestamp } from '@kwanus/kernel';

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
}

export abstract class Consumers {
  abstract register(definition: ConsumerDefinition): void;
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
