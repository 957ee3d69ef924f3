import type { Position, StoredEvent } from '../event.js';
import type { EventStore, UnitOfWork } from '../event-store.port.js';
import type { Checkpoint, Checkpoints } from './checkpoint.js';

const BATCH = 500;
/** A write transaction holds back every gap-safe reader of the cluster: keep it short. */
const BUDGET_MS = 250;

/** Who reads, and what is done with each event. */
export interface Reader {
  readonly subscriber: string;
  readonly version: number;
  readonly handle: (event: StoredEvent) => Promise<void>;
}

/** What readers of the log need. */
export interface ReaderTools {
  readonly store: EventStore;
  readonly work: UnitOfWork;
  readonly checkpoints: Checkpoints;
}

/**
 * Reads the log from a checkpoint on: events and checkpoint in one transaction. After a failure it takes one event at a time, so
 * that the one that fails holds up nothing before it.
 */
export class LogReader {
  #checkpoint: Checkpoint | null = null;
  #batch = BATCH;
  #reached: Position | null = null;

  constructor(
    private readonly tools: ReaderTools,
    private readonly reader: Reader,
  ) {}

  /** Of the subscriber: a projection's generation. */
  get version(): number {
    return this.reader.version;
  }

  /** Where it stands, as far as it knows. */
  get checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  /** How far this reader itself has come, committed; null as long as it has handled nothing. */
  get reached(): Position | null {
    return this.#reached;
  }

  /** @returns how many events were handled; null when the checkpoint is gone (another generation serves now) */
  async step(): Promise<number | null> {
    const { subscriber, version } = this.reader;
    this.#checkpoint ??= await this.tools.checkpoints.read(subscriber, version);
    const from = this.#checkpoint;
    if (from === null) return null;
    const { events } = await this.tools.store.readAll(from.position, this.#batch);
    if (events.length === 0) return 0;
    try {
      const handled = await this.tools.work.run(() => this.#handle(events, from));
      this.#reached = handled === null ? this.#reached : (events[handled - 1]?.position ?? null);
      this.#batch = BATCH;
      return handled ?? 1;
    } catch (error) {
      this.#batch = 1;
      throw error;
    } finally {
      this.#checkpoint = null;
    }
  }

  /** @returns how many events were handled; null when somebody else has gone on from there */
  async #handle(events: readonly StoredEvent[], from: Checkpoint): Promise<number | null> {
    const { subscriber, version, handle } = this.reader;
    if (!(await this.tools.checkpoints.hold(subscriber, version, from.fence))) return null;
    const until = performance.now() + BUDGET_MS;
    let handled = 0;
    for (const event of events) {
      await handle(event);
      handled += 1;
      if (performance.now() > until) break;
    }
    const last = events[handled - 1];
    if (last !== undefined) await this.tools.checkpoints.move(subscriber, version, last.position);
    return handled;
  }
}
