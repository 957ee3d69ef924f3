import { compareBeyond } from './additional-rules.js';
import { compareEntries } from './array-rules.js';
import { compareLogic } from './logic-rules.js';
import { anyNode, inner, type Pair, type Step, type Walk } from './pair.js';
import { compareProperties } from './property-rules.js';
import type { Comparison } from './report.js';
import type { SchemaNode } from './structure.js';
import { type ContractFinding, ContractTooComplex, type Direction, type Place } from './types.js';
import { areApart, compareValues } from './value-rules.js';
import { compareVariants } from './variant-rules.js';
import { BREAKS } from './variants.js';

const MAX_DEPTH = 300;

/** Compares two schemas at one place of an operation, with all that is inside them. */
export function compareSchemas(
  comparison: Comparison,
  base: SchemaNode,
  revision: SchemaNode,
  place: Place,
): void {
  const before = comparison.findings.length;
  const walk = new SchemaWalk(comparison);
  walk.compare(base, revision, place, 0);
  if (comparison.findings.length === before) walk.remember();
}

type Seen = Readonly<Record<Direction, Map<object, Set<object>>>>;

/** One walk compares every pair of schemas once; what was found the same is remembered over all operations. */
class SchemaWalk implements Walk {
  readonly #seen: Seen = { request: new Map(), response: new Map() };
  /** It met a pair that a walk around it has begun, and took it as the same. */
  #cut = false;

  /** @param around the walk that this one tries something out for; what that has begun is not begun again */
  constructor(
    readonly comparison: Comparison,
    readonly around: SchemaWalk | null = null,
  ) {}

  /** Nothing was found in the whole walk, so every pair that it met is the same. */
  remember(): void {
    for (const direction of ['request', 'response'] as const) {
      const same = this.comparison.same[direction];
      for (const [base, revisions] of this.#seen[direction]) {
        const known = same.get(base) ?? new WeakSet();
        for (const revision of revisions) known.add(revision);
        same.set(base, known);
      }
    }
  }

  compare(base: SchemaNode, revision: SchemaNode, place: Place, depth: number): void {
    this.comparison.step();
    if (depth > MAX_DEPTH)
      throw new ContractTooComplex(`${revision.pointer} is nested more than 300 levels deep.`);
    if (this.#known(base, revision, place)) return;
    const pair: Pair = {
      base: this.comparison.base.of(base),
      revision: this.comparison.revision.of(revision),
      place,
    };
    const step: Step = { walk: this, pair, depth };
    compareValues(this.comparison, pair);
    if (pair.base.never || pair.revision.never || areApart(pair)) return;
    const [was, is] = [pair.base.variants !== null, pair.revision.variants !== null];
    if (was || is) compareVariants(step, [base, revision]);
    if (was !== is) return; // one alternative is compared with many: its inside belongs to the one that it is paired with
    compareInside(step);
  }

  tried(base: SchemaNode, revision: SchemaNode, place: Place): readonly ContractFinding[] {
    return this.#attempt(base, revision, place)[0];
  }

  /** Kept for the next time, unless it rests on what the walks around it have begun. */
  costOf(base: SchemaNode, revision: SchemaNode, place: Place): number {
    const { costs } = this.comparison;
    const pair = [this.comparison.base.identity(base), this.comparison.revision.identity(revision)] as const;
    const known = costs.of(pair, place);
    if (known !== undefined) return known;
    const [found, cut] = this.#attempt(base, revision, place);
    const cost = found.filter(({ level }) => level === 'error').length * BREAKS + found.length;
    if (!cut) costs.keep(pair, place, cost);
    return cost;
  }

  #attempt(
    base: SchemaNode,
    revision: SchemaNode,
    place: Place,
  ): readonly [found: readonly ContractFinding[], cut: boolean] {
    const walk = new SchemaWalk(this.comparison, this);
    const found = this.comparison.tried(() => walk.compare(base, revision, place, 0));
    return [found, walk.#cut];
  }

  #known(base: SchemaNode, revision: SchemaNode, { direction }: Place): boolean {
    const one = this.comparison.base.identity(base);
    const other = this.comparison.revision.identity(revision);
    if (typeof one === 'boolean' || typeof other === 'boolean') return one === other;
    if (this.comparison.same[direction].get(one)?.has(other) === true) return true;
    if (this.#begun(one, other, direction)) return true;
    const seen = this.#seen[direction];
    seen.set(one, (seen.get(one) ?? new Set()).add(other));
    return false;
  }

  #begun(one: object, other: object, direction: Direction): boolean {
    if (this.#seen[direction].get(one)?.has(other) === true) return true;
    if (this.around === null || !this.around.#begun(one, other, direction)) return false;
    this.#cut = true;
    return true;
  }
}

function compareInside(step: Step): void {
  const { walk, pair, depth } = step;
  const { base, revision } = pair;
  compareProperties(step);
  compareBeyond(step);
  if (base.names !== null || revision.names !== null)
    walk.compare(
      base.names ?? anyNode(base),
      revision.names ?? anyNode(revision),
      inner(pair, '(name)'),
      depth + 1,
    );
  compareEntries(step);
  compareLogic(step);
}
