import type { Clock } from '@kwanus/kernel';
import type { EventStore, UnitOfWork } from './event-store.port.js';
import type { Upcaster } from './log/upcasters.js';
import type { ChainReport } from './log/verify-stream.js';
import type { Projections } from './projection.port.js';
import type { ExtraTable } from './schema/migrate.js';
import type { Horizon } from './subscription/horizon.js';
import type { LogWatch } from './subscription/log-watch.js';
import type { DueDates, Jobs, Reactions } from './work.port.js';

/** Where the log tells what an operator should know. */
export interface LogLogger {
  readonly info: (message: string, details?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, details?: Readonly<Record<string, unknown>>) => void;
  readonly error: (message: string, details?: Readonly<Record<string, unknown>>) => void;
}

/** What a log is opened with. */
export interface EventLogOptions {
  /** The application's role. */
  readonly databaseUrl: string;
  /** The owner of the schemas, direct (no transaction pooler): migrations, DDL of read models, LISTEN, session locks. */
  readonly migrationUrl: string;
  /** `intake`; read models live in `intake_read`. */
  readonly schema: string;
  /** What is due is judged by it; leases, the log and its order are not. */
  readonly clock: Clock;
  readonly logger?: LogLogger;
  readonly upcasters?: readonly Upcaster[];
  /** Tables of the service's own in the log's schema. */
  readonly tables?: readonly ExtraTable[];
  /** False: serves reads and appends only; projections, reactions, jobs and due dates are left to other processes. */
  readonly background?: boolean;
  /** How often is looked for jobs, due dates and news of other processes that no hint told of. Default 1 000. */
  readonly pollMs?: number;
  /** Workers for jobs. Default 2. */
  readonly jobConcurrency?: number;
  /** Connections for requests and background together. Default 10. */
  readonly poolSize?: number;
  /** The longest transaction. Default 10 000. */
  readonly transactionMs?: number;
}

/** One service's log, with everything that is fed from it. */
export interface EventLog {
  readonly store: EventStore;
  readonly work: UnitOfWork;
  readonly projections: Projections;
  readonly reactions: Reactions;
  readonly jobs: Jobs;
  readonly dueDates: DueDates;
  /** Tells when there is something new to read: for the relay. */
  readonly watch: LogWatch;
  /** The oldest write transaction of the cluster, which hides newer events from readers; null: nothing holds them back. */
  horizon(): Promise<Horizon | null>;
  /** Recomputes the hash chain of a stream, in TypeScript, and names the first position that is wrong. */
  verifyStream(streamId: string): Promise<ChainReport>;
  /**
   * Migrates, checks the settings, settles the epoch, prepares the read models, then begins the background work. Register
   * projections, reactions and handlers before.
   * @throws LogUnusable, Unavailable
   */
  start(): Promise<void>;
  /** Ends what is in hand, then closes every connection. Safe to call twice. */
  stop(): Promise<void>;
}
