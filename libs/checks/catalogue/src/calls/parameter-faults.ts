import { isObject, own } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Fault } from '../samples/sample.js';
import { UNKNOWN } from './unknowns.js';

/** How values that are sent are judged. */
export interface Judging {
  /** @returns what is wrong with the value by each schema that is asked; the value is looked through once */
  readonly of: (value: Json) => (schema: Json) => readonly Fault[];
  readonly resolve: (schema: Json) => Json;
}

const LISTED_BY = [',', '|', ' '];
const LONGEST_LIST = 10_000;

/**
 * A parameter travels as text: `10` and `"10"` are the same on the way, and so are `a` and a list of it.
 * @returns what is wrong with a parameter however it is read
 */
export function parameterFaults(value: Json, schema: Json, by: Judging): readonly Fault[] {
  if (value === null) return []; // whether it is sent is up to the runtime
  if (typeof value === 'object') return structureFaults(value, schema, by);
  const faults = scalarFaults(value, schema, by);
  if (faults.length === 0 || !takesLists(by.resolve(schema))) return faults;
  const text = String(value);
  if (text.length > LONGEST_LIST) return [];
  const lists = [[value], ...LISTED_BY.map((separator) => text.split(separator))];
  return lists.some((list) => structureFaults(list, schema, by).length === 0) ? [] : faults;
}

function takesLists(schema: Json): boolean {
  const type = own(schema, 'type');
  return type === 'array' || (Array.isArray(type) && type.includes('array'));
}

function scalarFaults(value: string | number | boolean, schema: Json, by: Judging): readonly Fault[] {
  const faults = by.of(value)(schema);
  if (faults.length === 0) return [];
  const others = typeof value === 'string' ? readings(value) : [String(value)];
  return others.some((other) => by.of(other)(schema).length === 0) ? [] : faults;
}

/** @returns what else the text may be read as */
function readings(text: string): readonly Json[] {
  if (text === 'true' || text === 'false') return [text === 'true'];
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? [number] : [];
}

/** The structure first, whatever stands in it; then each entry of a list by itself. */
function structureFaults(value: Json, schema: Json, by: Judging): readonly Fault[] {
  const faults = by.of(opened(value))(schema);
  if (faults.length > 0 || !Array.isArray(value)) return faults;
  const target = by.resolve(schema);
  const items = own(target, 'items');
  if (!isObject(items) || own(target, 'prefixItems') !== undefined) return [];
  return (value as readonly Json[]).flatMap((entry, index) =>
    typeof entry === 'object'
      ? []
      : scalarFaults(entry, items, by).map(({ at, text }) => ({ at: `/${index}${at}`, text })),
  );
}

/** @returns the value with its texts, numbers and truth values made unknown; documents are no deeper than a few hundred levels */
export function opened(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(opened);
  if (!isObject(value)) return UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, opened(inner)]));
}
