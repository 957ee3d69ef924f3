import type { ObservableResult } from '@opentelemetry/api';
import { LogDueDates } from './background/due-dates.js';
import { LogJobs } from './background/jobs.js';
import { LogUnusable, Unavailable } from './errors.js';
import type { EventLog, EventLogOptions, LogLogger } from './event-log.js';
import { LogDatabase } from './log/database.js';
import { settleEpoch } from './log/epoch.js';
import { type LogStatements, logStatements, PostgresEventStore } from './log/postgres-event-store.js';
import { PostgresUnitOfWork } from './log/unit-of-work.js';
import { Upcasters } from './log/upcasters.js';
import { type ChainReport, verifyStream } from './log/verify-stream.js';
import { type Counters, type Gauges, logCounters, logGauges } from './metrics.js';
import { Generations } from './projection/generations.js';
import { LogProjections } from './projection/projections.js';
import { consumerStatements } from './schema/consumer.sql.js';
import { migrateLog } from './schema/migrate.js';
import { type LogNames, logNames } from './schema/names.js';
import { BackgroundLoop, pause } from './subscription/background-loop.js';
import { Checkpoints } from './subscription/checkpoint.js';
import { type Horizon, HorizonWatch } from './subscription/horizon.js';
import { PostgresLogWatch } from './subscription/log-watch.js';
import { Notifier } from './subscription/notifier.js';
import { LogReactions } from './subscription/reactions.js';

const POLL_MS = 1_000;
const POOL_SIZE = 10;
const CONNECT_MS = 5_000;
const TRANSACTION_MS = 10_000;
const JOB_CONCURRENCY = 2;
const HOUSEKEEPING_MS = 5_000;
const PRUNE_EVERY = 720;
const HORIZON_ALARM_S = 10;
/** What was said so long ago is said again, and not remembered: jobs and due dates are named in it. */
const QUIET_MS = 10_000;

/**
 * @returns one service's log, not connected yet: register what it feeds, then `start()` it
 * @throws LogUnusable for a schema name that is none
 */
export const openEventLog = (options: EventLogOptions): EventLog => new PostgresEventLog(options);

const SILENT: LogLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };

class PostgresEventLog implements EventLog {
  readonly store: PostgresEventStore;
  readonly work: PostgresUnitOfWork;
  readonly projections: LogProjections;
  readonly reactions: LogReactions;
  readonly jobs: LogJobs;
  readonly dueDates: LogDueDates;
  readonly watch: PostgresLogWatch;
  readonly #names: LogNames;
  readonly #database: LogDatabase;
  readonly #notifier: Notifier;
  readonly #counters: Counters;
  readonly #gauges: Gauges = logGauges();
  readonly #housekeeping: BackgroundLoop;
  readonly #logger: LogLogger;
  readonly #troubles = new Map<string, { message: string; at: number }>();
  readonly #horizon: HorizonWatch;
  #horizonAge = 0;
  #jobStates: Readonly<Record<string, number>> = {};
  #role = '';
  #stopping: Promise<void> | null = null;

