import type { Json } from '@kwanus/kernel';
import { compareBounds } from './bound-rules.js';
import { type Pair, say } from './pair.js';
import { type Comparison, narrowed, shown, widened } from './report.js';
import type { Shape } from './shape.js';
import type { Level, Place } from './types.js';

/** Everything that is said about the values of a place, apart from what is inside it. */
export function compareValues(comparison: Comparison, pair: Pair): void {
  compareNever(comparison, pair);
  compareNullable(comparison, pair);
  compareDefault(comparison, pair);
  compareDeprecated(comparison, pair);
  if ((pair.base.variants === null) !== (pair.revision.variants === null)) return; // the variants say the rest, more exactly
  compareTypes(comparison, pair);
  if (areApart(pair)) return;
  compareFormat(comparison, pair);
  compareList(comparison, pair);
  comparePattern(comparison, pair);
  compareBounds(comparison, pair);
}

function compareNever(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.never === revision.never) return;
  const level = revision.never ? narrowed(place) : widened(place);
  say(comparison, pair, [
    'type-changed',
    level,
    revision.never ? 'no value fits any more' : 'values fit where none did',
  ]);
}

const ALL = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const SCALARS = new Set(['boolean', 'integer', 'number', 'string']);

function covers(wide: Shape, narrow: Shape, asText: boolean): boolean {
  const { types } = wide;
  if (types === null) return true;
  const isAnyText =
    types.has('string') && wide.format === null && wide.pattern === null && wide.values === null;
  return [...(narrow.types ?? ALL)].every(
    (type) =>
      types.has(type) ||
      (type === 'integer' && types.has('number')) ||
      (asText && isAnyText && SCALARS.has(type)),
  );
}

/** No value of the one is of a type of the other: then there is no more to say. */
export function areApart({ base, revision }: Pair): boolean {
  if (base.types === null || revision.types === null || base.variants !== null || revision.variants !== null)
    return false;
  const widely = (types: ReadonlySet<string>): readonly string[] =>
    [...types].map((type) => (type === 'integer' ? 'number' : type));
  const others = new Set(widely(revision.types));
  return base.types.size > 0 && others.size > 0 && !widely(base.types).some((type) => others.has(type));
}

const typesShown = ({ types }: Shape): string =>
  types === null ? 'any' : [...types].sort().join(' or ') || 'null';

function compareTypes(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.never || revision.never || base.variants !== null) return;
  const wider = covers(revision, base, place.asText);
  const narrower = covers(base, revision, place.asText);
  if (wider && narrower) return;
  const text = `the type was changed from ${typesShown(base)} to ${typesShown(revision)}`;
  if (wider) say(comparison, pair, [typeWidened(place), widened(place), text]);
  else if (narrower) say(comparison, pair, [typeNarrowed(place), narrowed(place), text]);
  else say(comparison, pair, ['type-changed', 'error', text]);
}

const typeWidened = ({ direction }: Place): string =>
  direction === 'request' ? 'type-generalized' : 'type-changed';
const typeNarrowed = ({ direction }: Place): string =>
  direction === 'request' ? 'type-changed' : 'type-specialized';

function compareNullable(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.nullable === revision.nullable || isUntyped(base) || isUntyped(revision)) return;
  if (revision.nullable) say(comparison, pair, ['became-nullable', widened(place), 'may be null now']);
  else say(comparison, pair, ['became-not-nullable', narrowed(place), 'may no longer be null']);
}

/** Then the change of type says it. */
const isUntyped = ({ types, variants }: Shape): boolean => types === null && variants === null;

/** First is part of second. */
const WIDER: Readonly<Record<string, string>> = { int32: 'int64', float: 'double' };
/** Formats that servers enforce; others are words for people. */
const ENFORCED = new Set([
  'int32',
  'int64',
  'float',
  'double',
  'date',
  'date-time',
  'time',
  'duration',
  'email',
  'idn-email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
  'byte',
  'binary',
  'json-pointer',
  'regex',
  'password',
]);

function compareFormat(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.format === revision.format || !isSameKind(pair)) return;
  const text = `the format was changed from ${base.format ?? 'none'} to ${revision.format ?? 'none'}`;
  if (base.format !== null && isWiderFormat(base.format, revision.format))
    say(comparison, pair, [typeWidened(place), enforced(base.format, widened(place)), text]);
  else if (revision.format !== null && isWiderFormat(revision.format, base.format))
    say(comparison, pair, [typeNarrowed(place), enforced(revision.format, narrowed(place)), text]);
  else say(comparison, pair, ['type-changed', enforced(revision.format ?? '', 'error'), text]);
}

