import { isObject, own, ownList, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Contract } from './contract.js';
import { both } from './merge.js';
import { anything, nothing, ownShape, type Shape } from './shape.js';
import { additionalOf, type SchemaNode } from './structure.js';
import { tidied } from './tidy.js';
import { ContractTooComplex } from './types.js';

const MAX_NESTED = 200;

/** Looks into schemas of one contract; every object is looked into once. */
export class Shapes {
  readonly #known = new WeakMap<object, Shape>();
  readonly #tidied = new WeakMap<Shape, Shape>();
  #circles = 0;
  #steps = 0;

  constructor(
    readonly contract: Contract,
    readonly maxSteps: number,
  ) {}

  /** @returns what stands at the end of the references: the identity by which a schema is recognised */
  identity({ schema, pointer }: SchemaNode): object | boolean {
    if (schema === undefined || schema === true || schema === false) return schema !== false;
    const { value } = this.contract.resolve(schema, pointer);
    return this.contract.siblings && isObject(schema) && hasSiblings(schema) ? schema : value;
  }

  /** @returns the shape: references followed, allOf merged, single alternatives unwrapped, null told apart, what is idle left out */
  of(node: SchemaNode): Shape {
    const shape = this.#of(node, new Set());
    const known = this.#tidied.get(shape);
    if (known !== undefined) return known;
    const tidy = tidied(shape);
    this.#tidied.set(shape, tidy);
    return tidy;
  }

