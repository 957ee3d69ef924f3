import type { Playbook } from '@kwanus/domain-playbook';
import { type Decider, DomainRejection, isDomainRejection } from '@kwanus/kernel';
import { refusalOf } from './admission.js';
import { between, milliseconds } from './duration.js';
import { ENGINE, find } from './judge.js';
import { planRollout } from './plan.js';
import { atStep, missingFor, ofRollout, plannedOf } from './position.js';
import type {
  ConfirmRollback,
  Evaluate,
  Pause,
  PlanRollout,
  RecordApproval,
  RecordEvidence,
  RejectStep,
  Resume,
  RollBack,
  RolloutCommand,
  Supersede,
  WaiveHold,
} from './rollout.commands.js';
import type { RolloutEvent } from './rollout.events.js';
import { evolveRollout, isOver, isWaived, type Rollout, UNPLANNED } from './rollout.state.js';
import { assess, begin, isWaivable, overstay, rollBack, thenDecide } from './stepping.js';

type Events = readonly RolloutEvent[];

/** What planning needs; every later decision reads the plan in the stream. */
export interface RolloutContext {
  readonly playbook: Playbook;
}

const reject = (code: string, message: string): never => {
  throw new DomainRejection(code, message);
};

const live = (state: Rollout): boolean => !isOver(state) && state.status !== 'rolling-back';

function requireLive(state: Rollout): void {
  plannedOf(state);
  if (!live(state)) reject('rollout-over', `This rollout is ${state.status}; nothing changes it any more.`);
}

/** The waiting states whose next move telemetry and approvals decide. */
const moves = ({ status }: Rollout): boolean =>
  status === 'running' || status === 'held' || status === 'awaiting-gate' || status === 'baking';

const reassess = (state: Rollout, events: Events, at: string): Events =>
  thenDecide(state, events, (after) => (moves(after) ? assess(after, at) : []));

function plan({ request, refusal, at }: PlanRollout, state: Rollout, { playbook }: RolloutContext): Events {
  if (state.status !== 'unplanned') return [];
  const { integrationId, release, rolloutId } = request;
  const refused = (found: { readonly code: string; readonly reason: string }): Events => [
    { type: 'RolloutRefused', integrationId, release, rolloutId, ...found, at },
  ];
  if (refusal !== null) return refused(refusal);
  try {
    const made = planRollout(playbook, request.type, request.risk.level);
    const against = refusalOf(request, made, playbook.waivers.laxerRolloutBy);
    if (against !== null) return refused(against);
    const { type: _, accountable: __, ...kept } = request;
    const planned: RolloutEvent = { type: 'RolloutPlanned', ...kept, salt: rolloutId, plan: made, at };
    return thenDecide(state, [planned], (after) => begin(after, at));
  } catch (error) {
    if (!isDomainRejection(error)) throw error;
    return refused({ code: error.code, reason: error.message });
  }
}

function indexOf(state: Rollout, step: string, body: string): number {
  const { steps } = plannedOf(state).plan;
  const index = steps.findIndex(({ id }) => id === step);
  if (index < 0)
    reject('step-unknown', `The plan has no step "${step}"; it has ${steps.map(({ id }) => id).join(', ')}.`);
  if (!(steps[index]?.approvals.includes(body) ?? false))
    reject('body-not-asked', `Step ${step} does not ask for the approval of ${body}.`);
  return index;
}

function approve({ step, body, reason, at }: RecordApproval, state: Rollout): Events {
  requireLive(state);
  const index = indexOf(state, step, body);
  if (!missingFor(state, index).includes(body)) return [];
  const events: Events = [{ type: 'ApprovalRecorded', ...ofRollout(state), step, body, reason, at }];
  return thenDecide(state, events, (after) =>
    after.status === 'awaiting-approval' ? begin(after, at) : reassess(after, [], at),
  );
}

function rejectStep({ step, body, reason, at }: RejectStep, state: Rollout): Events {
  requireLive(state);
  const index = indexOf(state, step, body);
  const entered = state.since !== null && index <= state.stepIndex;
  const events: Events = [{ type: 'ApprovalWithdrawn', ...ofRollout(state), step, body, reason, at }];
  return thenDecide(state, events, (after) =>
    entered
      ? rollBack(
          after,
          {
            code: 'approval-withdrawn',
            reason: `${body} took back ${step}: ${reason}`,
            automatic: true,
            triggeredAt: at,
          },
          at,
        )
      : [],
  );
}

function hear({ evidence, saidAt, at }: RecordEvidence, state: Rollout): Events {
  if (state.planned === null || !live(state) || evidence.source.streamVersion <= state.heard) return [];
  if (state.since === null && evidence.permissions.bypassed === 0) return [];
  const finding = find(evidence, state.planned.plan);
  const code = finding.outcome === 'pass' ? null : finding.code;
  const { outcome } = finding;
  const events: Events = [
    { type: 'EvidenceRecorded', ...ofRollout(state), evidence, outcome, code, engine: ENGINE, at },
  ];
  return thenDecide(state, events, (after) =>
    finding.outcome === 'roll-back'
      ? rollBack({ ...after, last: evidence }, { ...finding, automatic: true, triggeredAt: saidAt }, at)
      : thenDecide(after, reassess(after, [], at), (assessed) => overstay(assessed, at)),
  );
}

