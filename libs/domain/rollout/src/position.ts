import { DomainRejection } from '@kwanus/kernel';
import type { Evidence } from './evidence.js';
import { type Demand, ENGINE } from './judge.js';
import type { PlannedStep } from './plan.js';
import type { AtStep, Decision, OfRollout, RolloutPlanned } from './rollout.events.js';
import type { Rollout } from './rollout.state.js';

/** @throws DomainRejection `not-planned` */
export function plannedOf({ planned, status }: Rollout): RolloutPlanned {
  if (planned === null)
    throw new DomainRejection('not-planned', `There is no plan: this rollout is ${status}.`);
  return planned;
}

/** @returns which rollout, of what */
export function ofRollout(state: Rollout): OfRollout {
  const { integrationId, release, rolloutId } = plannedOf(state);
  return { integrationId, release, rolloutId };
}

/** @throws DomainRejection `step-unknown` when the plan has no such step */
export function stepAt(state: Rollout, index: number): PlannedStep {
  const step = plannedOf(state).plan.steps[index];
  if (step === undefined)
    throw new DomainRejection('step-unknown', `The plan has no step number ${index + 1}.`);
  return step;
}

/** @returns where the rollout stands, or another step of it */
export function atStep(state: Rollout, index = state.stepIndex): AtStep {
  const { id, percent } = stepAt(state, index);
  return { ...ofRollout(state), step: id, stepIndex: index, percent };
}

/** What the present stage asks for: a step's dwell and requests, or the bake's. */
export function demandOf(state: Rollout): Demand & { readonly minDwell: string } {
  const { plan } = plannedOf(state);
  return state.phase === 'bake'
    ? { minRequests: plan.bakeMinRequests, minDwell: plan.bake }
    : stepAt(state, state.stepIndex);
}

/** @returns bodies that must still let the rollout into the step */
export function missingFor(state: Rollout, index: number): readonly string[] {
  const { id, approvals } = stepAt(state, index);
  return approvals.filter(
    (body) => !state.approvals.some((given) => given.step === id && given.body === body),
  );
}

/** @returns the numbers, the policy and the approvals that are decided by now */
export function decisionOf(state: Rollout): Decision {
  const { plan } = plannedOf(state);
  const { minRequests, minDwell } = demandOf(state);
  const { requests, since, approvals, waived } = state;
  return {
    engine: ENGINE,
    playbookVersion: plan.playbookVersion,
    playbookDigest: plan.playbookDigest,
    requests,
    minRequests,
    since,
    minDwell,
    approvals,
    waived,
    ...numbersOf(state.last),
  };
}

type Numbers = Pick<Decision, 'source' | 'window' | 'signals' | 'permissions' | 'silentWindows'>;

function numbersOf(last: Evidence | null): Numbers {
  if (last === null) return { source: null, window: null, signals: [], permissions: null, silentWindows: 0 };
  const { source, window, signals, permissions, silentWindows } = last;
  return { source, window, signals, permissions, silentWindows };
}
