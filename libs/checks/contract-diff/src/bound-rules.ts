import type { Bound, BoundName } from './bounds.js';
import { type Pair, say } from './pair.js';
import { type Comparison, narrowed, widened } from './report.js';

const BOUND_NAMES: readonly BoundName[] = [
  'max',
  'min',
  'max-length',
  'min-length',
  'max-items',
  'min-items',
  'max-properties',
  'min-properties',
];

/** What is said about limits: bounds, multiples, uniqueness. */
export function compareBounds(comparison: Comparison, pair: Pair): void {
  for (const name of BOUND_NAMES) compareBound(comparison, pair, name);
  compareMultiple(comparison, pair);
  compareUnique(comparison, pair);
}

function compareBound(comparison: Comparison, pair: Pair, name: BoundName): void {
  const one = pair.base.bounds.get(name);
  const other = pair.revision.bounds.get(name);
  if (one === undefined && other === undefined) return;
  if (one === undefined)
    return say(comparison, pair, [
      `${name}-set`,
      narrowed(pair.place),
      `${name} was set to ${boundShown(other)}`,
    ]);
  if (other === undefined)
    return say(comparison, pair, [
      `${name}-unset`,
      widened(pair.place),
      `${name} was unset from ${boundShown(one)}`,
    ]);
  const sign = Math.sign(other.value - one.value) || strictness(name, one, other);
  if (sign === 0) return;
  const raised = sign > 0;
  const narrower = name.startsWith('max') ? !raised : raised;
  say(comparison, pair, [
    `${name}-${raised ? 'increased' : 'decreased'}`,
    narrower ? narrowed(pair.place) : widened(pair.place),
    `${name} was changed from ${boundShown(one)} to ${boundShown(other)}`,
  ]);
}

const boundShown = (bound: Bound | undefined): string =>
  bound === undefined ? 'none' : `${bound.value}${bound.exclusive ? ' (exclusive)' : ''}`;

function strictness(name: BoundName, one: Bound, other: Bound): number {
  if (one.exclusive === other.exclusive) return 0;
  const tighterNow = other.exclusive ? 1 : -1;
  return name === 'max' ? -tighterNow : tighterNow;
}

function compareMultiple(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.multipleOf === revision.multipleOf) return;
  const divides = (part: number | null, whole: number | null): boolean =>
    part === null || (whole !== null && part !== 0 && Number.isInteger(whole / part));
  const text = `multipleOf was changed from ${base.multipleOf ?? 'none'} to ${revision.multipleOf ?? 'none'}`;
  const level = divides(revision.multipleOf, base.multipleOf)
    ? widened(place)
    : divides(base.multipleOf, revision.multipleOf)
      ? narrowed(place)
      : 'error';
  say(comparison, pair, ['multiple-of-changed', level, text]);
}

function compareUnique(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.uniqueItems === revision.uniqueItems) return;
  if (revision.uniqueItems)
    say(comparison, pair, ['unique-items-set', narrowed(place), 'entries must differ now']);
  else say(comparison, pair, ['unique-items-unset', widened(place), 'entries may be the same now']);
}
