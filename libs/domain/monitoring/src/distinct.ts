import murmurhash from 'murmurhash';

/** How many hashes a sketch keeps: counts up to here are exact, beyond it they are estimates within about 6 %. */
export const DISTINCT_KEPT = 256;
const RANGE = 2 ** 32;

/** The smallest hashes of what was seen, ascending: a set of bounded size that holds no names and merges in any order. */
export type Distinct = readonly number[];

/** @returns the sketch of one name (murmur3, UTF-8) */
export const distinctOf = (name: string): Distinct => [murmurhash.v3(name)];

/** @returns the sketch of all of them */
export const mergeDistinct = (hashes: Iterable<number>): Distinct =>
  [...new Set(hashes)].sort((first, second) => first - second).slice(0, DISTINCT_KEPT);

/** @returns how many different names were seen (k minimum values: (k − 1) ÷ the k-th smallest hash, normalised) */
export function countDistinct(sketch: Distinct): number {
  const largest = sketch[DISTINCT_KEPT - 1];
  return largest === undefined ? sketch.length : Math.round((DISTINCT_KEPT - 1) / ((largest + 1) / RANGE));
}
