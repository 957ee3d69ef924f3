import { canonicalJson } from '@kwanus/canonical';
import { own, ownText } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { z } from 'zod';
import { type Fault, type Judged, type Judgement, shown } from './sample.js';

/** type, enum, const, and what is said of numbers and texts. */
export function valueFaults(
  judgement: Judgement,
  { value, schema, at }: Judged<JsonObject>,
): readonly Fault[] {
  const text =
    typeFault(value, schema) ??
    listedFault(judgement, value, schema) ??
    (typeof value === 'number' ? numberFault(value, schema) : null) ??
    (typeof value === 'string' ? textFault(judgement, value, schema) : null);
  return text === null ? [] : [{ at, text }];
}

function typeFault(value: Json, schema: JsonObject): string | null {
  const type = own(schema, 'type');
  const types = typeof type === 'string' ? [type] : Array.isArray(type) ? type.map(String) : null;
  if (types === null || types.some((each) => isOfType(value, each))) return null;
  return `is ${shown(value)}, where ${types.join(' or ')} is asked for`;
}

function isOfType(value: Json, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function listedFault(judgement: Judgement, value: Json, schema: JsonObject): string | null {
  const list = Object.hasOwn(schema, 'const') ? [schema['const'] as Json] : own(schema, 'enum');
  if (!Array.isArray(list) || judgement.isOpen(value) || isListed(judgement, value, list)) return null;
  return `is ${shown(value)}, which is not among ${list.slice(0, 8).map(shown).join(', ')}`;
}

function isListed(judgement: Judgement, value: Json, list: readonly Json[]): boolean {
  judgement.spend(list.length);
  if (typeof value !== 'object' || value === null) return list.includes(value);
  const textOf = (each: Json): string => {
    const text = canonicalJson(each);
    judgement.spend(Math.floor(text.length / 100));
    return text;
  };
  const wanted = textOf(value);
  return list.some((entry) => typeof entry === 'object' && entry !== null && textOf(entry) === wanted);
}

const numberUnder = (schema: JsonObject, key: string): number | null => {
  const value = own(schema, key);
  return typeof value === 'number' ? value : null;
};

const numberFault = (value: number, schema: JsonObject): string | null =>
  endFault(value, schema, ['minimum', 'exclusiveMinimum', 1]) ??
  endFault(value, schema, ['maximum', 'exclusiveMaximum', -1]) ??
  multipleFault(value, schema) ??
  wholeFault(value, schema);

/** In OpenAPI 3.0 `exclusiveMinimum` is true beside `minimum`, later it is the end itself. */
function endFault(
  value: number,
  schema: JsonObject,
  [inclusive, exclusive, sign]: readonly [string, string, 1 | -1],
): string | null {
  const end = numberUnder(schema, inclusive);
  const strict = own(schema, exclusive) === true ? end : numberUnder(schema, exclusive);
  if (end !== null && (value - end) * sign < 0) return `is ${value}, beyond the ${inclusive} of ${end}`;
  if (strict !== null && (value - strict) * sign <= 0)
    return `is ${value}, not inside the ${exclusive} of ${strict}`;
  return null;
}

function multipleFault(value: number, schema: JsonObject): string | null {
  const multiple = numberUnder(schema, 'multipleOf');
  if (multiple === null || multiple <= 0) return null;
  const quotient = value / multiple;
  const isMultiple = Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
  return isMultiple ? null : `is ${value}, no multiple of ${multiple}`;
}

const wholeFault = (value: number, schema: JsonObject): string | null =>
  ownText(schema, 'format') === 'int32' && Math.abs(value) > 2 ** 31 ? `is ${value}, beyond int32` : null;

function lengthFault(value: string, schema: JsonObject): string | null {
  const [least, most] = [numberUnder(schema, 'minLength'), numberUnder(schema, 'maxLength')];
  if (least === null && most === null) return null;
  const { length } = Array.from(value);
  if (least !== null && length < least) return `has ${length} characters, at least ${least} are asked for`;
  return most !== null && length > most ? `has ${length} characters, at most ${most} are allowed` : null;
}

function textFault(judgement: Judgement, value: string, schema: JsonObject): string | null {
  const ofLength = lengthFault(value, schema);
  if (ofLength !== null) return ofLength;
  const pattern = ownText(schema, 'pattern');
  if (pattern !== undefined && !judgement.matches(pattern, value))
    return `is ${shown(value)}, which the pattern ${shown(pattern)} does not match`;
  const format = ownText(schema, 'format') ?? '';
  return isOfFormat(value, format) ? null : `is ${shown(value)}, which is no ${format}`;
}

const LONGEST_OF_A_FORMAT = 2_000;
const FORMATS = new Map<string, z.ZodType>([
  ['date', z.iso.date()],
  ['date-time', z.iso.datetime({ offset: true })],
  ['uuid', z.guid()],
  ['ipv4', z.ipv4()],
  ['ipv6', z.ipv6()],
]);

/** Formats that are written in one way only; of the others no two tools agree. */
function isOfFormat(value: string, format: string): boolean {
  const known = FORMATS.get(format);
  return known === undefined || (value.length <= LONGEST_OF_A_FORMAT && known.safeParse(value).success);
}
