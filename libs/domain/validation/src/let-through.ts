/** What a run has found of a check that did not pass: the fingerprints of what blocks; empty where it could not be judged. */
export type Blocking = Readonly<Record<string, readonly string[]>>;

/** A finding, or a check that could not be judged, that a body has let through. */
export interface NotedWaiver {
  readonly waiverId: string;
  readonly check: string;
  /** null: the check as such, where it could not be performed. */
  readonly fingerprint: string | null;
  readonly ended: boolean;
}

/** What intake's gates let through, check by check; null where the run told no fingerprints. */
export type LetThrough = Readonly<Record<string, readonly string[] | null>>;

/**
 * @returns whether the check is let through now: everything that blocks was let through when the release was reviewed, and no waiver of it has
 * ended since without another in its place
 */
export function isLetThrough(
  check: string,
  blocking: Blocking,
  { granted, waivers }: { readonly granted: LetThrough; readonly waivers: readonly NotedWaiver[] },
): boolean {
  const allowed = Object.hasOwn(granted, check) ? granted[check] : undefined;
  if (allowed === undefined) return false;
  const found = Object.hasOwn(blocking, check) ? (blocking[check] ?? []) : [];
  const places = found.length === 0 ? [null] : found;
  // What was let through without a fingerprint says nothing of what a later run tells by one.
  if (allowed === null ? Object.hasOwn(blocking, check) : !covers(allowed, found)) return false;
  return !places.some((fingerprint) => hasEnded(waivers, check, fingerprint));
}

/** A finding that was waived says nothing of a check that is not judged, nor the other way round. */
const covers = (allowed: readonly string[], found: readonly string[]): boolean =>
  found.length === 0 ? allowed.length === 0 : found.every((fingerprint) => allowed.includes(fingerprint));

function hasEnded(waivers: readonly NotedWaiver[], check: string, fingerprint: string | null): boolean {
  const its = waivers.filter((waiver) => waiver.check === check && waiver.fingerprint === fingerprint);
  return its.some(({ ended }) => ended) && its.every(({ ended }) => ended);
}
