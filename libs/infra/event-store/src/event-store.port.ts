import type { Appended, AppendRequest, Position, StoredEvent } from './event.js';

/** How much of a stream to read. */
export interface ReadStreamOptions {
  readonly fromVersion?: number;
  /** Inclusive. */
  readonly toVersion?: number;
  /** Inclusive: events with recorded_at ≤ at. RFC 3339. */
  readonly at?: string;
}

/** A stream as read: `version` 0 means that it does not exist. */
export interface StreamSlice {
  readonly version: number;
  readonly events: readonly StoredEvent[];
}

/** A part of the log in commit order. */
export interface LogSlice {
  readonly events: readonly StoredEvent[];
  /** It holds as much as may be read at once: more may wait behind it. */
  readonly full: boolean;
}

/**
 * The log of one service. Every method joins the unit of work that is active (see UnitOfWork.run), else uses a connection of
 * its own.
 */
export abstract class EventStore {
  /**
   * Appends in one round trip, in the order of steps of docs/reference/event-log.md.
   * @throws VersionConflict, CommandReused (same command id, other content), PayloadRefused (U+0000, lone surrogates, size)
   */
  abstract append(request: AppendRequest): Promise<Appended>;
  abstract readStream(streamId: string, options?: ReadStreamOptions): Promise<StreamSlice>;
  /** What a command id came to on a stream; looked up BEFORE decide. @returns null when it was never seen */
  abstract findCommand(streamId: string, commandId: string): Promise<Appended | null>;
  /** Gap-safe read in commit order, strictly after the position (null: from the beginning); bounded in events and in bytes. */
  abstract readAll(after: Position | null, limit: number): Promise<LogSlice>;
}

/**
 * One short database transaction. `run` inside `run` joins the outer one; the outermost retries serialization failures,
 * deadlocks and version conflicts, whole, at most 5 times, with jitter.
 */
export abstract class UnitOfWork {
  abstract run<T>(work: () => Promise<T>): Promise<T>;
  /** Takes the log's lock and the locks of the streams, sorted, before the first write. */
  abstract lockStreams(streamIds: readonly string[]): Promise<void>;
  /** SQL on the connection of the active unit of work (or a pooled one outside). `$1` parameters. */
  abstract query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** True inside `run`. */
  abstract get active(): boolean;
}
