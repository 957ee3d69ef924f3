import type { Timestamp } from '@kwanus/kernel';
import { between, later, milliseconds } from './duration.js';
import { type Finding, type HoldCode, isFresh, judge, type RollbackCode } from './judge.js';
import { atStep, decisionOf, demandOf, missingFor, ofRollout, plannedOf } from './position.js';
import type { RolloutEvent } from './rollout.events.js';
import { evolveRollout, isWaived, type Rollout } from './rollout.state.js';

type Events = readonly RolloutEvent[];

/** Decides on, in the state that the events lead to. */
export const thenDecide = (state: Rollout, events: Events, next: (after: Rollout) => Events): Events => [
  ...events,
  ...next(events.reduce(evolveRollout, state)),
];

/** What goes back, why, and since when it has to. */
export interface Trigger {
  readonly code: RollbackCode;
  readonly reason: string;
  readonly automatic: boolean;
  readonly triggeredAt: Timestamp;
}

/** Goes back to the previous release, with the numbers that decided it. */
export const rollBack = (state: Rollout, trigger: Trigger, at: Timestamp): Events => [
  {
    type: 'RollbackStarted',
    ...atStep(state),
    to: plannedOf(state).previous,
    ...trigger,
    decision: decisionOf(state),
    at,
  },
];

/** Enters the first step as soon as it may. */
export function begin(state: Rollout, at: Timestamp): Events {
  const bodies = missingFor(state, 0);
  if (bodies.length === 0)
    return thenDecide(state, [{ type: 'RolloutReady', ...ofRollout(state), at }], (ready) =>
      enter(ready, 0, at),
    );
  return announced(state, bodies) ? [] : [{ type: 'ApprovalAwaited', ...atStep(state, 0), bodies, at }];
}

/** Looks at an exposed rollout: on, hold, wait, bake, complete. Anything but a pause, a roll-back, an end. */
export function assess(state: Rollout, at: Timestamp): Events {
  const { plan } = plannedOf(state);
  const demand = demandOf(state);
  const finding = waivable(
    state,
    judge(plan, { demand, last: state.last, requests: state.requests }, at),
    at,
  );
  if (finding.outcome === 'roll-back')
    return rollBack(state, { ...finding, automatic: true, triggeredAt: at }, at);
  const over = state.since !== null && between(state.since, at) >= milliseconds(demand.minDwell);
  return over ? leave(state, finding, at) : stay(state, finding, at);
}

/** A long hold is brought before the bodies; a step that burns slowly past its deadline goes back. */
export function overstay(state: Rollout, at: Timestamp): Events {
  const { hold } = state;
  if (state.status !== 'held' || hold === null) return [];
  const { plan } = plannedOf(state);
  const deadline = deadlineOf(state);
  if (deadline !== null && between(deadline, at) >= 0 && isFresh(plan, state.last, at)) {
    const reason = `the step has not got on within ${plan.progressDeadline}: ${hold.reason}`;
    const code = 'progress-deadline-passed';
    return rollBack(state, { code, reason, automatic: true, triggeredAt: deadline }, at);
  }
  const mayAsk = !hold.asked && between(hold.since, at) >= milliseconds(plan.askAfter);
  if (!mayAsk) return [];
  const { since: heldSince, reason } = hold;
  return [{ type: 'BodiesAsked', ...atStep(state), bodies: plan.askedBodies, heldSince, reason, at }];
}

/**
 * @param after what fell due up to this moment has been looked at already
 * @returns the moment that the rollout must be looked at next, whatever else happens; null: only events move it
 */
export function nextDue(state: Rollout, after: Timestamp | null = null): Timestamp | null {
  const due = dueDates(state)
    .filter((moment) => moment !== null)
    .filter((moment) => after === null || between(after, moment) > 0);
  return due.toSorted((a, b) => between(b, a))[0] ?? null;
}

function dueDates(state: Rollout): readonly (Timestamp | null)[] {
  const { since, status, rollback, overdue } = state;
  switch (status) {
    case 'running':
    case 'baking':
      return [since === null ? null : later(since, milliseconds(demandOf(state).minDwell))];
    case 'held':
      return [askDue(state), deadlineOf(state)];
    case 'rolling-back': {
      const { rollbackWithin } = plannedOf(state).plan;
      return overdue || rollback === null ? [] : [later(rollback.triggeredAt, milliseconds(rollbackWithin))];
    }
    default:
      return [];
  }
}

