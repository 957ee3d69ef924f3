import { own } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';

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

const BOUNDS: readonly (readonly [string, BoundName])[] = [
  ['maxLength', 'max-length'],
  ['minLength', 'min-length'],
  ['maxItems', 'max-items'],
  ['minItems', 'min-items'],
  ['maxProperties', 'max-properties'],
  ['minProperties', 'min-properties'],
];

/** @returns the number under the key, null where there is none */
export const numberOf = (schema: JsonObject, key: string): number | null => {
  const value = own(schema, key);
  return typeof value === 'number' ? value : null;
};

const NO_BOUNDS: ReadonlyMap<BoundName, Bound> = new Map();

/** @returns all ends that the schema sets; those that nothing can be beyond are left out */
export function boundsOf(schema: JsonObject): ReadonlyMap<BoundName, Bound> {
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
  return bounds.size === 0 ? NO_BOUNDS : bounds;
}

/** @returns the bound that lets less through */
export function tighter(name: BoundName, one: Bound | undefined, other: Bound): Bound {
  if (one === undefined) return other;
  if (one.value === other.value) return { value: one.value, exclusive: one.exclusive || other.exclusive };
  const oneIsTighter = name.startsWith('max') ? one.value < other.value : one.value > other.value;
  return oneIsTighter ? one : other;
}
