import { setMaxListeners } from 'node:events';
import { RebuildRunning, RegistrationError, Unavailable } from '../errors.js';
import type { Position } from '../event.js';
import type { PostgresUnitOfWork } from '../log/unit-of-work.js';
import {
  type Projection,
  type ProjectionStatus,
  Projections,
  type RebuildProgress,
} from '../projection.port.js';
import type { LogNames } from '../schema/names.js';
import { BackgroundLoop, pause } from '../subscription/background-loop.js';
import { LogReader, type ReaderTools } from '../subscription/log-reader.js';
import { comparePositions, type LogWatch } from '../subscription/log-watch.js';
import { Signal } from '../subscription/signal.js';
import { TENANT } from '../tenant.js';
import { type Generations, projectionSubscriber } from './generations.js';

/** Whatever is new wakes the reader; this is for a watch that is mistaken. */
const LONG_POLL_MS = 10_000;
/** Another process rebuilds what this one will serve. */
const OTHER_VERSION_MS = 1_000;
const CAUGHT_UP_POLL_MS = 50;
/** Many may wait at a time; what one of them was told holds for the others. */
const SHARED_FOR_MS = 25;
const COUNTED = 10_000;

interface ProjectionTools extends ReaderTools {
  readonly work: PostgresUnitOfWork;
  readonly names: LogNames;
  readonly generations: Generations;
  readonly watch: LogWatch;
  readonly onTrouble: (what: string, error: unknown) => void;
}

interface Reached {
  readonly generation: number;
  readonly position: Position;
}

/** How far each projection that is served has come, and in which generation. */
type Served = ReadonlyMap<string, Reached>;

/** Keeps the read models of one log up to date, and builds new generations beside the ones that are served. */
export class LogProjections extends Projections {
  readonly #projections = new Map<string, Projection>();
  readonly #progress = new Signal();
  /** How far this process has brought each projection, and in which generation; another may have gone further. */
  readonly #reached = new Map<string, Reached>();
  #loops: BackgroundLoop[] = [];
  #rebuilds = new Set<Promise<void>>();
  #shared: { readonly at: number; readonly served: Promise<Served> } | null = null;
  readonly #stopped = new AbortController();

