import { compare as comparePython, valid as isPython } from '@renovatebot/pep440';
import semver from 'semver';
import { compareMaven } from './maven-order.js';

/** Orders two versions; null: one of them is none of this kind. */
export type Order = (a: string, b: string) => number | null;

/** Longer ones are no versions: nobody has to find out what they cost. */
const LONGEST = 256;

const bounded =
  (order: Order): Order =>
  (a, b) =>
    a.length > LONGEST || b.length > LONGEST ? null : order(a, b);

/** Semantic versions as OSV writes them; Go puts a `v` before. */
export const semanticOrder: Order = bounded((a, b) => {
  const left = semver.parse(a.replace(/^v/, ''));
  const right = semver.parse(b.replace(/^v/, ''));
  return left === null || right === null ? null : left.compare(right);
});

const pythonOrder: Order = bounded((a, b) =>
  isPython(a) === null || isPython(b) === null ? null : comparePython(a, b),
);

const mavenOrder: Order = bounded(compareMaven);

const ORDERS: Readonly<Record<string, Order>> = {
  npm: semanticOrder,
  Go: semanticOrder,
  'crates.io': semanticOrder,
  PyPI: pythonOrder,
  Maven: mavenOrder,
};

/** @returns how the ecosystem orders its versions; undefined where that is not known here */
export const orderOf = (ecosystem: string): Order | undefined =>
  Object.hasOwn(ORDERS, ecosystem) ? ORDERS[ecosystem] : undefined;
