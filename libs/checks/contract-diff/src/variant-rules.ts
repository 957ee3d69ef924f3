import { ownText } from '@kwanus/checks-kit';
import type { Pair, Step, Walk } from './pair.js';
import { say } from './pair.js';
import { narrowed, widened } from './report.js';
import type { Discriminator, Shape } from './shape.js';
import type { SchemaNode } from './structure.js';
import type { Level, Place } from './types.js';
import { openEnd } from './value-rules.js';
import { allowsAnything, BREAKS, type Matched, matchVariants, variantName } from './variants.js';

/** Alternatives: each one that was must have one that is, and the other way round for what comes back. */
export function compareVariants(
  { walk, pair, depth }: Step,
  [base, revision]: readonly [SchemaNode, SchemaNode],
): void {
  const { comparison } = walk;
  const { place } = pair;
  const anyBefore = allowsAnything(pair.base);
  if (anyBefore || allowsAnything(pair.revision))
    return say(comparison, pair, [
      'type-changed',
      anyBefore ? narrowed(place) : widened(place),
      anyBefore ? 'only certain alternatives fit now' : 'anything fits now',
    ]);
  const before = pair.base.variants?.nodes ?? split(base, pair.base);
  const after = pair.revision.variants?.nodes ?? split(revision, pair.revision);
  const matched = matchVariants(comparison, [before, after], (one, other) => walk.costOf(one, other, place));
  const found = lastPair(withoutCovered(walk, place, [matched, before, after]));
  for (const [one, other] of found.pairs) walk.compare(one, other, place, depth + 1);
  reportVariants(walk, pair, found);
  compareDiscriminators({ walk, pair, depth }, found);
}

/** Where one went and one came, one became the other. */
function lastPair(found: Matched): Matched {
  const { gone, come, pairs, counterparts } = found;
  const [one, other] = [gone[0], come[0]];
  if (one === undefined || other === undefined || gone.length + come.length > 2) return found;
  const last = [one, other] as const;
  return { gone: [], come: [], pairs: [...pairs, last], counterparts: [...counterparts, last] };
}

/** A schema with several types is as many alternatives; whether null fits was compared for the whole already. */
function split(node: SchemaNode, { types, nullable }: Shape): readonly SchemaNode[] {
  if (types === null || (types.size < 2 && !nullable)) return [node];
  const part = (type: string): SchemaNode => ({
    schema: { type, allOf: [node.schema ?? true] },
    pointer: node.pointer,
  });
  return types.size < 2 ? [...types].map(part) : [...types].filter((type) => !isPart(type, types)).map(part);
}

const isPart = (type: string, types: ReadonlySet<string>): boolean =>
  type === 'integer' && types.has('number');

const fits = (walk: Walk, [one, other]: readonly [SchemaNode, SchemaNode], place: Place): boolean =>
  walk.costOf(one, other, place) < BREAKS;

/** What was sent in a form that is gone may fit another one; what comes in a new form may be one of the old. */
function withoutCovered(
  walk: Walk,
  place: Place,
  [found, before, after]: readonly [Matched, readonly SchemaNode[], readonly SchemaNode[]],
): Matched {
  const isRequest = place.direction === 'request';
  const { gone, come } = found;
  return {
    ...found,
    gone: isRequest ? gone.filter((one) => !after.some((other) => fits(walk, [one, other], place))) : gone,
    come: isRequest ? come : come.filter((other) => !before.some((one) => fits(walk, [one, other], place))),
  };
}

function reportVariants(
  { comparison }: Walk,
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

function compareDiscriminators(step: Step, found: Matched): void {
  const { walk, pair } = step;
  const { base, revision, place } = pair;
  const [was, is] = [base.discriminator, revision.discriminator];
  if (was === null && is === null) return;
  const softly = (level: Level): Level => (level === 'error' ? 'warning' : 'info');
  if (was === null)
    return say(walk.comparison, pair, [
      'discriminator-added',
      softly(narrowed(place)),
      'has a discriminator now',
    ]);
  if (is === null)
    return say(walk.comparison, pair, [
      'discriminator-removed',
      softly(widened(place)),
      'has no discriminator any more',
    ]);
  if (was.property !== is.property)
    return say(walk.comparison, pair, [
      'discriminator-property-name-changed',
      'error',
      `alternatives are told apart by ${is.property}, were by ${was.property}`,
    ]);
  compareMappings(step, [was, is], found);
}

/** Alternatives that came or went were reported; here it is about the values by which those that stayed are known. */
function compareMappings(
  { walk: { comparison }, pair }: Step,
  [was, is]: readonly [Discriminator, Discriminator],
  { counterparts }: Matched,
): void {
  const { place } = pair;
  const taken = new Set(counterparts.flatMap(([, other]) => [...valuesOf(is, other)]));
  const had = new Set(counterparts.flatMap(([one]) => [...valuesOf(was, one)]));
  for (const [one, other] of counterparts) {
    const [before, after] = [valuesOf(was, one), valuesOf(is, other)];
    for (const value of before)
      if (!after.has(value))
        say(
          comparison,
          pair,
          taken.has(value)
            ? ['discriminator-mapping-changed', 'error', `${value} stands for another alternative now`]
            : [
                'discriminator-mapping-deleted',
                narrowed(place),
                `${value} no longer stands for ${variantName(other)}`,
              ],
        );
    for (const value of after)
      if (!had.has(value))
        say(comparison, pair, [
          'discriminator-mapping-added',
          openEnd(comparison, place, { extensible: false }),
          `${value} stands for ${variantName(other)} too`,
        ]);
  }
}

const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

/** The values that are mapped to an alternative; where there are none, its own name, unless that is mapped elsewhere. */
function valuesOf({ mapping }: Discriminator, { schema }: SchemaNode): ReadonlySet<string> {
  const name = nameOf(ownText(schema, '$ref') ?? '');
  if (name === '') return new Set();
  const mapped = [...mapping].filter(([, target]) => nameOf(target) === name).map(([value]) => value);
  return new Set(mapped.length > 0 || mapping.has(name) ? mapped : [name]);
}