  #of({ schema, pointer }: SchemaNode, open: Set<object>): Shape {
    if (schema === undefined || schema === true) return anything(pointer);
    if (!isObject(schema)) return nothing(pointer);
    const target = this.contract.resolve(schema, pointer);
    const withSiblings = this.contract.siblings && target.value !== schema && hasSiblings(schema);
    const key = withSiblings ? schema : target.value;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (open.has(key)) {
      this.#circles += 1;
      return anything(pointer); // allOf that leads back to itself adds nothing
    }
    return this.#once(key, open, () => {
      const shape = this.#combined(target.value, target.pointer, open);
      return withSiblings ? both(shape, this.#combined(withoutRef(schema), pointer, open)) : shape;
    });
  }

  /** Keeps what was worked out, unless a circle was cut short on the way: then it holds only here. */
  #once(key: object, open: Set<object>, work: () => Shape): Shape {
    this.#steps += 1;
    if (open.size === MAX_NESTED || this.#steps > this.maxSteps)
      throw new ContractTooComplex('The contract combines too many schemas with each other.');
    const circles = this.#circles;
    open.add(key);
    const shape = work();
    open.delete(key);
    if (open.size === 0 || circles === this.#circles) this.#known.set(key, shape);
    return shape;
  }

  #combined(schema: JsonObject, pointer: string, open: Set<object>): Shape {
    let shape = ownShape(schema, pointer);
    for (const [index, part] of ownList(schema, 'allOf').entries())
      shape = both(shape, this.#of({ schema: part, pointer: pointer + pointerOf('allOf', index) }, open));
    for (const kind of ['oneOf', 'anyOf'] as const) {
      const list = ownList(schema, kind);
      if (list.length > 0) shape = both(shape, this.#alternatives(schema, pointer, kind, open));
    }
    const nullable = shape.nullable || own(schema, 'nullable') === true; // beside allOf, everybody means it so
    return { ...closedOver(shape, schema, pointer), pointer, nullable };
  }

  #alternatives(schema: JsonObject, pointer: string, kind: 'oneOf' | 'anyOf', open: Set<object>): Shape {
    const nodes = withoutCovered(alternativesIn(schema, pointer, kind), kind);
    const values = nodes.filter((node) => !isNullSchema(node));
    const offersNull = values.length < nodes.length;
    const [only] = values;
    if (only === undefined) return { ...nothing(pointer), never: false, types: new Set(), nullable: true };
    if (values.length === 1) {
      const shape = this.#of(only, open);
      return offersNull ? { ...shape, nullable: true } : shape;
    }
    const merged = mergedValues(values, pointer) ?? mergedTypes(values, pointer, kind);
    if (merged !== null) return { ...merged, nullable: merged.nullable || offersNull };
    return {
      ...anything(pointer),
      nullable: offersNull || values.some((node) => this.#of(node, open).nullable),
      variants: { kind: kind === 'oneOf' ? 'one-of' : 'any-of', nodes: values },
    };
  }
}

/** The alternatives with those of alternatives that are nothing but alternatives; `false` is none. */
const alternativesIn = (
  schema: JsonObject,
  pointer: string,
  kind: 'oneOf' | 'anyOf',
): readonly SchemaNode[] =>
  ownList(schema, kind).flatMap((part, index) => {
    const place = pointer + pointerOf(kind, index);
    if (part === false) return [];
    const isOnlyThat =
      isObject(part) &&
      own(part, kind) !== undefined &&
      Object.keys(part).every((key) => WORDS.has(key) || key === kind);
    return isOnlyThat ? alternativesIn(part, place, kind) : [{ schema: part, pointer: place }];
  });

/** In anyOf an alternative that takes all of a type leaves nothing to the others of that type. */
function withoutCovered(nodes: readonly SchemaNode[], kind: 'oneOf' | 'anyOf'): readonly SchemaNode[] {
  if (kind === 'oneOf') return nodes;
  const whole = new Set(
    nodes.filter(({ schema }) => isPlainType(schema)).map(({ schema }) => own(schema, 'type')),
  );
  return nodes.filter(({ schema }) => isPlainType(schema) || !whole.has(own(schema, 'type')));
}

const isPlainType = (schema: Json | undefined): boolean =>
  isObject(schema) &&
  typeof own(schema, 'type') === 'string' &&
  Object.keys(schema).every((key) => TYPE_KEYWORDS.has(key));

const isNullSchema = ({ schema }: SchemaNode): boolean => {
  const listed = ownList(schema, 'enum');
  return own(schema, 'type') === 'null' || (listed.length === 1 && listed[0] === null);
};

/** Alternatives that are nothing but lists of values of one type are one list of values. */
function mergedValues(nodes: readonly SchemaNode[], pointer: string): Shape | null {
  const shapes: Shape[] = [];
  for (const { schema, pointer: place } of nodes) {
    if (!isObject(schema) || Object.keys(schema).some((key) => !VALUE_KEYWORDS.has(key))) return null;
    const shape = ownShape(schema, place);
    if (shape.values === null || (shape.types !== null && shape.types.size !== 1)) return null;
    shapes.push(shape);
  }
  const typed = shapes.every(({ types }) => types !== null);
  return {
    ...anything(pointer),
    nullable: shapes.some(({ nullable }) => nullable),
    types: typed ? new Set(shapes.flatMap(({ types }) => [...(types ?? [])])) : null,
    values: new Map(shapes.flatMap(({ values }) => [...(values ?? [])])),
  };
}

/** Alternatives that are nothing but types are one list of types; a whole number would fit both integer and number. */
function mergedTypes(nodes: readonly SchemaNode[], pointer: string, kind: 'oneOf' | 'anyOf'): Shape | null {
  const shapes: Shape[] = [];
  for (const { schema, pointer: place } of nodes) {
    if (!isObject(schema) || Object.keys(schema).some((key) => !TYPE_KEYWORDS.has(key))) return null;
    const shape = ownShape(schema, place);
    if (shape.types === null) return null;
    shapes.push(shape);
  }
  const types = shapes.flatMap((shape) => [...(shape.types ?? [])]);
  const whole = new Set(types.map((type) => (type === 'integer' ? 'number' : type)));
  if (kind === 'oneOf' && whole.size < types.length) return null;
  return { ...anything(pointer), nullable: shapes.some(({ nullable }) => nullable), types: new Set(types) };
}

const WORDS = new Set(['title', 'description']);
const TYPE_KEYWORDS = new Set(['type', ...WORDS]);

/** Where nothing is said of additional properties, what has not been evaluated are the additional ones. */
function closedOver(shape: Shape, schema: JsonObject, pointer: string): Shape {
  const unevaluated = additionalOf(schema, 'unevaluatedProperties', pointer);
  return unevaluated === 'implicit' || (shape.additional !== 'implicit' && shape.additional !== 'allowed')
    ? shape
    : { ...shape, additional: unevaluated };
}

const VALUE_KEYWORDS = new Set(['type', 'enum', 'const', 'title', 'description']);

const hasSiblings = (schema: JsonObject): boolean =>
  Object.keys(schema).some((key) => key !== '$ref' && key !== 'description' && key !== 'summary');

const withoutRef = (schema: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$ref'));
