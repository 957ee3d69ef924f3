import type { Json, JsonObject } from '@kwanus/kernel';

/** @returns the RFC 6901 pointer made of the segments */
export const pointerOf = (...segments: readonly (string | number)[]): string =>
  segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** @returns the segments of a pointer */
export const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

/** @returns true for an object, not for a list or null */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns the own property, undefined for what is inherited, missing, or not of an object */
export const own = (value: unknown, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** @returns the own property when it is an object, else an empty one */
export const ownObject = (value: unknown, key: string): JsonObject => {
  const found = own(value, key);
  return isObject(found) ? found : {};
};

/** @returns the own property when it is a list, else an empty one */
export const ownList = (value: unknown, key: string): readonly Json[] => {
  const found = own(value, key);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
};

/** @returns the own property when it is a text */
export const ownText = (value: unknown, key: string): string | undefined => {
  const found = own(value, key);
  return typeof found === 'string' ? found : undefined;
};

/** @returns what the pointer leads to, undefined when it leads nowhere */
export function at(document: Json, pointer: string): Json | undefined {
  let found: Json | undefined = document;
  for (const segment of segmentsOf(pointer)) {
    if (Array.isArray(found))
      found = /^\d{1,9}$/.test(segment) ? (found[Number(segment)] as Json) : undefined;
    else found = own(found, segment);
    if (found === undefined) return undefined;
  }
  return found;
}