const askDue = (state: Rollout): Timestamp | null =>
  state.hold === null || state.hold.asked
    ? null
    : later(state.hold.since, milliseconds(plannedOf(state).plan.askAfter));

function deadlineOf(state: Rollout): Timestamp | null {
  const { progressDeadline } = plannedOf(state).plan;
  if (progressDeadline === null || state.since === null || state.hold?.code !== 'slow-burn') return null;
  return later(state.since, milliseconds(progressDeadline));
}

/** A waiver stands for telemetry that is not there; never for telemetry that speaks against the release. */
const WAIVABLE: ReadonlySet<HoldCode> = new Set([
  'no-evidence',
  'telemetry-silent',
  'telemetry-stale',
  'too-few-requests',
  'gate-inconclusive',
]);

/** @returns true when a recorded waiver can lead out of the hold */
export const isWaivable = (code: HoldCode): boolean => WAIVABLE.has(code);

const waivable = (state: Rollout, finding: Finding, at: Timestamp): Finding =>
  isWaived(state, at) && finding.outcome === 'hold' && WAIVABLE.has(finding.code)
    ? { outcome: 'pass' }
    : finding;

/** Before the dwell is over only what can't mend itself by waiting is called a hold. */
const HOLDS_AT_ONCE: ReadonlySet<HoldCode> = new Set([
  'telemetry-silent',
  'slow-burn',
  'gate-failed-without-numbers',
]);

function stay(state: Rollout, finding: Finding, at: Timestamp): Events {
  if (finding.outcome === 'hold' && HOLDS_AT_ONCE.has(finding.code)) return hold(state, finding, at);
  const better =
    finding.outcome === 'pass' || (finding.outcome === 'hold' && finding.code === 'too-few-requests');
  if (state.status !== 'held' || !better) return [];
  return [{ type: 'HoldLeft', ...atStep(state), by: isWaived(state, at) ? 'waiver' : 'telemetry', at }];
}

function leave(state: Rollout, finding: Finding, at: Timestamp): Events {
  if (finding.outcome !== 'pass') return hold(state, finding, at);
  const decision = decisionOf(state);
  if (state.phase === 'bake') return [{ type: 'RolloutCompleted', ...ofRollout(state), decision, at }];
  const next = state.stepIndex + 1;
  const last = next === plannedOf(state).plan.steps.length;
  const bodies = last ? [] : missingFor(state, next);
  if (bodies.length > 0)
    return announced(state, bodies) ? [] : [{ type: 'ApprovalAwaited', ...atStep(state, next), bodies, at }];
  return thenDecide(state, [{ type: 'StepAdvanced', ...atStep(state), decision, at }], (advanced) =>
    last ? bake(advanced, at) : enter(advanced, next, at),
  );
}

function hold(state: Rollout, finding: Finding, at: Timestamp): Events {
  if (finding.outcome !== 'hold' || (state.status === 'held' && state.hold?.code === finding.code)) return [];
  const { code, reason } = finding;
  return [{ type: 'RolloutHeld', ...atStep(state), code, reason, decision: decisionOf(state), at }];
}

/** The last step that asks for neither time nor requests is the beginning of the bake. */
function enter(state: Rollout, index: number, at: Timestamp): Events {
  return thenDecide(state, [{ type: 'StepStarted', ...atStep(state, index), at }], (entered) => {
    const { minDwell, minRequests } = demandOf(entered);
    const last = index + 1 === plannedOf(entered).plan.steps.length;
    return last && milliseconds(minDwell) === 0 && minRequests === 0 ? bake(entered, at) : [];
  });
}

const bake = (state: Rollout, at: Timestamp): Events => [
  {
    type: 'BakeStarted',
    ...ofRollout(state),
    until: later(at, milliseconds(plannedOf(state).plan.bake)),
    at,
  },
];

const announced = ({ awaiting, status }: Rollout, bodies: readonly string[]): boolean =>
  (status === 'awaiting-gate' || status === 'awaiting-approval') && awaiting.join() === bodies.join();
