import { setTimeout as timer } from 'node:timers/promises';
import pg from 'pg';
import type { Position } from '../event.js';
import { endConnection } from '../log/end-connection.js';
import { asUnavailable } from '../log/pg-errors.js';
import { logStatements } from '../log/postgres-event-store.js';
import type { PostgresUnitOfWork } from '../log/unit-of-work.js';
import type { LogNames } from '../schema/names.js';
import { Signal } from './signal.js';

/** Tells readers of the log when there is something new below the horizon. Hints make it quick; polling is the promise. */
export abstract class LogWatch {
  /** The newest position below the horizon that was seen; null for an empty log. */
  abstract get newest(): Position | null;
  /** Resolves when there is something after the position, or after `timeoutMs`, or when the signal is aborted. Never throws. */
  abstract waitBeyond(position: Position | null, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}

/** @returns negative, zero or positive, as the first position comes before, with or after the second */
export function comparePositions(first: Position, second: Position): number {
  if (first.epoch !== second.epoch) return first.epoch - second.epoch;
  const xids = BigInt(first.xid) - BigInt(second.xid);
  const difference = xids !== 0n ? xids : BigInt(first.globalPosition) - BigInt(second.globalPosition);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const PENDING_MS = [5, 10, 20, 50];
/** Under load one look serves many commits. */
const LOOK_EVERY_MS = 5;

interface WatchOptions {
  readonly work: PostgresUnitOfWork;
  readonly names: LogNames;
  readonly listenUrl: string;
  readonly pollMs: number;
  /** Server process of our own notifier: its hints are no news here. */
  readonly notifierPid: () => number | null;
  readonly onTrouble: (error: unknown) => void;
}

interface Seen {
  readonly epoch: number | null;
  readonly xid: string | null;
  readonly global_position: string | null;
  readonly pending: boolean;
}

/** Looks at the log's newest visible position: at once after a hint, quickly while events wait for the horizon, else by polling. */
export class PostgresLogWatch extends LogWatch {
  readonly #news = new Signal();
  readonly #hints = new Signal();
  readonly #sql: string;
  readonly #stopped = new AbortController();
  #newest: Position | null = null;
  #waiting = 0;
  #loop: Promise<void> = Promise.resolve();
  #listener: pg.Client | null = null;
  #listening: Promise<void> | null = null;

  constructor(private readonly options: WatchOptions) {
    super();
    this.#sql = logStatements(options.names).newest;
  }

  get newest(): Position | null {
    return this.#newest;
  }

  /** Something was committed here: look now. */
  hint(): void {
    this.#hints.raise();
  }

  start(): void {
    this.#loop = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#hints.raise();
    await this.#loop;
    await this.#listening;
    const listener = this.#listener;
    this.#listener = null;
    await endConnection(listener);
    this.#news.raise();
  }

  async waitBeyond(position: Position | null, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const until = performance.now() + timeoutMs;
    this.#waiting += 1;
    this.hint();
    try {
      while (!this.#beyond(position)) {
        const left = until - performance.now();
        if (left <= 0 || signal?.aborted === true || this.#stopped.signal.aborted) return;
        await this.#news.wait(left, signal);
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  #beyond(position: Position | null): boolean {
    if (this.#newest === null) return false;
    return position === null || comparePositions(this.#newest, position) > 0;
  }

  async #watch(): Promise<void> {
    let fast = 0;
    while (!this.#stopped.signal.aborted) {
      this.#listening ??= this.#listen();
      // Nobody waits: whoever comes next gives a hint.
      const looked = performance.now();
      const pending = this.#waiting > 0 && (await this.#look());
      fast = pending ? fast + 1 : 0;
      const pause = pending ? (PENDING_MS[Math.min(fast, PENDING_MS.length) - 1] ?? 50) : this.options.pollMs;
      if (!this.#stopped.signal.aborted) await this.#hints.wait(pause);
      const early = LOOK_EVERY_MS - (performance.now() - looked);
      if (early > 0) await timer(early);
    }
  }

  /** @returns whether there are events at or above the horizon */
  async #look(): Promise<boolean> {
    try {
      const [seen] = await this.options.work.query<Seen>(this.#sql);
      if (seen === undefined) return false;
      if (seen.epoch !== null && seen.xid !== null && seen.global_position !== null)
        this.#advance({ epoch: seen.epoch, xid: seen.xid, globalPosition: seen.global_position });
      return seen.pending;
    } catch (error) {
      this.options.onTrouble(asUnavailable(error));
      return false;
    }
  }

  #advance(position: Position): void {
    if (this.#newest !== null && comparePositions(position, this.#newest) <= 0) return;
    this.#newest = position;
    this.#news.raise();
  }

  /** Hints of other processes. When the connection is lost, the next look makes a new one. */
  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.listenUrl,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
      application_name: `kwanus ${this.options.names.schema} listen`,
    });
    client.on('notification', ({ processId }) => {
      if (processId !== this.options.notifierPid()) this.hint();
    });
    client.on('error', () => undefined);
    client.once('end', () => {
      this.#listening = null;
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${this.options.names.channel}`);
      this.#listener = client;
      this.hint();
    } catch (error) {
      await endConnection(client);
      this.#listening = null;
      this.options.onTrouble(asUnavailable(error));
    }
  }
}
