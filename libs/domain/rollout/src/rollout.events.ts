import type { RiskLevel, Subject } from '@kwanus/domain-playbook';
import type { JsonObject, Timestamp } from '@kwanus/kernel';
import type { Evidence, SignalEvidence } from './evidence.js';
import type { HoldCode, RollbackCode } from './judge.js';
import type { RolloutPlan } from './plan.js';

/** Which rollout, of what. */
export interface OfRollout {
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
}

/** Where it stands. */
export interface AtStep extends OfRollout {
  readonly step: string;
  readonly stepIndex: number;
  readonly percent: number;
}

/** What intake asks for; the digests of `record` are the release's for ever. */
export interface RolloutRequest extends OfRollout {
  readonly previous: string | null;
  readonly type: RolloutPlan['type'];
  readonly typeWaiver: { readonly body: string; readonly reason: string } | null;
  readonly risk: { readonly level: RiskLevel; readonly reasons: readonly string[] };
  readonly subject: Subject;
  readonly record: Readonly<Record<string, string>>;
  readonly fallback: readonly JsonObject[];
  readonly allowList: { readonly internal: readonly string[]; readonly partners: readonly string[] };
  readonly partnerOnly: boolean;
  readonly accountable: { readonly contact: string; readonly sponsor: string };
}

/** The numbers, the policy and the approvals that a decision was made by; replay must come to the same. */
export interface Decision {
  readonly engine: string;
  readonly playbookVersion: string;
  readonly playbookDigest: string;
  readonly source: Evidence['source'] | null;
  readonly window: Evidence['window'] | null;
  /** Of the canary, in this stage, and how many were asked for. */
  readonly requests: number;
  readonly minRequests: number;
  /** When the stage began, and how long it had to last. */
  readonly since: Timestamp | null;
  readonly minDwell: string | null;
  readonly approvals: readonly Approval[];
  readonly waived: boolean;
  readonly signals: readonly SignalEvidence[];
  readonly permissions: Evidence['permissions'] | null;
  readonly silentWindows: number;
}

/** A body lets the rollout enter a step. */
export interface Approval {
  readonly step: string;
  readonly body: string;
}

interface Timed {
  readonly at: Timestamp;
}
interface ByBody extends OfRollout, Approval, Timed {
  readonly reason: string;
}

export interface RolloutPlanned extends Omit<RolloutRequest, 'type' | 'accountable'>, Timed {
  readonly type: 'RolloutPlanned';
  readonly salt: string;
  readonly plan: RolloutPlan;
}
export interface RolloutRefused extends OfRollout, Timed {
  readonly type: 'RolloutRefused';
  readonly code: string;
  readonly reason: string;
}
export interface ApprovalAwaited extends AtStep, Timed {
  readonly type: 'ApprovalAwaited';
  readonly bodies: readonly string[];
}
export interface ApprovalRecorded extends ByBody {
  readonly type: 'ApprovalRecorded';
}
export interface ApprovalWithdrawn extends ByBody {
  readonly type: 'ApprovalWithdrawn';
}
export interface RolloutReady extends OfRollout, Timed {
  readonly type: 'RolloutReady';
}
/** Exposure begins, or grows. */
export interface StepStarted extends AtStep, Timed {
  readonly type: 'StepStarted';
}
/** A verdict of monitoring, and what it says by itself. */
export interface EvidenceRecorded extends OfRollout, Timed {
  readonly type: 'EvidenceRecorded';
  readonly evidence: Evidence;
  readonly outcome: 'pass' | 'hold' | 'roll-back';
  readonly code: HoldCode | RollbackCode | null;
  readonly engine: string;
}
/** The step named was passed. */
export interface StepAdvanced extends AtStep, Timed {
  readonly type: 'StepAdvanced';
  readonly decision: Decision;
}
export interface RolloutHeld extends AtStep, Timed {
  readonly type: 'RolloutHeld';
  readonly code: HoldCode;
  readonly reason: string;
  readonly decision: Decision;
}
export interface HoldWaived extends ByBody {
  readonly type: 'HoldWaived';
  /** Absent: as long as the stage lasts. */
  readonly until?: Timestamp;
}
/** Telemetry, or a waiver, let it go on. */
export interface HoldLeft extends AtStep, Timed {
  readonly type: 'HoldLeft';
  readonly by: 'telemetry' | 'waiver';
}
export interface BodiesAsked extends AtStep, Timed {
  readonly type: 'BodiesAsked';
  readonly bodies: readonly string[];
  readonly heldSince: Timestamp;
  readonly reason: string;
}
export interface RolloutPaused extends AtStep, Timed {
  readonly type: 'RolloutPaused';
  readonly reason: string;
}
export interface RolloutResumed extends AtStep, Timed {
  readonly type: 'RolloutResumed';
  readonly reason: string;
}
/** Decided; exposure ends as soon as the flags follow. */
export interface RollbackStarted extends AtStep, Timed {
  readonly type: 'RollbackStarted';
  readonly to: string | null;
  readonly automatic: boolean;
  readonly code: RollbackCode;
  readonly reason: string;
  readonly decision: Decision;
  /** When that happened to which this answers: the declared time runs from here. */
  readonly triggeredAt: Timestamp;
}
export interface RollbackOverdue extends AtStep, Timed {
  readonly type: 'RollbackOverdue';
  readonly declared: string;
  readonly decidedAt: Timestamp;
}
/** Exposure has ended; final. */
export interface RolledBack extends AtStep, Timed {
  readonly type: 'RolledBack';
  readonly to: string | null;
  readonly automatic: boolean;
  readonly code: RollbackCode;
  readonly reason: string;
  readonly decision: Decision;
  readonly decidedAt: Timestamp;
  readonly tookMs: number;
  readonly withinDeclared: boolean;
}
export interface BakeStarted extends OfRollout, Timed {
  readonly type: 'BakeStarted';
  readonly until: Timestamp;
}
export interface RolloutCompleted extends OfRollout, Timed {
  readonly type: 'RolloutCompleted';
  readonly decision: Decision;
}
export interface RolloutSuperseded extends AtStep, Timed {
  readonly type: 'RolloutSuperseded';
  readonly by: string;
}
/** A fact that came too late, or did not fit: kept, and without effect. */
export interface LateFactRecorded extends Timed {
  readonly type: 'LateFactRecorded';
  readonly fact: string;
  readonly code: string;
  readonly reason: string;
}

export type RolloutEvent =
  | RolloutPlanned
  | RolloutRefused
  | ApprovalAwaited
  | ApprovalRecorded
  | ApprovalWithdrawn
  | RolloutReady
  | StepStarted
  | EvidenceRecorded
  | StepAdvanced
  | RolloutHeld
  | HoldWaived
  | HoldLeft
  | BodiesAsked
  | RolloutPaused
  | RolloutResumed
  | RollbackStarted
  | RollbackOverdue
  | RolledBack
  | BakeStarted
  | RolloutCompleted
  | RolloutSuperseded
  | LateFactRecorded;