  constructor(private readonly tools: ProjectionTools) {
    super();
    // As many listen for the stop as wait for read models.
    setMaxListeners(0, this.#stopped.signal);
  }

  /** @throws RegistrationError when the name or one of the tables is taken, or the log has started */
  register(projection: Projection): void {
    if (this.#loops.length > 0)
      throw new RegistrationError(`Register projection ${projection.name} before the log starts.`);
    if (this.#projections.has(projection.name))
      throw new RegistrationError(`Two projections are named ${projection.name}.`);
    const taken = new Set([...this.#projections.values()].flatMap(({ tables }) => Object.keys(tables)));
    const twice = Object.keys(projection.tables).find((table) => taken.has(table));
    if (twice !== undefined) throw new RegistrationError(`Two projections have a table ${twice}.`);
    this.#projections.set(projection.name, projection);
  }

  /** Makes what is missing; with `background`, keeps everything up to date and rebuilds what has another shape. */
  async start(background: boolean): Promise<void> {
    for (const projection of this.#projections.values()) {
      const { shape } = await this.tools.generations.ensureServing(projection);
      if (!background) continue;
      this.#loops.push(this.#loop(projection));
      if (shape !== projection.version) this.#rebuildBehind(projection);
    }
    for (const loop of this.#loops) loop.start();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await Promise.all(this.#rebuilds);
  }

  async waitFor(streamId: string, version: number, timeoutMs: number): Promise<void> {
    const { signal } = this.#stopped;
    const until = performance.now() + timeoutMs;
    let sought: Position | undefined;
    while (!signal.aborted) {
      const [found, served] = await Promise.all([
        sought ?? this.#positionOf(streamId, version),
        this.#served(),
      ]);
      sought = found;
      const again = Math.min(until, performance.now() + CAUGHT_UP_POLL_MS);
      if (await this.#heldBy(again, sought, served)) return;
      if (again === until) break;
    }
    throw new Unavailable(`The read models do not hold version ${version} of ${streamId} yet.`);
  }

  /** Asks nobody. @returns whether all projections hold the event before that time; at once when the log stops */
  async #heldBy(time: number, sought: Position | undefined, served: Served): Promise<boolean> {
    const { signal } = this.#stopped;
    for (;;) {
      if (sought !== undefined && this.#hold(sought, served)) return true;
      const left = time - performance.now();
      if (left <= 0 || signal.aborted) return false;
      await this.#progress.wait(left, signal);
    }
  }

  /** In the generations that are served: one that was begun anew is behind, whatever the one before it had come to. */
  #hold(sought: Position, served: Served): boolean {
    return [...this.#projections.keys()].every((name) => {
      const generation = served.get(name)?.generation;
      return [served.get(name), this.#reached.get(name)].some(
        (reached) =>
          reached !== undefined &&
          reached.generation === generation &&
          comparePositions(reached.position, sought) >= 0,
      );
    });
  }

  async #positionOf(streamId: string, version: number): Promise<Position | undefined> {
    const [row] = await this.tools.work.query<Position>(
      `SELECT epoch, xid::text AS xid, global_position AS "globalPosition" FROM ${this.tools.names.quoted}.es_event
        WHERE tenant_id = $1 AND stream_id = $2 AND version = $3`,
      [TENANT, streamId, version],
    );
    return row;
  }

  /** @returns how far the projections have come, by whichever process; asked at most SHARED_FOR_MS ago */
  #served(): Promise<Served> {
    // A transaction's failure is its own.
    if (this.tools.work.active) return this.#lookAtServed();
    const now = performance.now();
    if (this.#shared === null || now - this.#shared.at > SHARED_FOR_MS) {
      const served = this.#lookAtServed();
      const shared = { at: now, served };
      this.#shared = shared;
      served.catch(() => {
        if (this.#shared === shared) this.#shared = null;
      });
    }
    return this.#shared.served;
  }

  async #lookAtServed(): Promise<Served> {
    const { quoted: s } = this.tools.names;
    const rows = await this.tools.work.query<Position & { name: string; generation: number }>(
      `SELECT p.name, p.generation, c.epoch, c.xid::text AS xid, c.global_position AS "globalPosition"
         FROM ${s}.es_projection p JOIN ${s}.es_checkpoint c ON c.subscriber = 'projection:' || p.name AND c.version = p.generation
        WHERE p.state = 'serving'`,
    );
    return new Map(rows.map(({ name, generation, ...position }) => [name, { generation, position }]));
  }

  async list(): Promise<readonly ProjectionStatus[]> {
    const { quoted: s } = this.tools.names;
    const rows = await this.tools.work.query<ProjectionStatus & { lagEvents: string }>(
      `SELECT p.name, p.shape AS version, p.generation, p.state,
         (SELECT count(*) FROM (SELECT 1 FROM ${s}.es_event e
           WHERE (e.epoch, e.xid, e.global_position) > (c.epoch, c.xid, c.global_position) LIMIT ${COUNTED}) behind) AS "lagEvents"
       FROM ${s}.es_projection p JOIN ${s}.es_checkpoint c ON c.subscriber = 'projection:' || p.name AND c.version = p.generation
       ORDER BY p.name, p.generation`,
    );
    return rows.map((row) => ({ ...row, lagEvents: Number(row.lagEvents) }));
  }

  async rebuild(name?: string, onProgress?: (progress: RebuildProgress) => void): Promise<void> {
    const chosen = name === undefined ? [...this.#projections.values()] : [this.#named(name)];
    for (const projection of chosen) await this.#rebuild(projection, onProgress ?? (() => undefined));
  }

  #named(name: string): Projection {
    const projection = this.#projections.get(name);
    if (projection === undefined) {
      const known = [...this.#projections.keys()].join(', ');
      throw new RegistrationError(`There is no projection ${name}. There are: ${known}.`);
    }
    return projection;
  }

  #rebuildBehind(projection: Projection): void {
    const running = this.#rebuild(projection, () => undefined)
      .catch((error: unknown) => this.tools.onTrouble(`rebuild of ${projection.name}`, error))
      .finally(() => this.#rebuilds.delete(running));
    this.#rebuilds.add(running);
  }

  async #rebuild(projection: Projection, onProgress: (progress: RebuildProgress) => void): Promise<void> {
    const { generations } = this.tools;
    const ran = await generations.alone(projection.name, async () => {
      const generation = await generations.beginBuilding(projection);
      try {
        await this.#build(projection, generation, onProgress);
      } catch (error) {
        await generations.abandon(projection.name, generation).catch(() => undefined);
        throw error;
      }
    });
    if (!ran) throw new RebuildRunning(projection.name);
    this.#progress.raise();
  }

  async #build(
    projection: Projection,
    generation: number,
    onProgress: (progress: RebuildProgress) => void,
  ): Promise<void> {
    const { name } = projection;
    const reader = this.#reader(projection, generation);
    const total = await this.#total();
    let handled = 0;
    let told = performance.now();
    for (;;) {
      if (this.#stopped.signal.aborted)
        throw new Unavailable(`The rebuild of ${name} was cut off by a stop.`);
      const count = (await reader.step()) ?? 0;
      handled += count;
      if (performance.now() - told >= 1_000) {
        told = performance.now();
        onProgress({ name, handled, total: Math.max(total, handled) });
      }
      if (count === 0) break;
    }
    await this.tools.generations.switchTo(projection, generation, async () => {
      for (let count = 1; count > 0; handled += count) count = (await reader.step()) ?? 0;
    });
    onProgress({ name, handled, total: handled });
  }

  async #total(): Promise<number> {
    const [row] = await this.tools.work.query<{ total: string }>(
      `SELECT count(*) AS total FROM ${this.tools.names.quoted}.es_event`,
    );
    return Number(row?.total ?? 0);
  }

  #reader(projection: Projection, generation: number): LogReader {
    const { work, generations } = this.tools;
    const writer = {
      table: (name: string) => generations.physical(name, generation),
      query: <Row>(sql: string, parameters?: readonly unknown[]) => work.query<Row>(sql, parameters),
    };
    return new LogReader(this.tools, {
      subscriber: projectionSubscriber(projection.name),
      version: generation,
      handle: (event) => projection.apply(event, writer),
    });
  }

  #loop(projection: Projection): BackgroundLoop {
    let reader: LogReader | null = null;
    return new BackgroundLoop({
      step: async () => {
        reader ??= await this.#servingReader(projection);
        if (reader === null) return false;
        const handled = await reader.step();
        if (handled !== null && handled > 0) this.#note(projection.name, reader);
        if (handled === null) reader = null;
        return handled !== 0;
      },
      wait: (signal) =>
        reader === null
          ? pause(OTHER_VERSION_MS, signal)
          : this.tools.watch.waitBeyond(reader.checkpoint?.position ?? null, LONG_POLL_MS, signal),
      onTrouble: (error) => {
        reader = null;
        this.tools.onTrouble(`projection ${projection.name}`, error);
      },
    });
  }

  #note(name: string, { reached: position, version: generation }: LogReader): void {
    if (position !== null) this.#reached.set(name, { generation, position });
    this.#progress.raise();
  }

  /** @returns null while what is served was built by another version of the projection */
  async #servingReader(projection: Projection): Promise<LogReader | null> {
    const [row] = await this.tools.work.query<{ generation: number; shape: number }>(
      `SELECT generation, shape FROM ${this.tools.names.quoted}.es_projection WHERE name = $1 AND state = 'serving'`,
      [projection.name],
    );
    return row?.shape === projection.version ? this.#reader(projection, row.generation) : null;
  }
}
