import { setImmediate as turn } from 'node:timers/promises';

interface Waiting<Item, Outcome> {
  readonly items: readonly Item[];
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** How much goes together. */
interface LanesOptions<Item, Outcome> {
  /** So many runs at a time. */
  readonly lanes: number;
  /** So many items in a run. */
  readonly most: number;
  readonly run: (items: readonly Item[]) => Promise<Outcome>;
}

/** Brings together what several callers have to do: while one run is under way, what comes waits and goes together in the next. */
export class Lanes<Item, Outcome> {
  private waiting: Waiting<Item, Outcome>[] = [];
  private busy = 0;

  constructor(private readonly options: LanesOptions<Item, Outcome>) {}

  /**
   * Takes part in a run with the first of the items: as many as fall to a caller when all that wait get as many.
   * @returns what the run came to, for all who took part
   */
  join(items: readonly Item[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      if (this.busy < this.options.lanes) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.busy += 1;
    // Whoever was in the run before, or is heard in the same turn of the event loop, comes along.
    for (await turn(); this.waiting.length > 0; await turn()) await this.runWith(this.waiting.splice(0));
    this.busy -= 1;
  }

  private async runWith(callers: readonly Waiting<Item, Outcome>[]): Promise<void> {
    const share = Math.max(1, Math.floor(this.options.most / callers.length));
    try {
      const outcome = await this.options.run(callers.flatMap(({ items }) => items.slice(0, share)));
      for (const { resolve } of callers) resolve(outcome);
    } catch (error) {
      for (const { reject } of callers) reject(error);
    }
  }
}
