import { own, ownList, ownObject, ownText } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { type Bound, type BoundName, boundsOf, numberOf } from './bounds.js';
import { type SchemaNode, type Structure, structureOf } from './structure.js';
import { sunsetOf } from './sunset.js';

/** What a schema says, in one form for all the ways of saying it. */
export interface Shape extends Structure {
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
  /** Alternatives of oneOf and anyOf; null where there are none. */
  readonly variants: { readonly kind: 'one-of' | 'any-of'; readonly nodes: readonly SchemaNode[] } | null;
  readonly discriminator: Discriminator | null;
  readonly hasDefault: boolean;
  readonly default: Json;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  readonly deprecated: boolean;
  readonly sunset: string | null;
}

/** By which property alternatives are told apart, and which value stands for which. */
export interface Discriminator {
  readonly property: string;
  /** Value → reference of the alternative. */
  readonly mapping: ReadonlyMap<string, string>;
}

/** @returns what the object says by itself, its combinators left out */
export function ownShape(schema: JsonObject, pointer: string): Shape {
  return {
    pointer,
    never: false,
    ...typeRules(schema),
    ...valueRules(schema),
    ...structureOf(schema, pointer),
    ...alternativesOf(schema),
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
  format: ownText(schema, 'format') ?? (own(schema, 'contentEncoding') === 'base64' ? 'byte' : null),
  pattern: ownText(schema, 'pattern') ?? null,
  bounds: boundsOf(schema),
  multipleOf: numberOf(schema, 'multipleOf'),
  uniqueItems: own(schema, 'uniqueItems') === true,
});

const alternativesOf = (schema: JsonObject): Pick<Shape, 'variants' | 'discriminator'> => {
  const property = ownText(own(schema, 'discriminator'), 'propertyName');
  const mapping = Object.entries(ownObject(own(schema, 'discriminator'), 'mapping')).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    variants: null,
    discriminator: property === undefined ? null : { property, mapping: new Map(mapping) },
  };
};

const notesOf = (
  schema: JsonObject,
): Pick<Shape, 'hasDefault' | 'default' | 'readOnly' | 'writeOnly' | 'deprecated' | 'sunset'> => ({
  hasDefault: Object.hasOwn(schema, 'default'),
  default: own(schema, 'default') ?? null,
  readOnly: own(schema, 'readOnly') === true,
  writeOnly: own(schema, 'writeOnly') === true,
  deprecated: own(schema, 'deprecated') === true,
  sunset: sunsetOf(schema),
});

const without = (set: ReadonlySet<string>, left: string): ReadonlySet<string> =>
  set.has(left) ? new Set([...set].filter((entry) => entry !== left)) : set;
const withoutKey = (map: ReadonlyMap<string, Json>, left: string): ReadonlyMap<string, Json> =>
  new Map([...map].filter(([key]) => key !== left));

const SINGLE_TYPES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null'].map((type) => [
    type,
    new Set([type]),
  ]),
);

function typesOf(schema: JsonObject): ReadonlySet<string> | null {
  const type = own(schema, 'type');
  if (typeof type === 'string') return SINGLE_TYPES.get(type) ?? new Set([type]);
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

/** @returns the shape of `true` (and of no schema at all) */
export const anything = (pointer: string): Shape => ownShape({}, pointer);

/** @returns the shape of `false` */
export const nothing = (pointer: string): Shape => ({ ...anything(pointer), never: true, nullable: false });
