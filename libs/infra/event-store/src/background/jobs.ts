import { randomUUID } from 'node:crypto';
import { assertStorable, canonicalJson } from '@kwanus/canonical';
import type { JsonObject } from '@kwanus/kernel';
import { RegistrationError, Unavailable } from '../errors.js';
import type { PostgresUnitOfWork } from '../log/unit-of-work.js';
import type { LogNames } from '../schema/names.js';
import { BackgroundLoop, pause } from '../subscription/background-loop.js';
import { Signal } from '../subscription/signal.js';
import { type Job, type JobHandler, type JobStatus, Jobs } from '../work.port.js';
import { errorText } from './error-text.js';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 30_000;
const KEPT = '30 days';

/** A worker died or lost its lease in the last attempt of a job. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

interface JobTools {
  readonly work: PostgresUnitOfWork;
  readonly names: LogNames;
  readonly pollMs: number;
  readonly concurrency: number;
  readonly onTrouble: (what: string, error: unknown) => void;
}

interface ClaimedRow {
  readonly id: string;
  readonly kind: string;
  readonly payload: string;
  readonly attempts: number;
}

const rfc3339 = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** How an attempt ended. */
type Outcome = { readonly done: true } | { readonly done: false; readonly error: unknown };

/** Leased work of one log. Leases run on the database's clock, so that processes agree about them. */
export class LogJobs extends Jobs {
  readonly #handlers = new Map<string, JobHandler>();
  readonly #news = new Signal();
  readonly #table: string;
  #workers: BackgroundLoop[] = [];

  constructor(private readonly tools: JobTools) {
    super();
    this.#table = `${tools.names.quoted}.es_job`;
  }

