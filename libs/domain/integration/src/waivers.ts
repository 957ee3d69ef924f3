import type { Playbook } from '@kwanus/domain-playbook';
import { isAfter } from './dates.js';
import type { CheckVerdict, WaiverTarget } from './integration.events.js';
import type { Release, Waiver } from './integration.state.js';
import { hasProposed } from './proposers.js';

/** @returns the waivers that hold at a moment; what somebody granted who proposed the release does not */
export const waiversInForce = (release: Release, asOf: string): readonly Waiver[] =>
  release.waivers.filter(
    ({ expired, expiresAt, by }) => !expired && isAfter(expiresAt, asOf) && !hasProposed(release, by),
  );

/** @returns true when the playbook forbids every waiver of the check or rule */
export const neverWaived = ({ waivers, checks }: Playbook, id: string): boolean =>
  waivers.never.some((pattern) =>
    pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern,
  ) || checks.some((check) => check.id === id && check.waivableBy === null);

const accepts = (
  target: WaiverTarget,
  check: string,
  finding: { readonly ruleId: string; readonly fingerprint: string },
): boolean =>
  target.kind === 'finding' &&
  target.check === check &&
  target.ruleId === finding.ruleId &&
  target.fingerprint === finding.fingerprint;

/** @returns true when a waiver in force accepts every blocking finding of the check, or the check where it could not be performed */
export function isWaived(release: Release, verdict: CheckVerdict, playbook: Playbook, asOf: string): boolean {
  const { check, blocking, outcome } = verdict;
  if (neverWaived(playbook, check) || blocking.some(({ ruleId }) => neverWaived(playbook, ruleId)))
    return false;
  const targets = waiversInForce(release, asOf).map(({ target }) => target);
  const unjudged = outcome !== 'failed' && blocking.length === 0;
  if (unjudged && targets.some((target) => target.kind === 'check' && target.check === check)) return true;
  return (
    blocking.length > 0 &&
    blocking.every((finding) => targets.some((target) => accepts(target, check, finding)))
  );
}
