import { isObject, own, ownList, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { numberOf } from './bounds.js';

/** A schema that has not been looked into yet. */
export interface SchemaNode {
  /** A boolean, an object, or undefined where there is no schema. */
  readonly schema: Json | undefined;
  readonly pointer: string;
}

/** `implicit`: nothing was said, so everything is allowed. */
export type Additional = 'implicit' | 'allowed' | 'forbidden' | SchemaNode;

/** How many entries of a list must fit a schema. */
export interface Contains {
  readonly node: SchemaNode;
  readonly min: number;
  /** null: no limit. */
  readonly max: number | null;
}

/** What a schema says about what is inside a value. */
export interface Structure {
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly required: ReadonlySet<string>;
  readonly additional: Additional;
  /** patternProperties, by pattern. */
  readonly patterned: ReadonlyMap<string, SchemaNode>;
  /** propertyNames. */
  readonly names: SchemaNode | null;
  /** dependentRequired: what must be there when the property is. */
  readonly dependentRequired: ReadonlyMap<string, ReadonlySet<string>>;
  /** dependentSchemas: what must fit when the property is there. */
  readonly dependent: ReadonlyMap<string, SchemaNode>;
  /** The first entries of a list, one by one. */
  readonly prefix: readonly SchemaNode[];
  /** All further entries. */
  readonly items: SchemaNode | null;
  readonly contains: readonly Contains[];
  readonly not: readonly SchemaNode[];
  readonly conditions: readonly Condition[];
  /** Alternatives beyond the first combinator: only compared for being the same. */
  readonly further: readonly Json[];
}

/** if, then, else. */
export interface Condition {
  readonly when: SchemaNode;
  readonly consequence: SchemaNode;
  readonly otherwise: SchemaNode;
}

/** @returns what the object says by itself about what is inside, its combinators left out */
export const structureOf = (schema: JsonObject, pointer: string): Structure => ({
  properties: nodesUnder(schema, 'properties', pointer),
  required: namesUnder(schema, 'required'),
  additional: additionalOf(schema, 'additionalProperties', pointer),
  patterned: nodesUnder(schema, 'patternProperties', pointer),
  names: nodeUnder(schema, 'propertyNames', pointer),
  ...dependenciesOf(schema, pointer),
  ...entriesOf(schema, pointer),
  contains: containsOf(schema, pointer),
  not: nodeList(nodeUnder(schema, 'not', pointer)),
  conditions: conditionsOf(schema, pointer),
  further: [],
});

const nodeUnder = (schema: JsonObject, key: string, pointer: string): SchemaNode | null =>
  Object.hasOwn(schema, key) ? { schema: schema[key], pointer: pointer + pointerOf(key) } : null;

const nodeList = (node: SchemaNode | null): readonly SchemaNode[] => (node === null ? [] : [node]);

/** Most schemas have none of all this: they share what is empty. */
const NO_NODES: ReadonlyMap<string, SchemaNode> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();
const NO_DEPENDENCIES: ReadonlyMap<string, ReadonlySet<string>> = new Map();

function namesUnder(schema: JsonObject, key: string): ReadonlySet<string> {
  const names = ownList(schema, key).filter((name) => typeof name === 'string');
  return names.length === 0 ? NO_NAMES : new Set(names);
}

function nodesUnder(schema: JsonObject, key: string, pointer: string): ReadonlyMap<string, SchemaNode> {
  const entries = Object.entries(ownObject(schema, key));
  if (entries.length === 0) return NO_NODES;
  return new Map(
    entries.map(([name, value]) => [name, { schema: value, pointer: pointer + pointerOf(key, name) }]),
  );
}

const takesAnything = (schema: Json | undefined): boolean =>
  schema === true || (isObject(schema) && Object.keys(schema).length === 0);
const takesNothing = (schema: Json): boolean =>
  isObject(schema) && Object.keys(schema).length === 1 && takesAnything(own(schema, 'not'));

/** @returns what is allowed beyond what is named */
export function additionalOf(schema: JsonObject, key: string, pointer: string): Additional {
  const additional = own(schema, key);
  if (additional === undefined) return 'implicit';
  if (additional === false || takesNothing(additional)) return 'forbidden';
  if (takesAnything(additional)) return 'allowed';
  return { schema: additional, pointer: pointer + pointerOf(key) };
}

/** `dependencies` of the drafts before 2019-09 says both in one; a schema that only asks for names is a list of them. */
function dependenciesOf(
  schema: JsonObject,
  pointer: string,
): Pick<Structure, 'dependent' | 'dependentRequired'> {
  const dependentRequired = new Map<string, ReadonlySet<string>>();
  const dependent = new Map<string, SchemaNode>();
  for (const key of ['dependencies', 'dependentRequired', 'dependentSchemas'])
    for (const [name, value] of Object.entries(ownObject(schema, key))) {
      const names = namesIn(value);
      if (names === null) dependent.set(name, { schema: value, pointer: pointer + pointerOf(key, name) });
      else dependentRequired.set(name, new Set([...(dependentRequired.get(name) ?? []), ...names]));
    }
  return {
    dependentRequired: dependentRequired.size === 0 ? NO_DEPENDENCIES : dependentRequired,
    dependent: dependent.size === 0 ? NO_NODES : dependent,
  };
}

/** @returns the names that must be there; null for what asks for more than names */
function namesIn(dependency: Json): readonly string[] | null {
  const isList = isObject(dependency) && Object.keys(dependency).join(' ') === 'required';
  const names = isList ? dependency['required'] : dependency;
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : null;
}

/** Before 2020-12 a list under `items` was what `prefixItems` is now, and `additionalItems` what `items` is. */
function entriesOf(schema: JsonObject, pointer: string): Pick<Structure, 'prefix' | 'items'> {
  const items = own(schema, 'items');
  const key = Array.isArray(items) ? 'items' : 'prefixItems';
  return {
    prefix: ownList(schema, key).map((entry, index) => ({
      schema: entry,
      pointer: pointer + pointerOf(key, index),
    })),
    items: nodeUnder(
      schema,
      Array.isArray(items) ? 'additionalItems' : items === undefined ? 'unevaluatedItems' : 'items',
      pointer,
    ),
  };
}

function containsOf(schema: JsonObject, pointer: string): readonly Contains[] {
  const node = nodeUnder(schema, 'contains', pointer);
  const min = numberOf(schema, 'minContains') ?? 1;
  const max = numberOf(schema, 'maxContains');
  return node === null || (min === 0 && max === null) ? [] : [{ node, min, max }];
}

function conditionsOf(schema: JsonObject, pointer: string): readonly Condition[] {
  const when = nodeUnder(schema, 'if', pointer);
  const then = nodeUnder(schema, 'then', pointer);
  const otherwise = nodeUnder(schema, 'else', pointer);
  if (when === null || (then === null && otherwise === null)) return [];
  const any: SchemaNode = { schema: true, pointer };
  return [{ when, consequence: then ?? any, otherwise: otherwise ?? any }];
}
