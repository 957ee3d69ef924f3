import { type PackageName, readPurl } from './purl.js';

/** A component of a bill. */
export interface Component {
  readonly path: string;
  readonly pointer: string;
  readonly name: string;
  /** What the bill calls it: `bom-ref`, or SPDX's id. */
  readonly reference: string | null;
  /** Null: it has no package URL, or one that can't be read. */
  readonly package: PackageName | null;
  readonly because: string;
}

/** What a bill lists, and what it is about. */
export interface Listed {
  readonly components: readonly Component[];
  /** What the bill is about, as it is called there: the integration itself. */
  readonly subject: readonly string[];
}

/** More than any bill holds; a reader stops at the first one beyond. */
export const MOST_COMPONENTS = 200_000;

/** The package URL says which version; where it does not, the bill does. */
export function identified(
  purl: string | undefined,
  version: string | undefined,
): Pick<Component, 'package' | 'because'> {
  if (purl === undefined) return { package: null, because: 'has no package URL' };
  const found = readPurl(purl);
  if (found === null)
    return { package: null, because: `has a package URL that can’t be read (${purl.slice(0, 120)})` };
  const known = found.version ?? version ?? null;
  if (known === null || known === '') return { package: null, because: 'has no version' };
  return { package: { ...found, version: known }, because: '' };
}

/** Of several packages that a bill is about, none is the integration itself: all of them are parts of it. */
export const onlyOne = (described: Iterable<string>): readonly string[] => {
  const distinct = [...new Set(described)];
  return distinct.length === 1 ? distinct : [];
};
