import type { Finding, Fix, PatchOperation } from '@kwanus/checks-kit';

/** A finding that is mended by machine. */
export type FixableFinding = Finding & { readonly fix: Fix };

/** What a fix lays hands on: a place and everything below it. */
interface Claim {
  readonly place: string;
  /** Entries that one rule adds to a list don't get in each other's way. */
  readonly addedBy: string | null;
}

/** @returns the findings whose fixes can be carried out together; the others have their turn once these are */
export function compatibleFixes(findings: readonly Finding[]): readonly FixableFinding[] {
  const chosen = new Map<string, FixableFinding>();
  const claimed = new Map<string, Claim[]>();
  for (const finding of findings) {
    const { fix } = finding;
    if (fix === undefined) continue;
    const words = JSON.stringify(fix);
    const others = claimed.get(fix.file) ?? [];
    const claims = claimsOf(fix, finding.ruleId);
    if (chosen.has(words) || claims.some((claim) => others.some((other) => collide(claim, other)))) continue;
    chosen.set(words, { ...finding, fix });
    claimed.set(fix.file, [...others, ...claims]);
  }
  return [...chosen.values()];
}

const claimsOf = (fix: Fix, ruleId: string): readonly Claim[] =>
  'append' in fix
    ? [{ place: '', addedBy: null }]
    : fix.patch.map((operation) => ({
        place: placeOf(operation),
        addedBy: operation.path.endsWith('/-') ? ruleId : null,
      }));

/** Entries behind one that is taken out of a list get other numbers. */
const placeOf = ({ op, path }: PatchOperation): string =>
  op === 'remove' ? path.replace(/\/\d+$/, '') : path;

function collide(one: Claim, other: Claim): boolean {
  if (one.place === other.place) return one.addedBy === null || one.addedBy !== other.addedBy;
  return `${one.place}/`.startsWith(`${other.place}/`) || `${other.place}/`.startsWith(`${one.place}/`);
}
