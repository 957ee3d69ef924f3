import type { Json } from '@kwanus/kernel';
import { type Bound, type BoundName, type SchemaNode, type Shape, tighter } from './shape.js';

/** @returns what both say at once: the meaning of allOf */
export function both(one: Shape, other: Shape): Shape {
  return {
    pointer: one.pointer,
    ...sharedValueRules(one, other),
    ...sharedStructure(one, other),
    ...sharedNotes(one, other),
  };
}

type ValueRules =
  | 'types'
  | 'nullable'
  | 'values'
  | 'extensible'
  | 'format'
  | 'pattern'
  | 'bounds'
  | 'multipleOf'
  | 'uniqueItems';
type Structure =
  | 'never'
  | 'properties'
  | 'required'
  | 'additional'
  | 'items'
  | 'variants'
  | 'discriminator'
  | 'opaque';
type Notes = 'hasDefault' | 'default' | 'readOnly' | 'writeOnly' | 'deprecated';

const sharedValueRules = (one: Shape, other: Shape): Pick<Shape, ValueRules> => ({
  types: sharedTypes(one.types, other.types),
  nullable: one.nullable && other.nullable,
  values: sharedValues(one.values, other.values),
  extensible: one.extensible || other.extensible,
  format: other.format ?? one.format,
  pattern: joined(one.pattern, other.pattern),
  bounds: sharedBounds(one.bounds, other.bounds),
  multipleOf: other.multipleOf ?? one.multipleOf,
  uniqueItems: one.uniqueItems || other.uniqueItems,
});

const sharedStructure = (one: Shape, other: Shape): Pick<Shape, Structure> => ({
  never: one.never || other.never,
  properties: sharedProperties(one.properties, other.properties),
  required: new Set([...one.required, ...other.required]),
  additional: strictest(one.additional, other.additional),
  items:
    one.items === null || other.items === null ? (one.items ?? other.items) : allOf(one.items, other.items),
  variants: one.variants ?? other.variants,
  discriminator: other.discriminator ?? one.discriminator,
  opaque: sharedOpaque(one, other),
});

const sharedNotes = (one: Shape, other: Shape): Pick<Shape, Notes> => ({
  hasDefault: one.hasDefault || other.hasDefault,
  default: other.hasDefault ? other.default : one.default,
  readOnly: one.readOnly || other.readOnly,
  writeOnly: one.writeOnly || other.writeOnly,
  deprecated: one.deprecated || other.deprecated,
});

const allOf = (one: SchemaNode, other: SchemaNode): SchemaNode =>
  one.schema === other.schema
    ? one
    : { schema: { allOf: [one.schema ?? true, other.schema ?? true] }, pointer: other.pointer };

function sharedTypes(one: Shape['types'], other: Shape['types']): Shape['types'] {
  if (one === null || other === null) return one ?? other;
  const shared = new Set([...one].filter((type) => other.has(type)));
  if (one.has('integer') && other.has('number')) shared.add('integer');
  if (one.has('number') && other.has('integer')) shared.add('integer');
  return shared;
}

function sharedValues(one: Shape['values'], other: Shape['values']): Shape['values'] {
  if (one === null || other === null) return one ?? other;
  return new Map([...one].filter(([text]) => other.has(text)));
}

const joined = (one: string | null, other: string | null): string | null =>
  one === null || other === null || one === other ? (one ?? other) : `(?=${one})(?=${other})`;

function sharedBounds(
  one: ReadonlyMap<BoundName, Bound>,
  other: ReadonlyMap<BoundName, Bound>,
): ReadonlyMap<BoundName, Bound> {
  const shared = new Map(one);
  for (const [name, bound] of other) shared.set(name, tighter(name, shared.get(name), bound));
  return shared;
}

function sharedProperties(one: Shape['properties'], other: Shape['properties']): Shape['properties'] {
  const shared = new Map(one);
  for (const [name, node] of other) {
    const earlier = shared.get(name);
    shared.set(name, earlier === undefined ? node : allOf(earlier, node));
  }
  return shared;
}

function strictest(one: Shape['additional'], other: Shape['additional']): Shape['additional'] {
  if (one === 'forbidden' || other === 'forbidden') return 'forbidden';
  if (typeof one === 'object') return typeof other === 'object' ? allOf(one, other) : one;
  if (typeof other === 'object') return other;
  return one === 'allowed' ? one : other;
}

/** Keywords that are only compared for being the same are kept side by side; variants of a second combinator too. */
function sharedOpaque(one: Shape, other: Shape): Shape['opaque'] {
  const shared = new Map<string, Json>(one.opaque);
  for (const [key, value] of other.opaque) {
    const earlier = shared.get(key);
    shared.set(key, earlier === undefined ? value : [earlier, value]);
  }
  if (one.variants !== null && other.variants !== null)
    shared.set(
      'further variants',
      other.variants.nodes.map(({ schema }) => schema ?? true),
    );
  return shared;
}
