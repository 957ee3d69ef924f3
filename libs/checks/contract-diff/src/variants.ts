import { own } from '@kwanus/checks-kit';
import { sameSchema } from './equal.js';
import type { Comparison } from './report.js';
import type { Shape } from './shape.js';
import type { SchemaNode } from './structure.js';

/** What became of alternatives. */
export interface Matched {
  readonly gone: readonly SchemaNode[];
  readonly come: readonly SchemaNode[];
  /** Those that differ. */
  readonly pairs: readonly (readonly [SchemaNode, SchemaNode])[];
  /** All that stayed, the same ones included. */
  readonly counterparts: readonly (readonly [SchemaNode, SchemaNode])[];
}

const MAX_TRIED = 400;
/** A pair that costs as much breaks something. */
export const BREAKS = 10_000;

/**
 * Alternatives that are the same, those with one name, then the best pairs that don't break; the rest came or went.
 * @param costOf what it would cost to let the second stand for the first
 */
export function matchVariants(
  comparison: Comparison,
  [before, after]: readonly [readonly SchemaNode[], readonly SchemaNode[]],
  costOf: (one: SchemaNode, other: SchemaNode) => number,
): Matched {
  const gone = new Set(before);
  const come = new Set(after);
  const same: [SchemaNode, SchemaNode][] = [];
  const pairs: [SchemaNode, SchemaNode][] = [];
  const pairUp = (agree: (one: SchemaNode, other: SchemaNode) => boolean, into = pairs): void => {
    for (const one of before) {
      const other = gone.has(one) ? [...come].find((candidate) => agree(one, candidate)) : undefined;
      if (other === undefined) continue;
      gone.delete(one);
      come.delete(other);
      into.push([one, other]);
    }
  };
  pairUp((one, other) => sameSchema(comparison, one, other), same);
  pairUp((one, other) => isNamed(one) && variantName(one) === variantName(other));
  for (const [one, other] of bestPairs(gone, come, costOf))
    if (gone.has(one) && come.has(other)) {
      gone.delete(one);
      come.delete(other);
      pairs.push([one, other]);
    }
  return { gone: [...gone], come: [...come], pairs, counterparts: [...same, ...pairs] };
}

/** @returns pairs that don't break, the cheapest first; none where there are too many to try */
function bestPairs(
  gone: ReadonlySet<SchemaNode>,
  come: ReadonlySet<SchemaNode>,
  costOf: (one: SchemaNode, other: SchemaNode) => number,
): readonly (readonly [SchemaNode, SchemaNode])[] {
  if (gone.size * come.size > MAX_TRIED) return [];
  return [...gone]
    .flatMap((one) => [...come].map((other) => ({ pair: [one, other] as const, cost: costOf(one, other) })))
    .filter(({ cost }) => cost < BREAKS)
    .sort((a, b) => a.cost - b.cost)
    .map(({ pair }) => pair);
}

/** The name by which an alternative is known: the end of its reference, its title, or its place. */
export function variantName({ schema, pointer }: SchemaNode): string {
  const reference = own(schema, '$ref');
  const title = own(schema, 'title');
  if (typeof reference === 'string') return reference.slice(reference.lastIndexOf('/') + 1);
  return typeof title === 'string' ? title : `#${pointer.slice(pointer.lastIndexOf('/') + 1)}`;
}

const isNamed = (node: SchemaNode): boolean => !variantName(node).startsWith('#');

/** @returns true when the schema says nothing at all */
export const allowsAnything = (shape: Shape): boolean =>
  [shape.variants, shape.types, shape.values].every((part) => part === null) &&
  [shape.properties, shape.required].every(({ size }) => size === 0) &&
  shape.not.length + shape.conditions.length === 0;
