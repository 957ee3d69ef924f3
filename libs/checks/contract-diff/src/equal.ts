import { isObject } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Comparison } from './report.js';
import type { SchemaNode } from './structure.js';

const SAYS_NOTHING = new Set([
  'description',
  'title',
  'example',
  'examples',
  'summary',
  'externalDocs',
  '$comment',
  'xml',
]);
const MAX_DEPTH = 500;

/** True when no client can tell the two schemas apart by what they say; references are followed, circles are taken as the same. */
export function sameSchema(comparison: Comparison, base: SchemaNode, revision: SchemaNode): boolean {
  return new Sameness(comparison).of(base.schema, revision.schema, 0);
}

class Sameness {
  readonly #open = new Map<object, Set<object>>();

  constructor(readonly comparison: Comparison) {}

  of(one: Json | undefined, other: Json | undefined, depth: number): boolean {
    this.comparison.step();
    if (depth > MAX_DEPTH) return false;
    if (Array.isArray(one) && Array.isArray(other)) return this.#entries(one, other, depth);
    return isObject(one) && isObject(other) ? this.#objects(one, other, depth) : one === other;
  }

  #entries(one: readonly Json[], other: readonly Json[], depth: number): boolean {
    return (
      one.length === other.length && one.every((entry, index) => this.of(entry, other[index], depth + 1))
    );
  }

  #objects(one: JsonObject, other: JsonObject, depth: number): boolean {
    const { value: left } = this.comparison.base.contract.resolve(one, '');
    const { value: right } = this.comparison.revision.contract.resolve(other, '');
    if (this.#open.get(left)?.has(right) === true) return true;
    this.#open.set(left, (this.#open.get(left) ?? new Set()).add(right));
    return this.#members(left, right, depth) && this.#siblings(one, other, depth);
  }

  #members(left: JsonObject, right: JsonObject, depth: number): boolean {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    for (const key of keys) {
      if (SAYS_NOTHING.has(key) && !isObject(left[key]) && !isObject(right[key])) continue;
      if (!Object.hasOwn(left, key) || !Object.hasOwn(right, key)) return false;
      if (!this.of(left[key], right[key], depth + 1)) return false;
    }
    return true;
  }

  #siblings(one: JsonObject, other: JsonObject, depth: number): boolean {
    if (!Object.hasOwn(one, '$ref') && !Object.hasOwn(other, '$ref')) return true;
    const rest = (schema: JsonObject): JsonObject =>
      Object.fromEntries(
        Object.entries(schema).filter(([key]) => key !== '$ref' && Object.hasOwn(schema, '$ref')),
      );
    return this.#members(rest(one), rest(other), depth);
  }
}
