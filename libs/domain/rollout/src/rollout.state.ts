import type { Timestamp } from '@kwanus/kernel';
import { between, later } from './duration.js';
import { type Evidence, requestsIn } from './evidence.js';
import type { HoldCode } from './judge.js';
import type {
  Approval,
  RollbackStarted,
  RolloutEvent,
  RolloutPlanned,
  RolloutRefused,
} from './rollout.events.js';

export const ROLLOUT_STATUSES = [
  'unplanned',
  'refused',
  'planned',
  'awaiting-approval',
  'ready',
  'running',
  'held',
  'awaiting-gate',
  'paused',
  'baking',
  'completed',
  'rolling-back',
  'rolled-back',
  'superseded',
] as const;
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];

/** A hold: it is left by telemetry or by a recorded waiver only. */
export interface Hold {
  readonly code: HoldCode;
  readonly reason: string;
  readonly since: Timestamp;
  readonly asked: boolean;
}

/** One rollout. */
export interface Rollout {
  readonly status: RolloutStatus;
  /** Null before it is planned. */
  readonly planned: RolloutPlanned | null;
  /** Null unless it was refused. */
  readonly refused: RolloutRefused | null;
  /** The step that it is at, or is about to enter first. */
  readonly stepIndex: number;
  readonly phase: 'step' | 'bake';
  /** When the stage began (pauses left out); null while nobody is exposed. */
  readonly since: Timestamp | null;
  /** Of the canary, in windows of this stage. */
  readonly requests: number;
  /** The last verdict of this stage. */
  readonly last: Evidence | null;
  /** Version of monitoring's stream that was taken in last: nothing counts twice. */
  readonly heard: number;
  readonly approvals: readonly Approval[];
  /** Bodies that were last said to be waited for. */
  readonly awaiting: readonly string[];
  readonly waived: boolean;
  /** Null: as long as the stage lasts. */
  readonly waivedUntil: Timestamp | null;
  readonly hold: Hold | null;
  readonly pausedAt: Timestamp | null;
  readonly rollback: RollbackStarted | null;
  readonly overdue: boolean;
}

export const UNPLANNED: Rollout = {
  status: 'unplanned',
  planned: null,
  refused: null,
  stepIndex: 0,
  phase: 'step',
  since: null,
  requests: 0,
  last: null,
  heard: 0,
  approvals: [],
  awaiting: [],
  waived: false,
  waivedUntil: null,
  hold: null,
  pausedAt: null,
  rollback: null,
  overdue: false,
};

const FINAL: ReadonlySet<RolloutStatus> = new Set(['refused', 'rolled-back', 'superseded']);

/** @returns true when nothing can happen to it any more */
export const isFinal = ({ status }: Pick<Rollout, 'status'>): boolean => FINAL.has(status);

/** @returns true when nothing moves it on any more; one that is complete can still be taken back */
export const isOver = (state: Pick<Rollout, 'status'>): boolean =>
  state.status === 'completed' || isFinal(state);

/** @returns true while workspaces may be on its release because of it */
export const isExposing = ({ status, since }: Pick<Rollout, 'status' | 'since'>): boolean =>
  since !== null && (status === 'completed' || (!FINAL.has(status) && status !== 'rolling-back'));

/** @returns true while a waiver stands for telemetry that is not there */
export const isWaived = (
  { waived, waivedUntil }: Pick<Rollout, 'waived' | 'waivedUntil'>,
  at: Timestamp,
): boolean => waived && (waivedUntil === null || between(at, waivedUntil) > 0);

const staged = (state: Rollout, at: Timestamp): Rollout => ({
  ...state,
  since: at,
  requests: 0,
  last: null,
  waived: false,
  waivedUntil: null,
  hold: null,
  awaiting: [],
});

const present = (state: Rollout): RolloutStatus =>
  state.hold !== null ? 'held' : state.phase === 'bake' ? 'baking' : 'running';

function heard(state: Rollout, evidence: Evidence): Rollout {
  const after = { ...state, heard: evidence.source.streamVersion };
  const belongs = state.since !== null && between(state.since, evidence.window.to) > 0;
  return belongs ? { ...after, last: evidence, requests: state.requests + requestsIn(evidence) } : after;
}

function resumed(state: Rollout, at: Timestamp): Rollout {
  const paused = state.pausedAt === null ? 0 : Math.max(0, between(state.pausedAt, at));
  const since = state.since === null ? null : later(state.since, paused);
  const after: Rollout = { ...state, since, pausedAt: null, awaiting: [] };
  return { ...after, status: present(after) };
}

const without = (approvals: readonly Approval[], { step, body }: Approval): readonly Approval[] =>
  approvals.filter((approval) => approval.step !== step || approval.body !== body);

function progressed(state: Rollout, event: RolloutEvent): Rollout {
  switch (event.type) {
    case 'StepStarted':
      return { ...staged(state, event.at), status: 'running', stepIndex: event.stepIndex };
    case 'BakeStarted':
      return { ...staged(state, event.at), status: 'baking', phase: 'bake' };
    case 'EvidenceRecorded':
      return heard(state, event.evidence);
    case 'RolloutHeld': {
      const { at, code, reason } = event;
      const hold = { code, reason, since: state.hold?.since ?? at, asked: state.hold?.asked ?? false };
      return { ...state, status: 'held', hold, awaiting: [] };
    }
    default:
      return waiting(state, event);
  }
}

function waiting(state: Rollout, event: RolloutEvent): Rollout {
  switch (event.type) {
    case 'HoldWaived':
      return { ...state, waived: true, waivedUntil: event.until ?? null };
    case 'HoldLeft':
      return { ...state, hold: null, status: present({ ...state, hold: null }) };
    case 'BodiesAsked':
      return { ...state, hold: state.hold === null ? null : { ...state.hold, asked: true } };
    case 'RolloutPaused':
      return { ...state, status: 'paused', pausedAt: event.at };
    case 'RolloutResumed':
      return resumed(state, event.at);
    default:
      return ended(state, event);
  }
}

function ended(state: Rollout, event: RolloutEvent): Rollout {
  switch (event.type) {
    case 'RollbackStarted':
      return { ...state, status: 'rolling-back', rollback: event, hold: null, pausedAt: null };
    case 'RollbackOverdue':
      return { ...state, overdue: true };
    case 'RolledBack':
      return { ...state, status: 'rolled-back' };
    case 'RolloutCompleted':
      return { ...state, status: 'completed', hold: null };
    case 'RolloutSuperseded':
      return { ...state, status: 'superseded', hold: null, pausedAt: null };
    default:
      return state;
  }
}

/** @returns the rollout after the event; types that it does not know change nothing */
export function evolveRollout(state: Rollout, event: RolloutEvent): Rollout {
  switch (event.type) {
    case 'RolloutPlanned':
      return { ...state, status: 'planned', planned: event };
    case 'RolloutRefused':
      return { ...state, status: 'refused', refused: event };
    case 'ApprovalAwaited':
      return {
        ...state,
        status: state.since === null ? 'awaiting-approval' : 'awaiting-gate',
        awaiting: event.bodies,
        hold: null,
      };
    case 'ApprovalRecorded':
      return { ...state, approvals: [...state.approvals, { step: event.step, body: event.body }] };
    case 'ApprovalWithdrawn':
      return { ...state, approvals: without(state.approvals, event) };
    case 'RolloutReady':
      return { ...state, status: 'ready', awaiting: [] };
    default:
      return progressed(state, event);
  }
}
