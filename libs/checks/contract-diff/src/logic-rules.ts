import { sameSchema } from './equal.js';
import { inner, type Step, say, turned } from './pair.js';
import { type Comparison, narrowed, widened } from './report.js';
import type { Condition, SchemaNode } from './structure.js';

/** not, if/then/else, and alternatives beyond the first combinator. */
export function compareLogic(step: Step): void {
  compareNot(step);
  compareConditions(step);
  const { walk, pair } = step;
  const { base, revision } = pair;
  const list = (further: readonly unknown[]): SchemaNode =>
    ({ schema: further, pointer: revision.pointer }) as SchemaNode;
  if (!sameSchema(walk.comparison, list(base.further), list(revision.further)))
    say(walk.comparison, pair, [
      'constraint-changed',
      'warning',
      'what must hold beside the alternatives was changed',
    ]);
}

/** @returns what has no counterpart on the other side, and the pairs of the rest */
function paired<Entry>(
  before: readonly Entry[],
  after: readonly Entry[],
  same: (one: Entry, other: Entry) => boolean,
): { readonly gone: Entry[]; readonly come: Entry[]; readonly pairs: (readonly [Entry, Entry])[] } {
  const come = [...after];
  const gone: Entry[] = [];
  const pairs: (readonly [Entry, Entry])[] = [];
  for (const one of before) {
    const at = come.findIndex((other) => same(one, other));
    const [other] = at === -1 ? [] : come.splice(at, 1);
    if (other === undefined) gone.push(one);
    else pairs.push([one, other]);
  }
  return { gone, come, pairs };
}

/** What is excluded more leaves less, and the other way round: the inside is compared with data flowing back. */
function compareNot({ walk, pair }: Step): void {
  const { comparison } = walk;
  const { place } = pair;
  const { gone, come } = paired(pair.base.not, pair.revision.not, sameIn(comparison));
  const [was, is] = [gone[0], come[0]];
  if (was !== undefined && is !== undefined && gone.length === 1 && come.length === 1) {
    const found = walk.tried(was, is, turned(place));
    const level = found.some((finding) => finding.level === 'error') ? 'error' : 'info';
    if (found.length > 0) say(comparison, pair, ['not-changed', level, 'what is excluded was changed']);
    return;
  }
  if (come.length > 0)
    say(comparison, pair, ['not-added', narrowed(place), 'values are excluded that were not']);
  if (gone.length > 0)
    say(comparison, pair, ['not-removed', widened(place), 'values fit that were excluded']);
}

const sameIn =
  (comparison: Comparison) =>
  (one: SchemaNode, other: SchemaNode): boolean =>
    sameSchema(comparison, one, other);

/** Under the same condition the consequences are compared; of other conditions nobody can tell. */
function compareConditions({ walk, pair, depth }: Step): void {
  const { comparison } = walk;
  const { place } = pair;
  const same = (one: Condition, other: Condition): boolean => sameSchema(comparison, one.when, other.when);
  const { gone, come, pairs } = paired(pair.base.conditions, pair.revision.conditions, same);
  for (const [was, is] of pairs) {
    walk.compare(was.consequence, is.consequence, inner(pair, '(then)'), depth + 1);
    walk.compare(was.otherwise, is.otherwise, inner(pair, '(else)'), depth + 1);
  }
  if (gone.length > 0 && come.length > 0)
    return say(comparison, pair, ['if-changed', 'warning', 'the condition was changed']);
  if (come.length > 0)
    say(comparison, pair, ['if-added', narrowed(place), 'more is asked for under a condition']);
  if (gone.length > 0) say(comparison, pair, ['if-removed', widened(place), 'a condition no longer holds']);
}
