import { isObject, own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/** A schema that has not been looked into yet. */
export interface SchemaNode {
  /** A boolean, an object, or undefined where there is no schema. */
  readonly schema: Json | undefined;
  readonly pointer: string;
}

/** An upper or lower end. */
export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

export type BoundName =
  | 'max'
  | 'min'
  | 'max-length'
  | 'min-length'
  | 'max-items'
  | 'min-items'
  | 'max-properties'
  | 'min-properties';

/** What a schema says, in one form for all the ways of saying it. */
export interface Shape {
  readonly pointer: string;
  /** True for the schema `false`: nothing fits. */
  readonly never: boolean;
  /** Without `null`; null: any type. */
  readonly types: ReadonlySet<string> | null;
  readonly nullable: boolean;
  /** Canonical texts of the values; null: no list. */
  readonly values: ReadonlyMap<string, Json> | null;
  readonly extensible: boolean;
  readonly format: string | null;
  readonly pattern: string | null;
  readonly bounds: ReadonlyMap<BoundName, Bound>;
  readonly multipleOf: number | null;
  readonly uniqueItems: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly required: ReadonlySet<string>;
  /** `implicit`: nothing was said, so everything is allowed. */
  readonly additional: 'implicit' | 'allowed' | 'forbidden' | SchemaNode;
  readonly items: SchemaNode | null;
  /** Alternatives of oneOf and anyOf; null where there are none. */
  readonly variants: { readonly kind: 'one-of' | 'any-of'; readonly nodes: readonly SchemaNode[] } | null;
  readonly discriminator: string | null;
  readonly hasDefault: boolean;
  readonly default: Json;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  readonly deprecated: boolean;
  /** Keywords that are only compared for being the same: not, patternProperties, if, then … */
  readonly opaque: ReadonlyMap<string, Json>;
}

const OPAQUE = [
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'dependentSchemas',
  'dependentRequired',
  'prefixItems',
  'contains',
  'minContains',
  'maxContains',
  'unevaluatedProperties',
  'unevaluatedItems',
];

const BOUNDS: readonly (readonly [string, BoundName])[] = [
  ['maxLength', 'max-length'],
  ['minLength', 'min-length'],
  ['maxItems', 'max-items'],
  ['minItems', 'min-items'],
  ['maxProperties', 'max-properties'],
  ['minProperties', 'min-properties'],
];

/** @returns what the object says by itself, its combinators left out */
export function ownShape(schema: JsonObject, pointer: string): Shape {
  return {
    pointer,
    never: false,
    ...typeRules(schema),
    ...valueRules(schema),
    ...insideOf(schema, pointer),
    ...notesOf(schema),
  };
}

function typeRules(schema: JsonObject): Pick<Shape, 'types' | 'nullable' | 'values' | 'extensible'> {
  const types = typesOf(schema);
  const values = valuesOf(schema);
  const said = own(schema, 'nullable') === true;
  const listed = values === null || values.has('null');
  return {
    types: types === null ? null : without(types, 'null'),
    nullable: said || (listed && (types === null || types.has('null'))),
    values: values === null ? null : withoutKey(values, 'null'),
    extensible: ownList(schema, 'x-extensible-enum').length > 0,
  };
}

const valueRules = (
  schema: JsonObject,
): Pick<Shape, 'format' | 'pattern' | 'bounds' | 'multipleOf' | 'uniqueItems'> => ({
  format: ownText(schema, 'format') ?? null,
  pattern: ownText(schema, 'pattern') ?? null,
  bounds: boundsOf(schema),
  multipleOf: numberOf(schema, 'multipleOf'),
  uniqueItems: own(schema, 'uniqueItems') === true,
});

const insideOf = (
  schema: JsonObject,
  pointer: string,
): Pick<
  Shape,
  'properties' | 'required' | 'additional' | 'items' | 'variants' | 'discriminator' | 'opaque'
> => ({
  properties: new Map(
    Object.entries(ownObject(schema, 'properties')).map(([name, value]) => [
      name,
      { schema: value, pointer: pointer + pointerOf('properties', name) },
    ]),
  ),
  required: new Set(ownList(schema, 'required').filter((name) => typeof name === 'string')),
  additional: additionalOf(schema, pointer),
  items: Object.hasOwn(schema, 'items') ? { schema: schema['items'], pointer: `${pointer}/items` } : null,
  variants: null,
  discriminator: ownText(own(schema, 'discriminator'), 'propertyName') ?? null,
  opaque: new Map(
    OPAQUE.filter((key) => Object.hasOwn(schema, key)).map((key) => [key, schema[key] as Json]),
  ),
});

const notesOf = (
  schema: JsonObject,
): Pick<Shape, 'hasDefault' | 'default' | 'readOnly' | 'writeOnly' | 'deprecated'> => ({
  hasDefault: Object.hasOwn(schema, 'default'),
  default: own(schema, 'default') ?? null,
  readOnly: own(schema, 'readOnly') === true,
  writeOnly: own(schema, 'writeOnly') === true,
  deprecated: own(schema, 'deprecated') === true,
});

const without = (set: ReadonlySet<string>, left: string): ReadonlySet<string> =>
  new Set([...set].filter((entry) => entry !== left));
const withoutKey = (map: ReadonlyMap<string, Json>, left: string): ReadonlyMap<string, Json> =>
  new Map([...map].filter(([key]) => key !== left));

function typesOf(schema: JsonObject): ReadonlySet<string> | null {
  const type = own(schema, 'type');
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type.filter((entry): entry is string => typeof entry === 'string'));
  return null;
}

