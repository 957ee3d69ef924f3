import { own, ownList } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Fault, Judged, Judgement } from './sample.js';

/** allOf, anyOf, oneOf, not, and conditions. */
export function logicFaults(judgement: Judgement, judged: Judged<JsonObject>): readonly Fault[] {
  const { schema, at, value } = judged;
  const isOpen = judgement.isOpen(value);
  const faultsBy = (other: Json): readonly Fault[] => judgement.faultsOf({ ...judged, schema: other });
  const not = own(schema, 'not');
  return [
    ...ownList(schema, 'allOf').flatMap(faultsBy),
    ...anyFaults(ownList(schema, 'anyOf'), at, faultsBy),
    ...oneFaults(ownList(schema, 'oneOf'), at, { faultsBy, isOpen }),
    ...(not !== undefined && !isOpen && faultsBy(not).length === 0
      ? [{ at, text: 'is what `not` excludes' }]
      : []),
    ...conditionFaults(schema, { faultsBy, isOpen }),
  ];
}

type FaultsBy = (schema: Json) => readonly Fault[];
/** Of an open value it is known what does not fit, and never what does. */
interface Known {
  readonly faultsBy: FaultsBy;
  readonly isOpen: boolean;
}

function anyFaults(list: readonly Json[], at: string, faultsBy: FaultsBy): readonly Fault[] {
  if (list.length === 0) return [];
  const all: (readonly Fault[])[] = [];
  for (const each of list) {
    const faults = faultsBy(each);
    if (faults.length === 0) return [];
    all.push(faults);
  }
  return noneFits(all, at);
}

function oneFaults(list: readonly Json[], at: string, { faultsBy, isOpen }: Known): readonly Fault[] {
  if (list.length === 0) return [];
  const all = list.map(faultsBy);
  const count = all.filter(({ length }) => length === 0).length;
  if (count === 1 || (isOpen && count > 1)) return [];
  return count === 0
    ? noneFits(all, at)
    : [{ at, text: `fits ${count} of ${list.length} alternatives, where exactly one may fit` }];
}

/** What is wrong by the only alternative; of several, nobody can tell which was meant. */
function noneFits(all: readonly (readonly Fault[])[], at: string): readonly Fault[] {
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  return [{ at, text: `fits none of ${all.length} alternatives` }];
}

function conditionFaults(schema: JsonObject, { faultsBy, isOpen }: Known): readonly Fault[] {
  const condition = own(schema, 'if');
  if (condition === undefined) return [];
  const isMet = faultsBy(condition).length === 0;
  if (isMet && isOpen) return [];
  const next = own(schema, isMet ? 'then' : 'else');
  return next === undefined ? [] : faultsBy(next);
}
