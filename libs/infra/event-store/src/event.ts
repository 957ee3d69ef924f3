import type { JsonObject, Timestamp } from '@kwanus/kernel';

/** Who acted, as it stands in the log: opaque, never a name or an address. */
export interface Actor {
  /** `person:<hash of iss and sub>`, `service:<name>` or `system:<service>`. */
  readonly id: string;
  readonly kind: 'person' | 'service' | 'system';
}

/** What the caller of an append says about the circumstances; the store adds the rest. */
export interface CommandMetadata {
  readonly actor: Actor;
  /** UUID; the same for everything that follows from one request. */
  readonly correlationId: string;
  /** The event id of the message, or the command id of the request, that caused this one; null for the first. */
  readonly causationId: string | null;
  /** UUID that makes a repetition recognisable; from caller + route + Idempotency-Key, or from a message or job (UUIDv5). */
  readonly commandId: string;
  /** W3C trace context, where a trace is active. */
  readonly traceparent?: string;
  /** The playbook version (with overlay) that the decision was made under, for example `1.0` or `1.0-demo`. */
  readonly playbookVersion?: string;
  /** When it happened, if that differs from when it is recorded. */
  readonly occurredAt?: Timestamp;
}

/** An event as a decider returns it. */
export interface NewEvent {
  readonly type: string;
  readonly schemaVersion?: number;
  readonly data: JsonObject;
}

/** The metadata of a stored event, hashed with it. */
export interface EventMetadata {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly commandId: string;
  readonly commandIndex: number;
  readonly routingKey: string;
  readonly traceparent?: string;
  readonly playbookVersion?: string;
}

/** Commit-safe order: a reader below the horizon never sees a smaller position appear later. */
export interface Position {
  readonly epoch: number;
  /** xid8 as decimal text. */
  readonly xid: string;
  /** bigint as decimal text. */
  readonly globalPosition: string;
}

/** An event as the log holds it. */
export interface StoredEvent<Data extends JsonObject = JsonObject> {
  readonly position: Position;
  readonly tenantId: string;
  readonly streamId: string;
  readonly streamType: string;
  /** 1 for the first event of the stream. */
  readonly version: number;
  readonly routingKey: string;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Data;
  readonly metadata: EventMetadata;
  readonly occurredAt: Timestamp;
  readonly recordedAt: Timestamp;
  /** SHA-256, 64 hexadecimal digits. */
  readonly prevHash: string;
  readonly hash: string;
}

/** What the writer expects of the stream; enforced in the database. */
export type ExpectedVersion = 'any' | 'no-stream' | 'stream-exists' | number;

/** One append to one stream. */
export interface AppendRequest {
  readonly streamId: string;
  /** The part of the stream id before the first `-`: `integration`, `membership`, `rollout` … */
  readonly streamType: string;
  /** The integration id, or the stream id where the events concern no integration. */
  readonly routingKey: string;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly NewEvent[];
  readonly metadata: CommandMetadata;
}

/** What an append came to. */
export interface Appended {
  readonly streamId: string;
  /** The stream's version after the append (the ORIGINAL one when `duplicate`). */
  readonly version: number;
  readonly eventIds: readonly string[];
  readonly recordedAt: Timestamp;
  /** True when the same command had been appended before; nothing was written now. */
  readonly duplicate: boolean;
}
