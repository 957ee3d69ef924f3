import type { rolloutHttp } from '@kwanus/contracts';
import { atStep, demandOf, isExposing, nextDue, type Rollout } from '@kwanus/domain-rollout';
import type { z } from 'zod';

/** A rollout as it is answered. */
export type RolloutView = z.infer<typeof rolloutHttp.RolloutView>;
export type AnyRolloutView = z.infer<typeof rolloutHttp.AnyRolloutView>;

/**
 * The one view of a rollout: from the read model and from a replay alike.
 * @returns null before anything was asked for
 */
export function rolloutView(state: Rollout, version: number): AnyRolloutView | null {
  if (state.refused !== null) {
    const { integrationId, release, rolloutId, code, reason } = state.refused;
    return { rolloutId, integrationId, release, status: 'refused', code, reason, version };
  }
  return state.planned === null ? null : { ...planOf(state), ...progressOf(state), version };
}

type Fixed =
  | 'computed'
  | 'integrationId'
  | 'plannedAt'
  | 'policy'
  | 'previous'
  | 'release'
  | 'risk'
  | 'rolloutId'
  | 'steps'
  | 'type';

function planOf({ planned }: Rollout): Pick<RolloutView, Fixed> {
  if (planned === null) throw new TypeError('planOf() is for rollouts that are planned.');
  const { integrationId, release, rolloutId, previous, risk, plan, at: plannedAt } = planned;
  const { playbookVersion, playbookDigest, type, computed, steps } = plan;
  return {
    rolloutId,
    integrationId,
    release,
    previous,
    type,
    computed,
    risk: { level: risk.level, reasons: [...risk.reasons] },
    policy: { version: playbookVersion, digest: playbookDigest },
    steps: steps.map(({ approvals, ...step }) => ({ ...step, approvals: [...approvals] })),
    plannedAt,
  };
}

function progressOf(state: Rollout): Omit<RolloutView, Fixed | 'version'> {
  const { step, stepIndex, percent } = atStep(state);
  const { minRequests, minDwell } = demandOf(state);
  const { phase, since, requests, approvals, awaiting, waived } = state;
  return {
    status: state.status as RolloutView['status'],
    step,
    stepIndex,
    phase,
    percent: isExposing(state) ? percent : 0,
    since,
    requests,
    minRequests,
    minDwell,
    approvals: approvals.map((approval) => ({ ...approval })),
    awaiting: [...awaiting],
    waived,
    hold: holdOf(state),
    verdict: verdictOf(state),
    rollback: rollbackOf(state),
    dueAt: nextDue(state),
  };
}

function holdOf({ hold }: Rollout): RolloutView['hold'] {
  if (hold === null) return null;
  const { code, reason, since, asked } = hold;
  return { code, reason, since, bodiesAsked: asked };
}

const verdictOf = ({ last }: Rollout): RolloutView['verdict'] =>
  last === null ? null : { window: last.window, verdict: last.verdict, reasons: [...last.reasons] };

function rollbackOf({ rollback, overdue }: Rollout): RolloutView['rollback'] {
  if (rollback === null) return null;
  const { to, automatic, code, reason, at: decidedAt, decision } = rollback;
  return {
    to,
    automatic,
    code,
    reason,
    decidedAt,
    decision: decision as unknown as NonNullable<RolloutView['rollback']>['decision'],
    overdue,
  };
}
