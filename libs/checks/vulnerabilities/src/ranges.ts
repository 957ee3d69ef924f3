import { type Order, orderOf, semanticOrder } from './order.js';
import type { Affected, RangeEvent, VersionRange } from './record.js';

/** Whether a version is one of those that a record means. */
export type Judgement = 'affected' | 'not-affected' | 'undecided';

/** Before every version: OSV writes `introduced: "0"` for "from the beginning". */
const BEGINNING = '0';

/** Of two events at one version: a fix ends what came before, and only then something new begins. */
const TURN: Readonly<Record<RangeEvent['kind'], number>> = {
  fixed: 0,
  introduced: 1,
  last_affected: 2,
  limit: 3,
};

/** A version that its ecosystem's order can't read. */
class Unordered extends Error {
  override readonly name = 'Unordered';
}

/** @returns what the record says about the version: versions that it lists, then its ranges */
export function judgeVersion({ versions, ranges }: Affected, version: string, ecosystem: string): Judgement {
  if (versions.has(version) || (ecosystem === 'Go' && versions.has(version.replace(/^v/, ''))))
    return 'affected';
  let undecided = false;
  for (const range of ranges) {
    const order = range.semantic ? semanticOrder : orderOf(ecosystem);
    const within = order === undefined ? null : isWithin(range, version, order);
    if (within === true) return 'affected';
    undecided ||= within === null;
  }
  return undecided ? 'undecided' : 'not-affected';
}

/** @returns null where a version can't be read */
function isWithin({ events }: VersionRange, version: string, order: Order): boolean | null {
  const compare = (a: string, b: string): number => {
    if (a === b) return 0;
    if (a === BEGINNING) return -1;
    if (b === BEGINNING) return 1;
    const found = order(a, b);
    if (found === null) throw new Unordered();
    return found;
  };
  try {
    return judged(events, version, compare);
  } catch (error) {
    if (error instanceof Unordered) return null;
    throw error;
  }
}

type Compare = (a: string, b: string) => number;

function judged(events: readonly RangeEvent[], version: string, compare: Compare): boolean {
  if (!isBeforeLimits(events, version, compare)) return false;
  const bounds = events
    .filter(({ kind }) => kind !== 'limit')
    .toSorted((a, b) => compare(a.version, b.version) || TURN[a.kind] - TURN[b.kind]);
  let affected = false;
  for (const { kind, version: bound } of bounds) {
    const past = bound === BEGINNING ? 1 : compare(version, bound);
    if (kind === 'last_affected' ? past > 0 : past >= 0) affected = kind === 'introduced';
  }
  return affected;
}

function isBeforeLimits(events: readonly RangeEvent[], version: string, compare: Compare): boolean {
  const limits = events.filter(({ kind }) => kind === 'limit');
  return (
    limits.length === 0 || limits.some(({ version: limit }) => limit === '*' || compare(version, limit) < 0)
  );
}

/** @returns the fixed versions after this one, the nearest first */
export function fixesOf({ ranges }: Affected, version: string, ecosystem: string): readonly string[] {
  const fixes = new Set<string>();
  for (const { semantic, events } of ranges) {
    const order = semantic ? semanticOrder : orderOf(ecosystem);
    for (const { kind, version: fixed } of events)
      if (kind === 'fixed' && order !== undefined && (order(fixed, version) ?? 0) > 0) fixes.add(fixed);
  }
  const order = orderOf(ecosystem) ?? semanticOrder;
  return [...fixes].sort((a, b) => order(a, b) ?? 0);
}
