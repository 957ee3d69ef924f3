import type { EcosystemReading, Hit } from './database.js';
import type { PackageName } from './purl.js';
import { fixesOf, judgeVersion } from './ranges.js';

/** A vulnerability under all of its names. */
export interface Found {
  readonly ids: readonly string[];
  readonly summary: string;
  readonly severity: string | null;
  readonly fixes: readonly string[];
}

/** What a database says of one package. */
export interface FoundVulnerabilities {
  readonly vulnerabilities: readonly Found[];
  /** Why nothing certain can be said, one sentence each. */
  readonly undecided: readonly string[];
}

/** @returns the vulnerabilities of the package, each counted once however many records tell of it */
export function vulnerabilitiesOf(
  { name, version, purl }: PackageName,
  reading: EcosystemReading | undefined,
): FoundVulnerabilities {
  const undecided: string[] = [];
  const affecting: Hit[] = [];
  const ecosystem = reading?.database.ecosystem ?? '';
  for (const hit of reading?.hits.get(name) ?? []) {
    const judgement = judgeVersion(hit.affected, version ?? '', ecosystem);
    if (judgement === 'affected') affecting.push(hit);
    else if (judgement === 'undecided')
      undecided.push(
        `${purl.slice(0, 200)} can’t be placed among the versions of ${ecosystem} that ${hit.record.id} names.`,
      );
  }
  const vulnerabilities = groupsOf(affecting).map((group) => together(group, version ?? '', ecosystem));
  return { vulnerabilities, undecided: undecided.slice(0, 5) };
}

/** Records that share an id or an alias are about the same thing. */
function groupsOf(hits: readonly Hit[]): readonly (readonly Hit[])[] {
  let groups: { readonly names: ReadonlySet<string>; readonly hits: readonly Hit[] }[] = [];
  for (const hit of hits) {
    const names = new Set([hit.record.id, ...hit.record.aliases]);
    const same = groups.filter((group) => [...names].some((name) => group.names.has(name)));
    const merged = {
      names: new Set([...same.flatMap((group) => [...group.names]), ...names]),
      hits: [...same.flatMap((group) => group.hits), hit],
    };
    groups = [...groups.filter((group) => !same.includes(group)), merged];
  }
  return groups.map((group) => group.hits);
}

function together(hits: readonly Hit[], version: string, ecosystem: string): Found {
  const records = hits.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = new Set(records.flatMap(({ id, aliases }) => [id, ...aliases]));
  return {
    ids: [...ids].sort(byAuthority),
    summary: records.find(({ summary }) => summary !== '')?.summary ?? '',
    severity: records.find(({ severity }) => severity !== null)?.severity ?? null,
    fixes:
      hits.map(({ affected }) => fixesOf(affected, version, ecosystem)).find((fixes) => fixes.length > 0) ??
      [],
  };
}

/** A CVE first, since the other names come and go. */
const byAuthority = (a: string, b: string): number =>
  Number(b.startsWith('CVE-')) - Number(a.startsWith('CVE-')) || (a < b ? -1 : a > b ? 1 : 0);
