import type { Timestamp } from '@kwanus/kernel';
import { between } from './duration.js';
import type { BurnEvidence, Evidence, SignalEvidence } from './evidence.js';
import type { RolloutPlan } from './plan.js';

/** Raised when the same evidence may lead to another outcome: it stands in every decision. */
export const ENGINE = 'burn-1';

export const HOLD_CODES = [
  'no-evidence',
  'telemetry-silent',
  'telemetry-stale',
  'too-few-requests',
  'gate-inconclusive',
  'slow-burn',
  'gate-failed-without-numbers',
] as const;
/** Why a rollout neither goes on nor back. */
export type HoldCode = (typeof HOLD_CODES)[number];

export const ROLLBACK_CODES = [
  'burn-rate',
  'permission-bypassed',
  'permissions-probed',
  'progress-deadline-passed',
  'approval-withdrawn',
  'release-withdrawn',
  'integration-suspended',
  'integration-retired',
  'requested',
] as const;
/** Why a rollout goes back. */
export type RollbackCode = (typeof ROLLBACK_CODES)[number];

/** What a piece of evidence says by itself. */
export type Finding =
  | { readonly outcome: 'pass' }
  | { readonly outcome: 'hold'; readonly code: HoldCode; readonly reason: string }
  | { readonly outcome: 'roll-back'; readonly code: RollbackCode; readonly reason: string };

/** What the present stage asks for before it may be left. */
export interface Demand {
  readonly minRequests: number;
}

/** How far the present stage has come. */
export interface Progress {
  readonly demand: Demand;
  /** Of the canary, in windows of this stage. */
  readonly requests: number;
  readonly last: Evidence | null;
}

/**
 * What one verdict says, whatever state the rollout is in. First rule: the quickest page rule fires on the canary with at least
 * `minFailures` failures. Missing telemetry is a hold and never a roll-back.
 */
export function find(evidence: Evidence, plan: RolloutPlan): Finding {
  const burning = firing(
    evidence,
    ({ rule, failuresLong }) => rule === plan.quickRule && failuresLong >= plan.minFailures,
  );
  if (burning !== undefined) return { outcome: 'roll-back', code: 'burn-rate', reason: burning };
  const { bypassed, outOfScope } = evidence.permissions;
  if (bypassed > 0)
    return {
      outcome: 'roll-back',
      code: 'permission-bypassed',
      reason: `permissions were used ${bypassed} × without a grant`,
    };
  if (evidence.verdict === 'fail' && outOfScope > 0)
    return {
      outcome: 'roll-back',
      code: 'permissions-probed',
      reason: `${outOfScope} attempts out of scope, and monitoring fails the release`,
    };
  if (evidence.silentWindows > 0)
    return hold('telemetry-silent', `no telemetry of the release for ${evidence.silentWindows} windows`);
  const slow = firing(evidence, ({ rule, severity }) => severity === 'page' && rule !== plan.quickRule);
  if (slow !== undefined) return hold('slow-burn', slow);
  switch (evidence.verdict) {
    case 'pass':
      return { outcome: 'pass' };
    case 'inconclusive':
      return hold('gate-inconclusive', evidence.reasons.join('; '));
    case 'fail':
      return hold(
        'gate-failed-without-numbers',
        `monitoring fails the release, but no rule that rolls back is met: ${evidence.reasons.join('; ')}`,
      );
  }
}

/**
 * May the stage be left at this moment, as far as telemetry can tell? Evidence must be there, be fresh, pass, and be enough.
 * Pure: the same plan, progress and moment give the same answer.
 */
export function judge(plan: RolloutPlan, { demand, last, requests }: Progress, at: Timestamp): Finding {
  if (last === null) return hold('no-evidence', 'monitoring has sent no verdict since this stage began');
  const finding = find(last, plan);
  if (finding.outcome !== 'pass') return finding;
  if (!isFresh(plan, last, at))
    return hold('telemetry-stale', `the last verdict is of the window that ended at ${last.window.to}`);
  if (requests < demand.minRequests)
    return hold('too-few-requests', `${requests} of ${demand.minRequests} requests were seen`);
  return finding;
}

/** @returns true while a verdict says something of the present */
export const isFresh = (
  { staleAfterMs }: Pick<RolloutPlan, 'staleAfterMs'>,
  last: Evidence | null,
  at: Timestamp,
): boolean => last !== null && between(last.window.to, at) <= staleAfterMs;

const hold = (code: HoldCode, reason: string): Finding => ({ outcome: 'hold', code, reason });

function firing(evidence: Evidence, decides: (burn: BurnEvidence) => boolean): string | undefined {
  for (const signal of evidence.signals) {
    const burn = signal.burn.find((candidate) => candidate.firing && decides(candidate));
    if (burn !== undefined) return inWords(signal, burn);
  }
  return undefined;
}

const inWords = ({ signal, of }: SignalEvidence, burn: BurnEvidence): string =>
  `${of === null ? signal : `${signal} of ${of}`}: ${burn.rule} fires; ${burn.failuresLong} of ${burn.requestsLong} failed, ${burn.long.toFixed(2)} (long) and ${burn.short.toFixed(2)} (short) times the budget, over ${burn.factor.toFixed(2)}`;
