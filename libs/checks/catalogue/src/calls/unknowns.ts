import type { Json } from '@kwanus/kernel';
import type { Unknowns } from '../samples/sample.js';

/** Stands for a value of which nothing is known. */
export const UNKNOWN = '${ }';

const isExpression = (text: string): boolean => text.includes('${');

interface Visited {
  readonly value: Json;
  readonly outer: Visited | null;
}

/**
 * @param isLoose every text may be an expression (`evaluate.mode: loose`), not only `${ … }`
 * @returns which parts of the value are only known when the workflow runs; looks once at every part, without recursion
 */
export function unknownsIn(root: Json, isLoose: boolean): Unknowns {
  const holding = new WeakSet<object>();
  const is = (value: Json): boolean => typeof value === 'string' && (isLoose || isExpression(value));
  const open: Visited[] = [{ value: root, outer: null }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value } = next;
    if (is(value)) markOuter(next, holding);
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Object.values(value) as readonly Json[]) open.push({ value: inner, outer: next });
  }
  return { is, within: (value) => is(value) || (isContainer(value) && holding.has(value)) };
}

const isContainer = (value: Json): value is Exclude<Json, null | string | number | boolean> =>
  typeof value === 'object' && value !== null;

function markOuter({ outer }: Visited, holding: WeakSet<object>): void {
  for (let at = outer; at !== null && isContainer(at.value) && !holding.has(at.value); at = at.outer)
    holding.add(at.value);
}
