import { sameSchema } from './equal.js';
import { anyNode, inner, type Step, say } from './pair.js';
import { narrowed, widened } from './report.js';
import type { Shape } from './shape.js';
import type { Contains, SchemaNode } from './structure.js';

/** What is said about the entries of lists. */
export function compareEntries(step: Step): void {
  const { walk, pair, depth } = step;
  const { base, revision } = pair;
  const first = Math.max(base.prefix.length, revision.prefix.length);
  for (let index = 0; index < first; index += 1)
    walk.compare(entryAt(base, index), entryAt(revision, index), inner(pair, `[${index}]`), depth + 1);
  if (base.items !== null || revision.items !== null)
    walk.compare(
      base.items ?? anyNode(base),
      revision.items ?? anyNode(revision),
      inner(pair, '[]'),
      depth + 1,
    );
  compareContains(step);
}

const entryAt = (shape: Shape, index: number): SchemaNode =>
  shape.prefix[index] ?? shape.items ?? anyNode(shape);

function compareContains({ walk, pair, depth }: Step): void {
  const { base, revision, place } = pair;
  const { comparison } = walk;
  const [was, is] = [base.contains[0], revision.contains[0]];
  if (was === undefined && is === undefined) return;
  if (was === undefined)
    return say(comparison, pair, ['contains-added', narrowed(place), 'must contain certain entries now']);
  if (is === undefined)
    return say(comparison, pair, [
      'contains-removed',
      widened(place),
      'need not contain certain entries any more',
    ]);
  compareCounts({ walk, pair, depth }, was, is);
  if (was.max === null && is.max === null)
    return walk.compare(was.node, is.node, inner(pair, '(contains)'), depth + 1);
  if (!sameSchema(comparison, was.node, is.node))
    say(comparison, pair, ['contains-changed', 'warning', 'which entries are counted was changed']);
}

function compareCounts({ walk: { comparison }, pair }: Step, was: Contains, is: Contains): void {
  const { place } = pair;
  const more = is.min > was.min;
  if (was.min !== is.min)
    say(comparison, pair, [
      `min-contains-${more ? 'increased' : 'decreased'}`,
      more ? narrowed(place) : widened(place),
      `minContains was changed from ${was.min} to ${is.min}`,
    ]);
  const fewer = limitOf(is) < limitOf(was);
  if (was.max !== is.max)
    say(comparison, pair, [
      `max-contains-${fewer ? 'decreased' : 'increased'}`,
      fewer ? narrowed(place) : widened(place),
      `maxContains was changed from ${was.max ?? 'none'} to ${is.max ?? 'none'}`,
    ]);
}

const limitOf = ({ max }: Contains): number => max ?? Number.POSITIVE_INFINITY;
