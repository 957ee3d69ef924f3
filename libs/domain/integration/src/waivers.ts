import type { Playbook } from '@kwanus/domain-playbook';
import { isAfter } from './dates.js';
import type { CheckVerdict, WaiverTarget } from './integration.events.js';
import type { Release, Waiver } from './integration.state.js';

/** @returns the waivers that hold at a moment; what somebody granted who proposed the release does not */
export const waiversInForce = ({ waivers, proposers }: Release, asOf: string): readonly Waiver[] =>
  waivers.filter(
    ({ expired, expiresAt, by }) => !expired && isAfter(expiresAt, asOf) && !proposers.includes(by),
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

/** @returns true when a waiver in force accepts the check, or every blocking finding of it */
export function isWaived(release: Release, verdict: CheckVerdict, playbook: Playbook, asOf: string): boolean {
  const { check, blocking } = verdict;
  if (neverWaived(playbook, check) || blocking.some(({ ruleId }) => neverWaived(playbook, ruleId)))
    return false;
  const targets = waiversInForce(release, asOf).map(({ target }) => target);
  if (targets.some((target) => target.kind === 'check' && target.check === check)) return true;
  return (
    blocking.length > 0 &&
    blocking.every((finding) => targets.some((target) => accepts(target, check, finding)))
  );
}
