import pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { asUnavailable } from './pg-errors.js';

/** Limits of the log's connections. Every wait has one. */
export interface DatabaseOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly poolSize: number;
  /** How long to wait for a connection. */
  readonly connectMs: number;
  /** The longest transaction: an open one freezes the gap-safe reads of the whole cluster. */
  readonly transactionMs: number;
  /** Statements that are prepared once in each connection. */
  readonly prepared: readonly string[];
  /** An idle connection broke off. */
  readonly onTrouble: (error: unknown) => void;
}

/** The pool under one log. */
export class LogDatabase {
  readonly #source: DataSource;
  #ready: Promise<unknown> | null = null;
  #closed = false;

  constructor(options: DatabaseOptions) {
    this.#source = new DataSource({
      type: 'postgres',
      url: options.url,
      applicationName: options.applicationName,
      poolSize: options.poolSize,
      connectTimeoutMS: options.connectMs,
      installExtensions: false,
      logging: false,
      entities: [],
      poolErrorHandler: (error: unknown) => options.onTrouble(asUnavailable(error)),
      extra: sessionSettings(options),
    });
  }

  /** @throws Unavailable when there is none within the limit */
  async acquire(): Promise<QueryRunner> {
    await this.#open();
    const runner = this.#source.createQueryRunner();
    try {
      await runner.connect();
      return runner;
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** One statement on a connection of its own. @throws Unavailable, else what the driver threw */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const runner = await this.acquire();
    try {
      return rowsOf<Row>(await runner.query(sql, [...parameters], true));
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      await runner.release();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#ready === null) return;
    await this.#ready.catch(() => undefined);
    if (this.#source.isInitialized) await this.#source.destroy();
  }

  async #open(): Promise<void> {
    if (this.#closed) throw asUnavailable(new Error('Connection terminated: the log was closed.'));
    this.#ready ??= this.#source.initialize();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = null;
      throw asUnavailable(error);
    }
  }
}

/** @returns the rows of a structured result of TypeORM, whatever the command was */
export const rowsOf = <Row>(result: { readonly records: unknown[] }): Row[] => result.records as Row[];

function sessionSettings({ transactionMs, connectMs, prepared }: DatabaseOptions): object {
  return {
    Client: preparingClient(prepared),
    keepAlive: true,
    idleTimeoutMillis: 30_000,
    statement_timeout: transactionMs,
    lock_timeout: Math.min(transactionMs, connectMs),
    idle_in_transaction_session_timeout: transactionMs,
    query_timeout: transactionMs + 5_000,
    options: `-c transaction_timeout=${transactionMs} -c timezone=UTC -c datestyle=ISO -c default_transaction_isolation=read\\ committed`,
  };
}

/** A client that prepares the hot statements under a name: PostgreSQL parses and plans them once a connection. */
function preparingClient(prepared: readonly string[]): typeof pg.Client {
  const names = new Map(prepared.map((sql, index) => [sql, `kwanus_${index}`]));
  class PreparingClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      // Between the pool, which stops to listen, and who was given the connection there is a moment in which its end would end the
      // process. Whoever waits for the connection hears of it by itself.
      this.on('error', () => undefined);
    }

    override query(...parameters: unknown[]): never {
      const [text, values, ...rest] = parameters;
      const name = typeof text === 'string' ? names.get(text) : undefined;
      const given = name === undefined ? parameters : [{ name, text, values }, ...rest];
      return (super.query as (...all: unknown[]) => never)(...given);
    }
  }
  return PreparingClient;
}
