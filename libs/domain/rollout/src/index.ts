export { type Refusal, refusalOf } from './admission.js';
export { BUCKETS, bucketOf, isExposed } from './bucketing.js';
export { between, later, milliseconds } from './duration.js';
export {
  type BurnEvidence,
  type Counts,
  type Evidence,
  requestsIn,
  type SignalEvidence,
} from './evidence.js';
export { rolloutOfFacts } from './fact.js';
export {
  evaluateFlag,
  evolveFlag,
  type Flag,
  type FlagAnswer,
  type FlagContext,
  type FlagReason,
  type FlagRollout,
  newFlag,
} from './flag.js';
export {
  ENGINE,
  type Finding,
  find,
  HOLD_CODES,
  type HoldCode,
  judge,
  type Progress,
  ROLLBACK_CODES,
  type RollbackCode,
} from './judge.js';
export { isLaxer, listsOpenAt, type PlannedStep, planRollout, type RolloutPlan } from './plan.js';
export { atStep, demandOf, missingFor } from './position.js';
export {
  type LifecycleKind,
  type LifecycleNoted,
  type Register,
  type RegisterCommand,
  type RegisterEvent,
  type ReleaseRecorded,
  type RolloutOpened,
  refusalByRegister,
  releases,
} from './register.decider.js';
export type { RolloutCommand } from './rollout.commands.js';
export { type RolloutContext, rollout } from './rollout.decider.js';
export type {
  Approval,
  AtStep,
  Decision,
  OfRollout,
  RolloutEvent,
  RolloutPlanned,
  RolloutRefused,
  RolloutRequest,
} from './rollout.events.js';
export {
  type Hold,
  isExposing,
  isFinal,
  isOver,
  ROLLOUT_STATUSES,
  type Rollout,
  type RolloutStatus,
} from './rollout.state.js';
export { nextDue } from './stepping.js';
