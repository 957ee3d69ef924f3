import type { Direction, Place } from './types.js';

/** What stands at the end of the references on both sides; booleans are too cheap to be kept. */
type Identities = readonly [base: object | boolean, revision: object | boolean];
type Kept = WeakMap<object, WeakMap<object, number>>;

/** What it costs to let one schema stand for another, by direction. */
export class Costs {
  readonly #kept: Readonly<Record<Direction, Kept>> = { request: new WeakMap(), response: new WeakMap() };

  of([base, revision]: Identities, { direction, asText }: Place): number | undefined {
    if (typeof base === 'boolean' || typeof revision === 'boolean' || asText) return undefined;
    return this.#kept[direction].get(base)?.get(revision);
  }

  keep([base, revision]: Identities, { direction, asText }: Place, cost: number): void {
    if (typeof base === 'boolean' || typeof revision === 'boolean' || asText) return;
    const kept = this.#kept[direction];
    kept.set(base, (kept.get(base) ?? new WeakMap<object, number>()).set(revision, cost));
  }
}
