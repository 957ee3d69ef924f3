import { createRequire } from 'node:module';

/** What a package URL holds. */
interface PackageUrl {
  readonly type: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
}

// Its declarations lie where no compiler looks for them.
const { PackageURL } = createRequire(import.meta.url)('packageurl-js') as {
  readonly PackageURL: { readonly fromString: (text: string) => PackageUrl };
};

/** A package as a package URL names it, in the words of OSV. */
export interface PackageName {
  readonly purl: string;
  readonly type: string;
  /** As OSV's records of the ecosystem write it, in the form in which it is looked up. */
  readonly name: string;
  readonly version: string | null;
}

const ECOSYSTEMS: Readonly<Record<string, string>> = {
  npm: 'npm',
  pypi: 'PyPI',
  maven: 'Maven',
  golang: 'Go',
  cargo: 'crates.io',
  nuget: 'NuGet',
  gem: 'RubyGems',
  composer: 'Packagist',
  hex: 'Hex',
  pub: 'Pub',
  hackage: 'Hackage',
  cran: 'CRAN',
};
const CASELESS = new Set(['npm', 'Go', 'NuGet', 'Packagist', 'Pub', 'Hex']);
const LONGEST = 2_048;

/** @returns the ecosystem of OSV that a type of package URL belongs to; undefined for one that OSV keeps nothing of */
export const ecosystemOf = (type: string): string | undefined =>
  Object.hasOwn(ECOSYSTEMS, type) ? ECOSYSTEMS[type] : undefined;

/** @returns null for what is no package URL */
export function readPurl(text: string): PackageName | null {
  if (text.length > LONGEST) return null;
  try {
    const { type, namespace, name, version } = PackageURL.fromString(text);
    return { purl: text, type, name: lookupName(type, namespace, name), version: version ?? null };
  } catch {
    return null;
  }
}

function lookupName(type: string, namespace: string | undefined, name: string): string {
  const whole =
    namespace === undefined || namespace === '' ? name : `${namespace}${type === 'maven' ? ':' : '/'}${name}`;
  return normalisedName(ecosystemOf(type) ?? type, whole);
}

/** @returns the name in the form in which names of the ecosystem are the same: PyPI by PEP 503, others whatever their case, since package URLs lose it */
export function normalisedName(ecosystem: string, name: string): string {
  if (ecosystem === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-');
  return CASELESS.has(ecosystem) ? name.toLowerCase() : name;
}
