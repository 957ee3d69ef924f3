import { type Bound, type BoundName, tighter } from './bounds.js';
import type { Shape } from './shape.js';
import type { SchemaNode, Structure } from './structure.js';

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
type Notes = 'hasDefault' | 'default' | 'readOnly' | 'writeOnly' | 'deprecated' | 'sunset';

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

const sharedStructure = (
  one: Shape,
  other: Shape,
): Structure & Pick<Shape, 'never' | 'variants' | 'discriminator'> => ({
  never: one.never || other.never,
  properties: joinedNodes(one.properties, other.properties),
  required: new Set([...one.required, ...other.required]),
  additional: strictest(one.additional, other.additional),
  patterned: joinedNodes(one.patterned, other.patterned),
  names: bothNodes(one.names, other.names),
  dependentRequired: joinedNames(one.dependentRequired, other.dependentRequired),
  dependent: joinedNodes(one.dependent, other.dependent),
  prefix: sharedPrefix(one, other),
  items: bothNodes(one.items, other.items),
  contains: [...one.contains, ...other.contains],
  not: [...one.not, ...other.not],
  conditions: [...one.conditions, ...other.conditions],
  variants: one.variants ?? other.variants,
  discriminator: other.discriminator ?? one.discriminator,
  further: sharedFurther(one, other),
});

const bothNodes = (one: SchemaNode | null, other: SchemaNode | null): SchemaNode | null =>
  one === null || other === null ? (one ?? other) : allOf(one, other);

function joinedNames(
  one: Structure['dependentRequired'],
  other: Structure['dependentRequired'],
): Structure['dependentRequired'] {
  const shared = new Map(one);
  for (const [name, names] of other) shared.set(name, new Set([...(shared.get(name) ?? []), ...names]));
  return shared;
}

/** Where one list of first entries ends, the entries of the other meet its further ones. */
function sharedPrefix(one: Shape, other: Shape): Structure['prefix'] {
  const length = Math.max(one.prefix.length, other.prefix.length);
  return Array.from({ length }, (_, index) => {
    const node = bothNodes(one.prefix[index] ?? one.items, other.prefix[index] ?? other.items);
    return node ?? { schema: true, pointer: one.pointer };
  });
}

const sharedNotes = (one: Shape, other: Shape): Pick<Shape, Notes> => ({
  hasDefault: one.hasDefault || other.hasDefault,
  default: other.hasDefault ? other.default : one.default,
  readOnly: one.readOnly || other.readOnly,
  writeOnly: one.writeOnly || other.writeOnly,
  deprecated: one.deprecated || other.deprecated,
  sunset: other.sunset ?? one.sunset,
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

function joinedNodes(one: Structure['properties'], other: Structure['properties']): Structure['properties'] {
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

/** Alternatives of a second combinator are only compared for being the same. */
const sharedFurther = (one: Shape, other: Shape): Structure['further'] => [
  ...one.further,
  ...other.further,
  ...(one.variants !== null && other.variants !== null
    ? other.variants.nodes.map(({ schema }) => schema ?? true)
    : []),
];
