import { anyNode, inner, type Pair, type Step, say } from './pair.js';
import { narrowed, widened } from './report.js';
import type { Additional, SchemaNode } from './structure.js';
import type { Level, Place } from './types.js';

/** What is said about properties that are not named one by one. */
export function compareBeyond(step: Step): void {
  const { pair } = step;
  const { base, revision } = pair;
  compareAdditional(step);
  for (const pattern of new Set([...base.patterned.keys(), ...revision.patterned.keys()]))
    comparePattern(step, pattern);
}

function compareAdditional({ walk, pair, depth }: Step): void {
  const { base, revision, place } = pair;
  const [was, is] = [base.additional, revision.additional];
  if (was === 'forbidden' || is === 'forbidden') {
    if (was === is) return;
    return was === 'forbidden'
      ? say(walk.comparison, pair, [
          'additional-properties-allowed',
          place.direction === 'request' ? 'info' : 'warning',
          'may have unknown properties now',
        ])
      : say(walk.comparison, pair, [
          'additional-properties-forbidden',
          closingLevel(was, place),
          'takes no unknown properties any more',
        ]);
  }
  if (typeof was !== 'object' && typeof is !== 'object') return;
  if (isSilentNarrowing(pair, was)) return constrained({ walk, pair, depth }, is);
  walk.compare(nodeOf(was, pair), nodeOf(is, pair), inner(pair, '*'), depth + 1);
}

/** Whoever sends what nobody described was never promised that it is taken. */
const isSilentNarrowing = ({ place }: Pair, was: Additional): boolean =>
  was === 'implicit' && place.direction === 'request';

function constrained({ walk, pair }: Step, is: Additional): void {
  const found = walk.tried(anyNode(pair.base), nodeOf(is, pair), inner(pair, '*'));
  if (found.some(({ level }) => level === 'error'))
    say(walk.comparison, pair, [
      'additional-properties-constrained',
      'warning',
      'unknown properties must have a certain form now',
    ]);
}

function closingLevel(was: Additional, { direction }: Place): Level {
  if (direction === 'response') return 'info';
  return was === 'implicit' ? 'warning' : 'error';
}

const nodeOf = (additional: Additional, { revision }: Pair): SchemaNode =>
  typeof additional === 'object' ? additional : anyNode(revision);

/** Properties that fit a pattern are additional ones where the pattern is missing. */
function comparePattern({ walk, pair, depth }: Step, pattern: string): void {
  const { base, revision, place } = pair;
  const was = base.patterned.get(pattern) ?? base.additional;
  const is = revision.patterned.get(pattern) ?? revision.additional;
  if (was === 'forbidden')
    return say(walk.comparison, pair, [
      'pattern-property-added',
      widened(place),
      `properties like ${pattern} are allowed now`,
    ]);
  if (is === 'forbidden')
    return say(walk.comparison, pair, [
      'pattern-property-removed',
      narrowed(place),
      `properties like ${pattern} are no longer allowed`,
    ]);
  if (isSilentNarrowing(pair, was)) return constrained({ walk, pair, depth }, is);
  walk.compare(nodeOf(was, pair), nodeOf(is, pair), inner(pair, `~${pattern}`), depth + 1);
}
