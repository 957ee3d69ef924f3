import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { Unavailable, VersionConflict } from '../errors.js';
import { UnitOfWork } from '../event-store.port.js';
import { TENANT } from '../tenant.js';
import { type LogDatabase, rowsOf } from './database.js';
import { asUnavailable, isGuard, isTransient } from './pg-errors.js';

const RETRIES = 5;
const FIRST_PAUSE_MS = 5;
const RECOVERS = /^\s*ROLLBACK\s+TO\b/i;

/** What the log hears of units of work. */
export interface WorkObserver {
  /** A transaction that appended was committed. */
  committed(): void;
  guardFired(): void;
  retried(reason: 'conflict' | 'serialization'): void;
}

/** One attempt at a unit of work. */
class Attempt {
  /** The first error of a statement: the transaction can only be rolled back, even if someone caught it. */
  failure: unknown;
  /** What ended the connection while no statement was under way: the next statement says only that there is none. */
  broken: unknown;
  appended = false;
  readonly afterCommit: (() => void)[] = [];
  /** Committed or rolled back: what comes now would be a transaction of its own. */
  ended = false;

  constructor(
    readonly runner: QueryRunner,
    readonly streams: Set<string>,
  ) {}
}

/** A statement came after its unit of work was committed or rolled back: something in it was not awaited. */
export class WorkEnded extends Error {
  override readonly name = 'WorkEnded';

  constructor() {
    super('The unit of work has ended. Await everything that it begins, also what runs beside a failure.');
  }
}

/** Transactions of one log, joined through AsyncLocalStorage. */
export class PostgresUnitOfWork extends UnitOfWork {
  readonly #current = new AsyncLocalStorage<Attempt>();
  readonly #lockSql: string;

  constructor(
    private readonly database: LogDatabase,
    private readonly observer: WorkObserver,
    quotedSchema: string,
  ) {
    super();
    this.#lockSql = `SELECT ${quotedSchema}.es_lock($1, $2)`;
  }

  get active(): boolean {
    return this.#current.getStore() !== undefined;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.active) return work();
    const streams = new Set<string>();
    for (let retry = 0; ; retry += 1) {
      try {
        return await this.#attempt(work, streams, retry > 0);
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (retry === RETRIES) throw exhausted(error);
        this.observer.retried(error instanceof VersionConflict ? 'conflict' : 'serialization');
        await delay(FIRST_PAUSE_MS * 2 ** retry * (0.5 + Math.random()));
      }
    }
  }

  async lockStreams(streamIds: readonly string[]): Promise<void> {
    const sorted = [...new Set(streamIds)].sort();
    for (const stream of sorted) this.#current.getStore()?.streams.add(stream);
    await this.query(this.#lockSql, [TENANT, sorted]);
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const attempt = this.#current.getStore();
    if (attempt === undefined) return this.database.query<Row>(sql, parameters);
    if (attempt.ended) throw new WorkEnded();
    try {
      const rows = rowsOf<Row>(await attempt.runner.query(sql, [...parameters], true));
      if (RECOVERS.test(sql)) attempt.failure = undefined;
      return rows;
    } catch (error) {
      const failure = asUnavailable(attempt.broken ?? error);
      attempt.failure ??= failure;
      if (isGuard(error)) this.observer.guardFired();
      throw failure;
    }
  }

  /** Calls back once the active unit of work is committed, never when it is rolled back; at once when there is none. Must not throw. */
  afterCommit(then: () => void): void {
    const attempt = this.#current.getStore();
    if (attempt === undefined) then();
    else attempt.afterCommit.push(then);
  }

  /** An append was made to the stream in the active unit of work, or on a connection of its own. */
  noteAppend(streamId: string): void {
    const attempt = this.#current.getStore();
    if (attempt === undefined) return this.observer.committed();
    attempt.appended = true;
    attempt.streams.add(streamId);
  }

  /**
   * Remembers a stream whose append failed, so that the next attempt locks it before it reads, and what the failure is called:
   * it decides about the attempt even if somebody catches it.
   */
  noteFailedAppend(streamId: string, failure: { readonly thrown: unknown; readonly means: unknown }): void {
    const attempt = this.#current.getStore();
    if (attempt === undefined) return;
    attempt.streams.add(streamId);
    if (attempt.failure === failure.thrown) attempt.failure = failure.means;
  }

  async #attempt<T>(work: () => Promise<T>, streams: Set<string>, again: boolean): Promise<T> {
    const attempt = new Attempt(await this.database.acquire(), streams);
    const { runner } = attempt;
    const connection = (await runner.connect()) as EventEmitter;
    let broke: (error: unknown) => void = () => undefined;
    // Work that waits for something else than its connection would not hear of its end, and might wait for ever.
    const brokenOff = new Promise<never>((_, reject) => {
      broke = (error) => {
        attempt.broken ??= error;
        reject(asUnavailable(error));
      };
    });
    brokenOff.catch(() => undefined);
    connection.on('error', broke);
    try {
      await control(attempt, 'BEGIN');
      const working = this.#current.run(attempt, async () => {
        if (again && streams.size > 0) await this.lockStreams([...streams]);
        return work();
      });
      const result = await Promise.race([brokenOff, working]);
      if (attempt.failure !== undefined) throw attempt.failure;
      attempt.ended = true;
      await control(attempt, 'COMMIT');
      if (attempt.appended) this.observer.committed();
      for (const then of attempt.afterCommit) then();
      return result;
    } catch (error) {
      attempt.ended = true;
      await rollBack(runner);
      throw error;
    } finally {
      connection.off('error', broke);
      await runner.release();
    }
  }
}

async function control(attempt: Attempt, statement: 'BEGIN' | 'COMMIT'): Promise<void> {
  try {
    await attempt.runner.query(statement);
  } catch (error) {
    throw asUnavailable(attempt.broken ?? error);
  }
}

/** A connection that can't even roll back is not given to the next one. */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.query('ROLLBACK');
  } catch (error) {
    await (runner as unknown as { releasePostgresConnection(error: unknown): Promise<void> })
      .releasePostgresConnection(error)
      .catch(() => undefined);
  }
}

function exhausted(error: unknown): unknown {
  if (error instanceof VersionConflict) return error;
  return new Unavailable(`The unit of work was tried ${RETRIES + 1} times and never got through.`, {
    cause: error,
  });
}
