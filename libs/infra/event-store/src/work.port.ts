import type { JsonObject, Timestamp } from '@kwanus/kernel';
import type { StoredEvent } from './event.js';

/**
 * Reacts to the own log: called once per event and checkpoint, in commit order, in a unit of work that also moves the
 * checkpoint. Its only effects are rows in the own schema (jobs, due dates), never an append.
 */
export interface Reaction {
  readonly name: string;
  readonly handle: (event: StoredEvent) => Promise<void>;
}

/** Work that takes long: claimed by lease, done outside any transaction, its result appended with a command id made from the job. */
export interface Job {
  /** UUID; the id of the event that asked for it, or derived from it. */
  readonly id: string;
  readonly kind: string;
  readonly payload: JsonObject;
  readonly attempts: number;
}

export interface JobHandler {
  readonly kind: string;
  /** How long one attempt may take before its lease can be taken by another worker; renewed while it runs. */
  readonly leaseMs: number;
  readonly maxAttempts: number;
  /** `signal` is aborted when the lease is lost or the service stops. */
  readonly run: (job: Job, signal: AbortSignal) => Promise<void>;
  /** Called when the last attempt failed: append the failure as an event, so that nobody waits in silence. */
  readonly exhausted: (job: Job, error: unknown) => Promise<void>;
}

/** How far a job has come. */
export interface JobStatus extends Job {
  readonly state: 'ready' | 'leased' | 'done' | 'failed';
  /** Why the last attempt failed; null when none did. */
  readonly error: string | null;
  readonly createdAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

export abstract class Jobs {
  abstract register(handler: JobHandler): void;
  /** Idempotent by id; joins the active unit of work. */
  abstract enqueue(job: Omit<Job, 'attempts'>): Promise<void>;
  /** The jobs of a kind, those that were asked for last first; ended ones are kept for 30 days. */
  abstract list(kind: string, limit: number): Promise<readonly JobStatus[]>;
}

/** What falls due when; found by polling under a lock, never only by a timer in a process. */
export interface DueDate {
  /** Unique; scheduling again under the same key moves the date. */
  readonly key: string;
  readonly kind: string;
  readonly dueAt: Timestamp;
  readonly payload: JsonObject;
}

export interface DueHandler {
  readonly kind: string;
  /** Runs in a unit of work together with the removal of the row. `commandId` is derived from key and date. */
  readonly fall: (due: DueDate, commandId: string) => Promise<void>;
}

export abstract class DueDates {
  abstract register(handler: DueHandler): void;
  abstract schedule(due: DueDate): Promise<void>;
  abstract cancel(key: string): Promise<void>;
}

export abstract class Reactions {
  abstract register(reaction: Reaction): void;
}