function evaluate({ at }: Evaluate, state: Rollout): Events {
  if (state.status === 'rolling-back') return overdue(state, at);
  if (!moves(state)) return [];
  return thenDecide(state, assess(state, at), (after) => overstay(after, at));
}

function overdue(state: Rollout, at: string): Events {
  const { rollback, planned } = state;
  if (rollback === null || planned === null || state.overdue) return [];
  const { rollbackWithin: declared } = planned.plan;
  if (between(rollback.triggeredAt, at) < milliseconds(declared)) return [];
  return [{ type: 'RollbackOverdue', ...atStep(state), declared, decidedAt: rollback.at, at }];
}

function pause({ reason, at }: Pause, state: Rollout): Events {
  requireLive(state);
  if (state.status === 'paused') return [];
  if (state.since === null)
    reject(
      'not-started',
      `Nothing is exposed yet: this rollout is ${state.status}. Withdraw the release instead.`,
    );
  return [{ type: 'RolloutPaused', ...atStep(state), reason, at }];
}

function resume({ reason, at }: Resume, state: Rollout): Events {
  requireLive(state);
  if (state.status !== 'paused') return [];
  return reassess(state, [{ type: 'RolloutResumed', ...atStep(state), reason, at }], at);
}

function waiveHold({ step, body, reason, until, at }: WaiveHold, state: Rollout): Events {
  requireLive(state);
  const { hold } = state;
  if (state.status !== 'held' || hold === null)
    return reject('not-held', `This rollout is ${state.status}, not held.`);
  if (atStep(state).step !== step)
    reject('other-step', `It is held at step ${atStep(state).step}, not at ${step}.`);
  if (!isWaivable(hold.code))
    reject(
      'hold-not-waivable',
      `Telemetry speaks against the release (${hold.reason}): no waiver leads past that.`,
    );
  if (isWaived(state, at)) return [];
  const limit = until === undefined ? {} : { until };
  const waived: RolloutEvent = { type: 'HoldWaived', ...ofRollout(state), step, body, reason, ...limit, at };
  return reassess(state, [waived], at);
}

/** Of a rollout that is complete too: everybody is on its release, and goes back. */
function goBack({ code, reason, triggeredAt, at }: RollBack, state: Rollout): Events {
  if (state.status === 'rolling-back' || state.status === 'rolled-back') return [];
  if (state.status !== 'completed') requireLive(state);
  return rollBack(state, { code, reason, automatic: code !== 'requested', triggeredAt }, at);
}

function confirm({ at }: ConfirmRollback, state: Rollout): Events {
  const { rollback, planned, status } = state;
  if (rollback === null || planned === null || status !== 'rolling-back') return [];
  const { type: _, triggeredAt, at: decidedAt, ...kept } = rollback;
  const tookMs = Math.max(0, between(triggeredAt, at));
  const withinDeclared = tookMs <= milliseconds(planned.plan.rollbackWithin);
  return [{ ...kept, type: 'RolledBack', decidedAt, tookMs, withinDeclared, at }];
}

function supersede({ by, at }: Supersede, state: Rollout): Events {
  if (state.planned === null || !live(state)) return [];
  return [{ type: 'RolloutSuperseded', ...atStep(state), by, at }];
}

/** The rules of one rollout, stream `rollout-<rolloutId>`. Replay of the same commands gives the same events. */
export const rollout: Decider<Rollout, RolloutCommand, RolloutEvent, RolloutContext> = {
  initialState: UNPLANNED,
  decide(command, state, context): Events {
    switch (command.type) {
      case 'PlanRollout':
        return plan(command, state, context);
      case 'RecordApproval':
        return approve(command, state);
      case 'RejectStep':
        return rejectStep(command, state);
      case 'RecordEvidence':
        return hear(command, state);
      case 'Evaluate':
        return evaluate(command, state);
      default:
        return decideOnRequest(command, state);
    }
  },
  evolve: evolveRollout,
};

type OnRequest = Exclude<
  RolloutCommand,
  PlanRollout | RecordApproval | RejectStep | RecordEvidence | Evaluate
>;

function decideOnRequest(command: OnRequest, state: Rollout): Events {
  switch (command.type) {
    case 'Pause':
      return pause(command, state);
    case 'Resume':
      return resume(command, state);
    case 'WaiveHold':
      return waiveHold(command, state);
    case 'RollBack':
      return goBack(command, state);
    case 'ConfirmRollback':
      return confirm(command, state);
    case 'Supersede':
      return supersede(command, state);
    case 'RecordLateFact': {
      const { fact, code, reason, at } = command;
      return [{ type: 'LateFactRecorded', fact, code, reason, at }];
    }
  }
}
