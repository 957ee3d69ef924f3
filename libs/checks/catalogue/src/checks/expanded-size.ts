import { localPointer } from '@kwanus/checks-contract-diff';
import { at, isObject, ownText } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/**
 * How many values a document has once every reference is replaced by what it leads to (a circle counts once). Counted, not expanded: a
 * few lines of references that double each other thirty times come to 2³⁰ and cost no more than those lines.
 * @returns at most `limit`
 */
export function expandedSize(root: JsonObject, limit: number): number {
  const sizes = new Map<object, number>();
  const visiting = new Set<object>();
  const open: { value: Json; done: boolean }[] = [{ value: root, done: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, done } = next;
    if (typeof value !== 'object' || value === null || (sizes.has(value) && !done)) continue;
    const children = childrenOf(value, root);
    if (done) {
      visiting.delete(value);
      sizes.set(value, Math.min(limit, 1 + sum(children, sizes, limit)));
    } else if (!visiting.has(value)) {
      visiting.add(value);
      open.push({ value, done: true });
      for (const child of children) open.push({ value: child, done: false });
    }
  }
  return sizes.get(root) ?? 1;
}

function childrenOf(value: object, root: JsonObject): readonly Json[] {
  const reference = isObject(value) ? ownText(value, '$ref') : undefined;
  const pointer = reference === undefined ? null : localPointer(reference);
  const target = pointer === null ? undefined : at(root, pointer);
  const children = Object.values(value) as Json[];
  return target === undefined ? children : [...children, target];
}

function sum(children: readonly Json[], sizes: ReadonlyMap<object, number>, limit: number): number {
  let total = 0;
  for (const child of children) {
    total += typeof child === 'object' && child !== null ? (sizes.get(child) ?? 1) : 1;
    if (total >= limit) return limit;
  }
  return total;
}
