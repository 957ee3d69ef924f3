import { canonicalJson } from '@kwanus/canonical';
import { own, ownList } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Fault, Judged, Judgement } from './sample.js';

/** What is said of lists and their entries. */
export function listFaults(judgement: Judgement, judged: Judged<JsonObject>): readonly Fault[] {
  const { value, schema, at } = judged;
  if (!Array.isArray(value)) return [];
  const list = value as readonly Json[];
  const text = sizeFault(list.length, schema, ['minItems', 'maxItems', 'entries']);
  return [
    ...(text === null ? [] : [{ at, text }]),
    ...entryFaults(judgement, judged, list),
    ...uniqueFaults(judgement, judged, list),
    ...containsFaults(judgement, judged, list),
  ];
}

/** @returns why a list or an object is too small or too large */
export function sizeFault(
  size: number,
  schema: JsonObject,
  [least, most, what]: readonly [string, string, string],
): string | null {
  const [min, max] = [own(schema, least), own(schema, most)];
  if (typeof min === 'number' && size < min) return `has ${size} ${what}, at least ${min} are asked for`;
  if (typeof max === 'number' && size > max) return `has ${size} ${what}, at most ${max} are allowed`;
  return null;
}

/** Before 2020-12 a list under `items` was what `prefixItems` is now. */
function entryFaults(
  judgement: Judgement,
  { schema, at, depth }: Judged<JsonObject>,
  list: readonly Json[],
): readonly Fault[] {
  const items = own(schema, 'items');
  const first = Array.isArray(items) ? (items as readonly Json[]) : ownList(schema, 'prefixItems');
  const further = Array.isArray(items) ? own(schema, 'additionalItems') : items;
  return list.flatMap((value, index) => {
    const of = first[index] ?? further;
    return of === undefined ? [] : judgement.faultsOf({ value, schema: of, at: `${at}/${index}`, depth });
  });
}

function uniqueFaults(
  judgement: Judgement,
  { schema, at }: Judged<JsonObject>,
  list: readonly Json[],
): readonly Fault[] {
  if (own(schema, 'uniqueItems') !== true) return [];
  const texts = list.filter((entry) => !judgement.isOpen(entry)).map((entry) => canonicalJson(entry));
  judgement.spend(texts.reduce((sum, text) => sum + text.length, 0));
  return new Set(texts).size === texts.length ? [] : [{ at, text: 'has an entry twice, all must differ' }];
}

function containsFaults(
  judgement: Judgement,
  { value: whole, schema, at, depth }: Judged<JsonObject>,
  list: readonly Json[],
): readonly Fault[] {
  const contains = own(schema, 'contains');
  if (contains === undefined) return [];
  const [least, most] = [own(schema, 'minContains'), own(schema, 'maxContains')];
  const count = list.filter(
    (value) => judgement.faultsOf({ value, schema: contains, at, depth }).length === 0,
  ).length;
  const isFew = count < (typeof least === 'number' ? least : 1);
  const isMany = typeof most === 'number' && count > most && !judgement.isOpen(whole);
  if (!isFew && !isMany) return [];
  return [{ at, text: `has ${count} entries of the kind that it must contain` }];
}