function valuesOf(schema: JsonObject): ReadonlyMap<string, Json> | null {
  if (Object.hasOwn(schema, 'const')) return byText([schema['const'] as Json]);
  const list = own(schema, 'enum') ?? own(schema, 'x-extensible-enum');
  return Array.isArray(list) ? byText(list as readonly Json[]) : null;
}

const byText = (list: readonly Json[]): ReadonlyMap<string, Json> =>
  new Map(list.map((value) => [JSON.stringify(value), value]));

const numberOf = (schema: JsonObject, key: string): number | null => {
  const value = own(schema, key);
  return typeof value === 'number' ? value : null;
};

function boundsOf(schema: JsonObject): ReadonlyMap<BoundName, Bound> {
  const bounds = new Map<BoundName, Bound>();
  for (const [keyword, name] of BOUNDS) {
    const value = numberOf(schema, keyword);
    if (value !== null && !(name.startsWith('min') && value === 0))
      bounds.set(name, { value, exclusive: false });
  }
  const ends: readonly (readonly ['max' | 'min', string, string])[] = [
    ['max', 'maximum', 'exclusiveMaximum'],
    ['min', 'minimum', 'exclusiveMinimum'],
  ];
  for (const [name, inclusive, exclusive] of ends) {
    const plain = numberOf(schema, inclusive);
    const strict = numberOf(schema, exclusive);
    if (plain !== null) bounds.set(name, { value: plain, exclusive: own(schema, exclusive) === true });
    if (strict !== null)
      bounds.set(name, tighter(name, bounds.get(name), { value: strict, exclusive: true }));
  }
  return bounds;
}

/** @returns the bound that lets less through */
export function tighter(name: BoundName, one: Bound | undefined, other: Bound): Bound {
  if (one === undefined) return other;
  if (one.value === other.value) return { value: one.value, exclusive: one.exclusive || other.exclusive };
  const oneIsTighter = name.startsWith('max') ? one.value < other.value : one.value > other.value;
  return oneIsTighter ? one : other;
}

function additionalOf(schema: JsonObject, pointer: string): Shape['additional'] {
  const additional = own(schema, 'additionalProperties');
  if (additional === undefined) return 'implicit';
  if (additional === false) return 'forbidden';
  if (additional === true || (isObject(additional) && Object.keys(additional).length === 0)) return 'allowed';
  return { schema: additional, pointer: `${pointer}/additionalProperties` };
}

/** @returns the shape of `true` (and of no schema at all) */
export const anything = (pointer: string): Shape => ownShape({}, pointer);

/** @returns the shape of `false` */
export const nothing = (pointer: string): Shape => ({ ...anything(pointer), never: true, nullable: false });