  constructor(private readonly options: EventLogOptions) {
    this.#names = logNames(options.schema);
    this.#logger = options.logger ?? SILENT;
    this.#counters = logCounters(options.schema);
    const sql = logStatements(this.#names);
    this.#database = this.#openDatabase(sql);
    this.#notifier = new Notifier(options.migrationUrl, this.#names);
    this.work = new PostgresUnitOfWork(
      this.#database,
      {
        committed: () => this.#committed(),
        guardFired: () => this.#counters.guard.add(1),
        retried: (reason) => this.#counters.retries.add(1, { reason }),
      },
      this.#names.quoted,
    );
    this.#horizon = new HorizonWatch(this.work);
    this.store = new PostgresEventStore(
      this.work,
      sql,
      new Upcasters(options.upcasters ?? []),
      this.#counters,
    );
    const onTrouble = (what: string, error: unknown): void => this.#trouble(what, error);
    const common = { work: this.work, names: this.#names, onTrouble, pollMs: options.pollMs ?? POLL_MS };
    this.watch = new PostgresLogWatch({
      ...common,
      listenUrl: options.migrationUrl,
      notifierPid: () => this.#notifier.pid,
      onTrouble: (error) => onTrouble('watch', error),
    });
    const reading = {
      store: this.store,
      work: this.work,
      checkpoints: new Checkpoints(this.work, this.#names),
    };
    this.projections = new LogProjections({
      ...common,
      ...reading,
      watch: this.watch,
      generations: this.#generations(),
    });
    this.reactions = new LogReactions(reading, this.watch, onTrouble);
    this.jobs = new LogJobs({ ...common, concurrency: options.jobConcurrency ?? JOB_CONCURRENCY });
    this.dueDates = new LogDueDates({ ...common, clock: options.clock });
    this.#housekeeping = this.#keepHouse();
  }

  async start(): Promise<void> {
    const { migrationUrl, tables = [], background = true } = this.options;
    await this.#checkSettings();
    await migrateLog({ migrationUrl, names: this.#names, role: this.#role, extraTables: tables });
    const reason = await settleEpoch(migrationUrl, this.#names);
    if (reason !== null)
      this.#logger.warn('The log’s epoch was raised.', { log: this.#names.schema, reason });
    await this.projections.start(background);
    this.watch.start();
    this.#gauges.lag.addCallback(this.#observeLag);
    this.#gauges.horizonAge.addCallback(this.#observeHorizon);
    this.#gauges.jobs.addCallback(this.#observeJobs);
    this.#housekeeping.start();
    if (!background) return;
    await this.reactions.start();
    this.jobs.start();
    this.dueDates.start();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  horizon(): Promise<Horizon | null> {
    return this.#horizon.oldest();
  }

  verifyStream(streamId: string): Promise<ChainReport> {
    return verifyStream(this.work, this.#names, streamId);
  }

  async #stop(): Promise<void> {
    this.#gauges.lag.removeCallback(this.#observeLag);
    this.#gauges.horizonAge.removeCallback(this.#observeHorizon);
    this.#gauges.jobs.removeCallback(this.#observeJobs);
    await Promise.all([
      this.projections.stop(),
      this.reactions.stop(),
      this.jobs.stop(),
      this.dueDates.stop(),
      this.#housekeeping.stop(),
    ]);
    await this.watch.stop();
    await this.#notifier.stop();
    await this.#database.close();
  }

  #openDatabase(sql: LogStatements): LogDatabase {
    const { options } = this;
    return new LogDatabase({
      url: options.databaseUrl,
      applicationName: `kwanus ${options.schema}`,
      poolSize: options.poolSize ?? POOL_SIZE,
      connectMs: CONNECT_MS,
      transactionMs: options.transactionMs ?? TRANSACTION_MS,
      prepared: [...Object.values(sql), ...Object.values(consumerStatements(this.#names.quoted))],
      onTrouble: (error) => this.#trouble('connection', error),
    });
  }

  #generations(): Generations {
    return new Generations(this.options.migrationUrl, this.#names, () => this.#role);
  }

  async #checkSettings(): Promise<void> {
    const [row] = await this.#database.query<{ role: string; commit: string }>(
      "SELECT current_user AS role, current_setting('synchronous_commit') AS commit",
    );
    if (row === undefined || row.commit === 'off')
      throw new LogUnusable(
        'synchronous-commit-off',
        'synchronous_commit is off for this role or database: a crash would lose events that were answered for. Set it to on.',
      );
    this.#role = row.role;
  }

  #committed(): void {
    this.watch.hint();
    this.#notifier.notify();
  }

  /** Says the same thing at most once in ten seconds. */
  #trouble(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const before = this.#troubles.get(what);
    const now = performance.now();
    if (before?.message === message && now - before.at < QUIET_MS) return;
    for (const [other, { at }] of this.#troubles) if (now - at >= QUIET_MS) this.#troubles.delete(other);
    this.#troubles.set(what, { message, at: now });
    const details = { log: this.#names.schema, what, error: message };
    if (error instanceof Unavailable) this.#logger.warn('Waiting for the database.', details);
    else this.#logger.error('Will be tried again.', details);
  }

  readonly #observeLag = async (result: ObservableResult): Promise<void> => {
    try {
      for (const { name, lagEvents, state } of await this.projections.list())
        result.observe(lagEvents, { log: this.#names.schema, subscriber: `projection:${name}`, state });
    } catch (error) {
      this.#trouble('metrics', error);
    }
  };

  readonly #observeHorizon = (result: ObservableResult): void =>
    result.observe(this.#horizonAge, { log: this.#names.schema });

  readonly #observeJobs = (result: ObservableResult): void => {
    for (const [state, count] of Object.entries(this.#jobStates))
      result.observe(count, { log: this.#names.schema, state });
  };

  #keepHouse(): BackgroundLoop {
    let rounds = 0;
    return new BackgroundLoop({
      step: async () => {
        const oldest = await this.#horizon.oldest();
        this.#horizonAge = oldest?.ageSeconds ?? 0;
        if (oldest !== null && this.#horizonAge > HORIZON_ALARM_S)
          this.#logger.warn('A write transaction is open for long: newer events are hidden from readers.', {
            log: this.#names.schema,
            ...oldest,
          });
        this.#jobStates = await this.jobs.states();
        if (rounds++ % PRUNE_EVERY === 0) await this.jobs.prune();
        return false;
      },
      wait: (signal) => pause(HOUSEKEEPING_MS, signal),
      onTrouble: (error) => this.#trouble('housekeeping', error),
    });
  }
}