  /** @throws RegistrationError when the kind has a handler */
  register(handler: JobHandler): void {
    if (this.#handlers.has(handler.kind))
      throw new RegistrationError(`Two handlers take jobs of kind ${handler.kind}.`);
    this.#handlers.set(handler.kind, handler);
  }

  async enqueue({ id, kind, payload }: Omit<Job, 'attempts'>): Promise<void> {
    assertStorable(payload, '/payload');
    await this.tools.work.query(
      `INSERT INTO ${this.#table} (id, kind, payload) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
      [id, kind, canonicalJson(payload)],
    );
    this.tools.work.afterCommit(() => this.#news.raise());
  }

  async list(kind: string, limit: number): Promise<readonly JobStatus[]> {
    const rows = await this.tools.work.query<Omit<JobStatus, 'payload'> & { payload: string }>(
      `SELECT id, kind, payload, attempts, state, error, ${rfc3339('created_at')} AS "createdAt", ${rfc3339('ended_at')} AS "endedAt"
        FROM ${this.#table} j WHERE kind = $1 ORDER BY j.created_at DESC, id LIMIT $2`,
      [kind, limit],
    );
    return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as JsonObject }));
  }

  start(): void {
    this.#workers = Array.from({ length: this.tools.concurrency }, () => this.#worker());
    for (const worker of this.#workers) worker.start();
  }

  /** Aborts what runs and gives its lease back. */
  async stop(): Promise<void> {
    const stopping = this.#workers.map((worker) => worker.stop());
    this.#news.raise();
    await Promise.all(stopping);
    this.#workers = [];
  }

  /** @returns how many jobs there are in each state */
  async states(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.tools.work.query<{ state: string; jobs: string }>(
      `SELECT state, count(*) AS jobs FROM ${this.#table} GROUP BY state`,
    );
    return Object.fromEntries(rows.map(({ state, jobs }) => [state, Number(jobs)]));
  }

  /** Forgets jobs that ended long ago. */
  async prune(): Promise<void> {
    await this.tools.work.query(
      `DELETE FROM ${this.#table} WHERE state IN ('done', 'failed') AND ended_at < clock_timestamp() - interval '${KEPT}'`,
    );
  }

  #worker(): BackgroundLoop {
    return new BackgroundLoop({
      step: async (signal) => {
        const lease = randomUUID();
        const job = await this.#claim(lease);
        if (job === null) return false;
        await this.#perform(job, lease, signal);
        return true;
      },
      wait: (signal) => this.#news.wait(this.tools.pollMs, signal),
      onTrouble: (error) => this.tools.onTrouble('jobs', error),
    });
  }

  async #claim(lease: string): Promise<Job | null> {
    const handlers = [...this.#handlers.values()];
    if (handlers.length === 0) return null;
    const [row] = await this.tools.work.query<ClaimedRow>(
      `UPDATE ${this.#table} j SET state = 'leased', lease = $1, attempts = j.attempts + 1,
          available_at = clock_timestamp() + h.lease_ms * interval '1 millisecond'
        FROM unnest($2::text[], $3::float8[]) AS h(kind, lease_ms)
        WHERE h.kind = j.kind AND j.id = (SELECT o.id FROM ${this.#table} o WHERE o.state IN ('ready', 'leased')
          AND o.available_at <= clock_timestamp() AND o.kind = ANY($2) ORDER BY o.available_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING j.id, j.kind, j.payload, j.attempts`,
      [lease, handlers.map(({ kind }) => kind), handlers.map(({ leaseMs }) => leaseMs)],
    );
    return row === undefined ? null : { ...row, payload: JSON.parse(row.payload) as JsonObject };
  }

  async #perform(job: Job, lease: string, stopped: AbortSignal): Promise<void> {
    const handler = this.#handlers.get(job.kind);
    if (handler === undefined) return;
    const lost = new AbortController();
    const ended = new AbortController();
    const renewing = this.#renew(job, lease, { handler, lost, ended: ended.signal });
    const signal = AbortSignal.any([stopped, lost.signal]);
    const outcome = await this.#attempt(handler, job, signal);
    ended.abort();
    await renewing;
    if (lost.signal.aborted) return;
    await this.#settle(handler, job, lease, stopped.aborted ? { ...outcome, stopped: true } : outcome);
  }

  async #attempt(handler: JobHandler, job: Job, signal: AbortSignal): Promise<Outcome> {
    try {
      if (job.attempts > handler.maxAttempts)
        return { done: false, error: new LeaseLost(`The worker of job ${job.id} died in its last attempt.`) };
      await handler.run(job, signal);
      return { done: true };
    } catch (error) {
      return { done: false, error };
    }
  }

  /** Renews the lease until the attempt has ended; a lease that was lost, or could not be renewed in time, aborts it. */
  async #renew(
    job: Job,
    lease: string,
    { handler, lost, ended }: { handler: JobHandler; lost: AbortController; ended: AbortSignal },
  ): Promise<void> {
    let held = performance.now();
    while (!ended.aborted) {
      await pause(handler.leaseMs / 3, ended);
      if (ended.aborted) return;
      try {
        if (!(await this.#extend(job.id, lease, handler.leaseMs))) return lost.abort();
        held = performance.now();
      } catch (error) {
        this.tools.onTrouble(`lease of job ${job.id}`, error);
        if (performance.now() - held > handler.leaseMs) return lost.abort();
      }
    }
  }

  async #extend(id: string, lease: string, ms: number): Promise<boolean> {
    const rows = await this.tools.work.query(
      `UPDATE ${this.#table} SET available_at = clock_timestamp() + $3 * interval '1 millisecond'
        WHERE id = $1 AND lease = $2 RETURNING id`,
      [id, lease, ms],
    );
    return rows.length > 0;
  }

  async #settle(
    handler: JobHandler,
    job: Job,
    lease: string,
    outcome: Outcome & { readonly stopped?: boolean },
  ): Promise<void> {
    if (outcome.done) return this.#end(job.id, lease, 'done', null);
    const { error } = outcome;
    this.tools.onTrouble(`job ${job.kind} ${job.id}, attempt ${job.attempts}`, error);
    // Neither a stop nor an absent database says anything about the job: the attempt does not count.
    if (outcome.stopped === true || error instanceof Unavailable) return this.#again(job, lease, error, 1);
    if (job.attempts < handler.maxAttempts) return this.#again(job, lease, error, 0);
    try {
      await handler.exhausted(job, error);
    } catch (failure) {
      this.tools.onTrouble(`giving up job ${job.id}`, failure);
      return this.#again(job, lease, failure, failure instanceof Unavailable ? 1 : 0);
    }
    return this.#end(job.id, lease, 'failed', errorText(error));
  }

  async #end(id: string, lease: string, state: 'done' | 'failed', error: string | null): Promise<void> {
    await this.tools.work.query(
      `UPDATE ${this.#table} SET state = $3, lease = NULL, ended_at = clock_timestamp(), error = $4 WHERE id = $1 AND lease = $2`,
      [id, lease, state, error],
    );
  }

  async #again({ id, attempts }: Job, lease: string, error: unknown, forgiven: number): Promise<void> {
    const wait = Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS) * (0.5 + Math.random());
    await this.tools.work.query(
      `UPDATE ${this.#table} SET state = 'ready', lease = NULL, attempts = attempts - $5, error = $4,
         available_at = clock_timestamp() + $3 * interval '1 millisecond' WHERE id = $1 AND lease = $2`,
      [id, lease, wait, errorText(error), forgiven],
    );
  }
}
