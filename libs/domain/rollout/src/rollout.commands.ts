import type { Timestamp } from '@kwanus/kernel';
import type { Evidence } from './evidence.js';
import type { RollbackCode } from './judge.js';
import type { RolloutRequest } from './rollout.events.js';

interface Timed {
  /** The moment of the decision; the decider has no clock. */
  readonly at: Timestamp;
}
interface ByBody extends Timed {
  readonly step: string;
  readonly body: string;
  readonly reason: string;
}

/** Makes the plan, or refuses; begins at once when nobody has to approve the first step. */
export interface PlanRollout extends Timed {
  readonly type: 'PlanRollout';
  readonly request: RolloutRequest;
  /** What the register of releases has against it; null: nothing. */
  readonly refusal: { readonly code: string; readonly reason: string } | null;
}
export interface RecordApproval extends ByBody {
  readonly type: 'RecordApproval';
}
/** A body refuses a step, or takes its approval back; of a step that was entered: roll back. */
export interface RejectStep extends ByBody {
  readonly type: 'RejectStep';
}
export interface RecordEvidence extends Timed {
  readonly type: 'RecordEvidence';
  readonly evidence: Evidence;
  /** When monitoring said so: the declared time of a roll-back runs from here. */
  readonly saidAt: Timestamp;
}
/** A moment has come: dwell or bake over, bodies to be asked, deadline passed. */
export interface Evaluate extends Timed {
  readonly type: 'Evaluate';
}
export interface Pause extends Timed {
  readonly type: 'Pause';
  readonly reason: string;
}
export interface Resume extends Timed {
  readonly type: 'Resume';
  readonly reason: string;
}
export interface WaiveHold extends ByBody {
  readonly type: 'WaiveHold';
  /** Absent: as long as the stage lasts. */
  readonly until?: Timestamp;
}
export interface RollBack extends Timed {
  readonly type: 'RollBack';
  readonly code: RollbackCode;
  readonly reason: string;
  readonly triggeredAt: Timestamp;
}
/** The flags have followed: nobody is exposed any more. */
export interface ConfirmRollback extends Timed {
  readonly type: 'ConfirmRollback';
}
export interface Supersede extends Timed {
  readonly type: 'Supersede';
  /** The rollout that takes its place. */
  readonly by: string;
}
/** Keeps a fact that the rules could not use. */
export interface RecordLateFact extends Timed {
  readonly type: 'RecordLateFact';
  readonly fact: string;
  readonly code: string;
  readonly reason: string;
}

export type RolloutCommand =
  | PlanRollout
  | RecordApproval
  | RejectStep
  | RecordEvidence
  | Evaluate
  | Pause
  | Resume
  | WaiveHold
  | RollBack
  | ConfirmRollback
  | Supersede
  | RecordLateFact;
