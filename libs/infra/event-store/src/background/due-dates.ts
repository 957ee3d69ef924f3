import { assertStorable, canonicalJson, uuidv5 } from '@kwanus/canonical';
import type { Clock, JsonObject } from '@kwanus/kernel';
import { RegistrationError } from '../errors.js';
import { toTimestamp } from '../log/rows.js';
import type { PostgresUnitOfWork } from '../log/unit-of-work.js';
import type { LogNames } from '../schema/names.js';
import { BackgroundLoop } from '../subscription/background-loop.js';
import { Signal } from '../subscription/signal.js';
import { type DueDate, DueDates, type DueHandler } from '../work.port.js';
import { errorText } from './error-text.js';

const AT_ONCE = 100;
/** A clock that stands still must not make the loop hot. */
const SOONEST_MS = 10;
const NAMESPACE = '3c1f6f0e-91a0-4a53-8f0c-5d0d3b1f7a52';

interface DueTools {
  readonly work: PostgresUnitOfWork;
  readonly names: LogNames;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly onTrouble: (what: string, error: unknown) => void;
}

interface Row {
  readonly key: string;
  readonly kind: string;
  readonly due_at: string;
  readonly payload: string;
  readonly revision: string;
}

/** What falls due in one log: a row each, handled under a lock on its key; looked for when the next one is due, and by polling. */
export class LogDueDates extends DueDates {
  readonly #handlers = new Map<string, DueHandler>();
  readonly #table: string;
  readonly #news = new Signal();
  #nextIn = Number.POSITIVE_INFINITY;
  readonly #loop: BackgroundLoop;

  constructor(private readonly tools: DueTools) {
    super();
    this.#table = `${tools.names.quoted}.es_due`;
    this.#loop = new BackgroundLoop({
      step: () => this.#fallDue(),
      wait: (signal) => this.#news.wait(Math.min(tools.pollMs, Math.max(SOONEST_MS, this.#nextIn)), signal),
      onTrouble: (error) => tools.onTrouble('due dates', error),
    });
  }

  /** @throws RegistrationError when the kind has a handler */
  register(handler: DueHandler): void {
    if (this.#handlers.has(handler.kind))
      throw new RegistrationError(`Two handlers take due dates of kind ${handler.kind}.`);
    this.#handlers.set(handler.kind, handler);
  }

  async schedule({ key, kind, dueAt, payload }: DueDate): Promise<void> {
    assertStorable(payload, '/payload');
    await this.tools.work.query(
      `INSERT INTO ${this.#table} AS d (key, kind, due_at, payload) VALUES ($1, $2, $3, $4)
       ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, due_at = excluded.due_at, payload = excluded.payload,
         revision = d.revision + 1, attempts = 0, retry_at = NULL, error = NULL`,
      [key, kind, dueAt, canonicalJson(payload)],
    );
    this.tools.work.afterCommit(() => this.#news.raise());
  }

  async cancel(key: string): Promise<void> {
    await this.tools.work.query(`DELETE FROM ${this.#table} WHERE key = $1`, [key]);
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** @returns whether there may be more at once */
  async #fallDue(): Promise<boolean> {
    const rows = await this.tools.work.query<{ key: string | null; due_in: string }>(
      `(SELECT key, NULL AS due_in FROM ${this.#table} WHERE due_at <= $1 AND kind = ANY($2)
          AND (retry_at IS NULL OR retry_at <= clock_timestamp()) ORDER BY due_at, key LIMIT ${AT_ONCE})
       UNION ALL (SELECT NULL, ceil(extract(epoch FROM due_at - $1) * 1000) FROM ${this.#table}
          WHERE due_at > $1 AND kind = ANY($2) ORDER BY due_at LIMIT 1)`,
      [this.#now(), [...this.#handlers.keys()]],
    );
    const due = rows.flatMap(({ key }) => (key === null ? [] : [key]));
    const next = rows.find(({ key }) => key === null);
    this.#nextIn = next === undefined ? Number.POSITIVE_INFINITY : Number(next.due_in);
    for (const key of due) await this.#one(key);
    return due.length === AT_ONCE;
  }

  async #one(key: string): Promise<void> {
    try {
      await this.tools.work.run(() => this.#handle(key));
    } catch (error) {
      this.tools.onTrouble(`due date ${key}`, error);
      await this.tools.work.query(
        `UPDATE ${this.#table} SET attempts = attempts + 1, error = $2,
           retry_at = clock_timestamp() + least(60, power(2, least(attempts, 6))) * interval '1 second' WHERE key = $1`,
        [key, errorText(error)],
      );
    }
  }

  /** Lock, read, act, remove: nothing is written before the handler's append, so that it gets its transaction id after its locks. */
  async #handle(key: string): Promise<void> {
    const [lock] = await this.tools.work.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken',
      [`${this.tools.names.lockPrefix}due:${key}`],
    );
    if (lock?.taken !== true) return;
    const [row] = await this.tools.work.query<Row>(
      `SELECT key, kind, (due_at AT TIME ZONE 'UTC')::text AS due_at, payload, revision FROM ${this.#table} WHERE key = $1 AND due_at <= $2`,
      [key, this.#now()],
    );
    const handler = row === undefined ? undefined : this.#handlers.get(row.kind);
    if (row === undefined || handler === undefined) return;
    const dueAt = toTimestamp(row.due_at);
    const due: DueDate = { key, kind: row.kind, dueAt, payload: JSON.parse(row.payload) as JsonObject };
    await handler.fall(due, uuidv5(JSON.stringify([this.tools.names.schema, key, dueAt]), NAMESPACE));
    // A handler that scheduled the same key anew raised the revision: that row stays.
    await this.tools.work.query(`DELETE FROM ${this.#table} WHERE key = $1 AND revision = $2`, [
      key,
      row.revision,
    ]);
  }

  #now(): string {
    return new Date(this.tools.clock.now()).toISOString();
  }
}
