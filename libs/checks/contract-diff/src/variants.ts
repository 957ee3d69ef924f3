import { own } from '@kwanus/checks-kit';
import { sameSchema } from './equal.js';
import type { Pair } from './pair.js';
import { type Comparison, narrowed } from './report.js';
import type { SchemaNode, Shape } from './shape.js';
import { openEnd } from './value-rules.js';

/** What became of alternatives. */
export interface Matched {
  readonly gone: readonly SchemaNode[];
  readonly come: readonly SchemaNode[];
  readonly pairs: readonly (readonly [SchemaNode, SchemaNode])[];
}

const MAX_TRIED = 400;

/**
 * Alternatives that are the same, those with one name, those that fit without breaking; a last one each; the rest came or went.
 * @param fits tries whether the second can stand for the first
 */
export function matchVariants(
  comparison: Comparison,
  before: readonly SchemaNode[],
  after: readonly SchemaNode[],
  fits: (one: SchemaNode, other: SchemaNode) => boolean,
): Matched {
  const gone = new Set(before);
  const come = new Set(after);
  const pairs: [SchemaNode, SchemaNode][] = [];
  const pairUp = (agree: (one: SchemaNode, other: SchemaNode) => boolean, keep = true): void => {
    for (const one of before) {
      const other = gone.has(one) ? [...come].find((candidate) => agree(one, candidate)) : undefined;
      if (other === undefined) continue;
      gone.delete(one);
      come.delete(other);
      if (keep) pairs.push([one, other]);
    }
  };
  pairUp((one, other) => sameSchema(comparison, one, other), false);
  pairUp((one, other) => isNamed(one) && variantName(one) === variantName(other));
  if (gone.size * come.size <= MAX_TRIED) pairUp(fits);
  if (gone.size === 1 && come.size === 1) pairUp(() => true);
  return { gone: [...gone], come: [...come], pairs };
}

/** Reports the alternatives that came and went. */
export function reportVariants(
  comparison: Comparison,
  { base, revision, place }: Pair,
  { gone, come }: Matched,
): void {
  const kind = revision.variants?.kind ?? base.variants?.kind ?? 'one-of';
  for (const node of gone)
    comparison.report(`${place.kind}-${kind}-removed`, narrowed(place), {
      pointer: node.pointer,
      side: 'base',
      subject: `${place.label}|${variantName(node)}`,
      text: `${place.label}: the alternative ${variantName(node)} was removed`,
    });
  for (const node of come)
    comparison.report(`${place.kind}-${kind}-added`, openEnd(comparison, place, { extensible: false }), {
      pointer: node.pointer,
      subject: `${place.label}|${variantName(node)}`,
      text: `${place.label}: the alternative ${variantName(node)} was added`,
    });
}

/** The name by which an alternative is known: the end of its reference, its title, or its place. */
function variantName({ schema, pointer }: SchemaNode): string {
  const reference = own(schema, '$ref');
  const title = own(schema, 'title');
  if (typeof reference === 'string') return reference.slice(reference.lastIndexOf('/') + 1);
  return typeof title === 'string' ? title : `#${pointer.slice(pointer.lastIndexOf('/') + 1)}`;
}

const isNamed = (node: SchemaNode): boolean => !variantName(node).startsWith('#');

/** @returns true when the schema says nothing at all */
export const allowsAnything = (shape: Shape): boolean =>
  [shape.variants, shape.types, shape.values].every((part) => part === null) &&
  [shape.properties, shape.required, shape.opaque].every(({ size }) => size === 0);
