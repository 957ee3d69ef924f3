import type { StoredEvent } from './event.js';

/** How a projection writes: only to its own tables, only in the transaction that also moves its checkpoint. */
export interface ProjectionWriter {
  /** @returns the physical, schema-qualified, quoted name of one of the projection's tables in the generation being built */
  table(name: string): string;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * A read model, fed from the own log alone. Deterministic: no now(), no generated id, nothing but the event.
 * Its tables live in `<service>_read`, one physical table per generation (blue/green); a view with the plain name shows the
 * generation that is served, and queries read that view.
 */
export interface Projection {
  readonly name: string;
  /** Raised when the shape or the meaning changes: the new one is built beside the old one, and switched to at the end. */
  readonly version: number;
  /** Plain table name → DDL of the physical table (columns, keys, indexes) under the name that it is given. */
  readonly tables: Readonly<Record<string, (physicalName: string) => string>>;
  /** Called for every event of the log, in commit order, exactly once per generation. Ignores types it does not know. */
  readonly apply: (event: StoredEvent, write: ProjectionWriter) => Promise<void>;
}

/** Runs the projections of one service. */
export abstract class Projections {
  abstract register(projection: Projection): void;
  /** Waits until every projection has handled the given version of the stream. @throws Unavailable after timeoutMs */
  abstract waitFor(streamId: string, version: number, timeoutMs: number): Promise<void>;
  /** name, version, generation, position, lag in events, state (serving, building) of each. */
  abstract list(): Promise<readonly ProjectionStatus[]>;
  /** Builds a new generation of the named projection (all: undefined), serving the old one meanwhile. Progress per second. */
  abstract rebuild(name?: string, onProgress?: (progress: RebuildProgress) => void): Promise<void>;
}

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly state: 'serving' | 'building';
  readonly lagEvents: number;
}

export interface RebuildProgress {
  readonly name: string;
  readonly handled: number;
  readonly total: number;
}
