import type { Json } from '@kwanus/kernel';
import type { Bound, BoundName } from './bounds.js';
import type { Shape } from './shape.js';

/** @returns the shape without what can make no difference: limits of other types, values that fit nowhere */
export const tidied = (shape: Shape): Shape =>
  withoutForeign(withListedTypes(withWholeNumbers(wholeByMultiple(shape))));

const typeOf = (value: Json): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const isOfType = (value: Json, types: ReadonlySet<string> | null): boolean =>
  types === null || types.has(typeOf(value)) || (typeOf(value) === 'integer' && types.has('number'));

/** A list of values says which types there are, and which limits still matter: none. */
function withListedTypes(shape: Shape): Shape {
  if (shape.values === null) return shape;
  const { types } = shape;
  const values = [...shape.values].filter(
    ([, value]) => isOfType(value, types) && isWithin(value, shape.bounds),
  );
  if (types?.size === 1 && types.has('boolean') && values.length === 2) return { ...shape, values: null };
  return {
    ...shape,
    values: new Map(values),
    types: new Set(values.map(([, value]) => typeOf(value))),
    bounds: new Map(),
    multipleOf: null,
    format: null,
    pattern: null,
  };
}

function isWithin(value: Json, bounds: ReadonlyMap<BoundName, Bound>): boolean {
  if (typeof value === 'number') return isBetween(value, bounds.get('min'), bounds.get('max'));
  if (typeof value !== 'string') return true;
  return isBetween(Array.from(value).length, bounds.get('min-length'), bounds.get('max-length'));
}

const isBetween = (size: number, min: Bound | undefined, max: Bound | undefined): boolean =>
  (min === undefined || size > min.value || (size === min.value && !min.exclusive)) &&
  (max === undefined || size < max.value || (size === max.value && !max.exclusive));

/** A multiple of a whole number is one. */
function wholeByMultiple(shape: Shape): Shape {
  const { types, multipleOf } = shape;
  if (types?.has('number') !== true || multipleOf === null || !Number.isInteger(multipleOf)) return shape;
  return { ...shape, types: new Set([...types].map((type) => (type === 'number' ? 'integer' : type))) };
}

/** Where a format ends anyway; beyond 2⁵³ as near as a number comes. */
const ENDS_OF_FORMAT: Readonly<Record<string, number>> = { int32: 2 ** 31 - 1, int64: 2 ** 63 - 1 };

function withoutEndsOfFormat(shape: Shape): Shape {
  const end = ENDS_OF_FORMAT[shape.format ?? ''];
  const [min, max] = [shape.bounds.get('min'), shape.bounds.get('max')];
  if (end === undefined) return shape;
  const idle: readonly (BoundName | null)[] = [
    min !== undefined && min.value <= -end - 1 ? 'min' : null,
    max !== undefined && max.value >= end ? 'max' : null,
  ];
  return { ...shape, bounds: new Map([...shape.bounds].filter(([name]) => !idle.includes(name))) };
}

/** More than 0 and at least 1 are the same for whole numbers. */
function withWholeNumbers(shape: Shape): Shape {
  if (shape.types?.size !== 1 || !shape.types.has('integer')) return shape;
  const bounds = new Map(shape.bounds);
  const [min, max] = [bounds.get('min'), bounds.get('max')];
  if (min !== undefined)
    bounds.set('min', {
      value: min.exclusive ? Math.floor(min.value) + 1 : Math.ceil(min.value),
      exclusive: false,
    });
  if (max !== undefined)
    bounds.set('max', {
      value: max.exclusive ? Math.ceil(max.value) - 1 : Math.floor(max.value),
      exclusive: false,
    });
  return withoutEndsOfFormat({
    ...shape,
    bounds,
    multipleOf: shape.multipleOf === 1 ? null : shape.multipleOf,
  });
}

const BOUNDS_OF: Readonly<Record<BoundName, readonly string[]>> = {
  max: ['number', 'integer'],
  min: ['number', 'integer'],
  'max-length': ['string'],
  'min-length': ['string'],
  'max-items': ['array'],
  'min-items': ['array'],
  'max-properties': ['object'],
  'min-properties': ['object'],
};

/** What is said of a type that no value can have says nothing. */
function withoutForeign(shape: Shape): Shape {
  const { types } = shape;
  if (types === null) return shape;
  const has = (...wanted: readonly string[]): boolean => wanted.some((type) => types.has(type));
  return {
    ...shape,
    bounds:
      shape.bounds.size === 0
        ? shape.bounds
        : new Map([...shape.bounds].filter(([name]) => has(...BOUNDS_OF[name]))),
    multipleOf: has('number', 'integer') ? shape.multipleOf : null,
    format: has('number', 'integer', 'string') ? shape.format : null,
    pattern: has('string') ? shape.pattern : null,
    ...(has('array') ? {} : NO_ENTRIES),
    ...(has('object') ? {} : NO_PROPERTIES),
  };
}

const NO_ENTRIES = { uniqueItems: false, prefix: [], items: null, contains: [] } as const;
const NO_PROPERTIES = {
  properties: new Map(),
  required: new Set<string>(),
  additional: 'implicit',
  patterned: new Map(),
  names: null,
  dependent: new Map(),
  dependentRequired: new Map(),
} as const;