/** @returns false where the types say already that nothing is as it was */
function isSameKind({ base, revision, place }: Pair): boolean {
  if (base.types === null || revision.types === null) return false;
  return covers(revision, base, place.asText) || covers(base, revision, place.asText);
}

const isWiderFormat = (format: string, other: string | null): boolean =>
  other === null || WIDER[format] === other;

const enforced = (format: string, level: Level): Level =>
  ENFORCED.has(format) || level === 'info' ? level : 'warning';

function compareList(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  if (base.values === null && revision.values === null) return;
  if (base.values === null)
    return say(comparison, pair, ['became-enum', narrowed(place), `only ${listed(revision.values)} fit now`]);
  if (revision.values === null)
    return say(comparison, pair, [
      'became-not-enum',
      openEnd(comparison, place, base),
      'is no longer limited to a list of values',
    ]);
  if (revision.extensible && !base.extensible && place.direction === 'response')
    say(comparison, pair, [
      'enum-became-extensible',
      openEnd(comparison, place, base),
      'the list of values may grow from now on',
    ]);
  for (const value of missingIn(revision.values, base.values))
    say(comparison, pair, [
      'enum-value-removed',
      narrowed(place),
      `${shown(value)} was taken out of the list of values`,
    ]);
  for (const value of missingIn(base.values, revision.values))
    say(comparison, pair, [
      'enum-value-added',
      openEnd(comparison, place, base),
      `${shown(value)} was added to the list of values`,
    ]);
}

const missingIn = (list: ReadonlyMap<string, Json>, values: ReadonlyMap<string, Json>): readonly Json[] =>
  [...values].filter(([text]) => !list.has(text)).map(([, value]) => value);

const listed = (values: Shape['values']): string =>
  [...(values ?? new Map<string, Json>()).values()].slice(0, 10).map(shown).join(', ');

/** More values than before; a list that was announced as growing, or a lenient profile, takes them more easily. */
export function openEnd(
  { options }: Comparison,
  place: Place,
  { extensible }: Pick<Shape, 'extensible'>,
): Level {
  const level = widened(place);
  if (level === 'info' || extensible) return 'info';
  return options.profile === 'lenient' ? 'warning' : level;
}

/** Patterns that let every text through. */
const TRIVIAL = new Set(['', '.*', '^.*$', '^', '$', '^.*', '.*$', '[\\s\\S]*', '^[\\s\\S]*$']);

const patternOf = ({ pattern }: Shape): string | null =>
  pattern === null || TRIVIAL.has(pattern) ? null : pattern;

/** Which of two patterns lets more through no machine can tell. */
function comparePattern(comparison: Comparison, pair: Pair): void {
  const [was, is] = [patternOf(pair.base), patternOf(pair.revision)];
  if (was === is) return;
  if (is === null)
    return say(comparison, pair, [
      'pattern-removed',
      openEnd(comparison, pair.place, pair.base),
      `the pattern ${shown(was)} was removed`,
    ]);
  if (was === null)
    return say(comparison, pair, [
      'pattern-added',
      narrowed(pair.place),
      `the pattern ${shown(is)} was added`,
    ]);
  say(comparison, pair, [
    'pattern-changed',
    'warning',
    `the pattern was changed from ${shown(was)} to ${shown(is)}`,
  ]);
}

/** What a client gets that leaves a value out; where it must be given, nobody can notice. */
function compareDefault(comparison: Comparison, pair: Pair): void {
  const { base, revision, place } = pair;
  const was = base.hasDefault ? JSON.stringify(base.default) : null;
  const is = revision.hasDefault ? JSON.stringify(revision.default) : null;
  if (place.direction === 'response' || was === is) return;
  if (was === null)
    say(comparison, pair, [
      'default-value-added',
      'info',
      `the default ${shown(revision.default)} was added`,
    ]);
  else if (is === null)
    say(comparison, pair, [
      'default-value-removed',
      place.required ? 'info' : 'warning',
      `the default ${shown(base.default)} was removed`,
    ]);
  else
    say(comparison, pair, [
      'default-value-changed',
      changedDefaultLevel(place),
      `the default was changed from ${shown(base.default)} to ${shown(revision.default)}`,
    ]);
}

function changedDefaultLevel({ required, kind }: Place): Level {
  if (required) return 'info';
  return kind === 'request-parameter' ? 'error' : 'warning';
}

function compareDeprecated(comparison: Comparison, pair: Pair): void {
  const { base, revision } = pair;
  if (base.deprecated === revision.deprecated) return;
  say(
    comparison,
    pair,
    revision.deprecated
      ? ['deprecated', 'info', 'is deprecated']
      : ['reactivated', 'info', 'is no longer deprecated'],
  );
}
