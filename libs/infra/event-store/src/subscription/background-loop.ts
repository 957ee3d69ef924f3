import { Signal } from './signal.js';

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;

/** What a loop does, again and again. */
export interface LoopBody {
  /** @returns whether there is more to do at once */
  readonly step: (signal: AbortSignal) => Promise<boolean>;
  /** Waits for the next thing to do. */
  readonly wait: (signal: AbortSignal) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

/** Runs a body until it is stopped; a step that throws is tried again, more and more slowly, at most every 2 s. */
export class BackgroundLoop {
  readonly #abort = new AbortController();
  #running: Promise<void> | null = null;

  constructor(private readonly body: LoopBody) {}

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the step in hand, begins no other. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let backoff = FIRST_BACKOFF_MS;
    while (!signal.aborted) {
      try {
        const more = await this.body.step(signal);
        backoff = FIRST_BACKOFF_MS;
        if (!more) await this.body.wait(signal);
      } catch (error) {
        this.body.onTrouble(error);
        await pause(backoff, signal);
        backoff = Math.min(backoff * 2, MAX_BACKOFF_MS);
      }
    }
  }
}

/** Waits, but not longer than until the signal is aborted. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> => new Signal().wait(ms, signal);
