export { Accumulator, type DeclaredNames, mergeTotals } from './accumulator.js';
export {
  type AcknowledgeAlert,
  type Alert,
  type AlertAcknowledged,
  type AlertCommand,
  type AlertEvent,
  type AlertRaised,
  type AlertResolved,
  alert,
  type RaiseAlert,
  type ResolveAlert,
} from './alert.decider.js';
export { type AlertCondition, burnConditions, permissionConditions } from './alerting.js';
export {
  type Burn,
  burnFactor,
  burnRate,
  type ErrorBudget,
  errorBudget,
  evaluateBurn,
  type Objective,
  type Spans,
  spansOf,
} from './burn.js';
export { countDistinct, DISTINCT_KEPT, type Distinct, distinctOf, mergeDistinct } from './distinct.js';
export {
  type Disuse,
  type DisuseCommand,
  type DisuseEvent,
  type DisuseSettled,
  disuse,
  type HeldPermission,
  nextReview,
  type PermissionUnused,
  type PermissionUsedAgain,
  type ReviewUse,
  type SettleDisuse,
} from './disuse.decider.js';
export { milliseconds } from './duration.js';
export type { ApiCall, ExtensionRun, PermissionUse, TelemetryFact, WorkflowRun } from './facts.js';
export { type Gate, type GateVerdict, gate, type RecordVerdict, type ReportSilence } from './gate.decider.js';
export { heldPermissions, liveRollout } from './held-permissions.js';
export { LATENCY_BOUNDS, type Latency, latencyOf, mergeLatency, NO_LATENCY, percentile } from './latency.js';
export {
  addCounts,
  type CountedSignal,
  type Counts,
  NO_COUNTS,
  type SignalCounts,
  signalCounts,
} from './signals.js';
export {
  CAPS,
  type ExtensionTotals,
  type NamedCount,
  NO_TOTALS,
  type OperationTotals,
  OTHER,
  type PermissionTotals,
  type WindowTotals,
  type WorkflowTotals,
} from './totals.js';
export {
  type Grant,
  isProbing,
  judgePermissions,
  type PermissionCounts,
  type PermissionUsage,
} from './usage.js';
export {
  type GateEvidence,
  type JudgedSignal,
  type Judgement,
  judgeGate,
  nameOf,
  quickest,
  type SignalSeries,
} from './verdict.js';
export {
  type ExposureEnded,
  type ExposureStarted,
  type GrantRevoked,
  liveRollouts,
  type RecordFact,
  type ReleaseEnded,
  type ReleaseWatched,
  type WatchEvent,
  type WatchedRollout,
  type WatchState,
  watch,
} from './watch.decider.js';
export { declaredNames, objectiveOf, type Watched } from './watched.js';
export {
  type FoldContext,
  type Folded,
  foldTelemetry,
  type OpenWindows,
  type Progress,
  type Refusal,
  type ReleaseWindow,
  sealByClock,
  type WindowRules,
  windowOf,
} from './windows.js';
