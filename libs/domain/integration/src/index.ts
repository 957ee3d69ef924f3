export type { IntegrationContext, Membership } from './context.js';
export { addDuration, DurationInvalid } from './dates.js';
export { actorOf, describe, reasonOf } from './describe.js';
export { type DueMoment, dueDates } from './due.js';
export { type Gate, gate, gatesOf, releaseOf } from './gates.js';
export { asEvent, foldFrom, type Recorded, UnknownEvent, UPCASTERS } from './history.js';
export {
  AdoptPlaybook,
  ChooseStricterRollout,
  type Giver,
  GrantWaiver,
  type IntegrationCommand,
  MoveIntegration,
  MoveRelease,
  PassTime,
  RecordEvidence,
  RecordFact,
  RecordStewardship,
  RequestValidation,
  SubmitRelease,
  UpdateLifecycle,
  Vote,
} from './integration.commands.js';
export { integration } from './integration.decider.js';
export type {
  CheckVerdict,
  Declared,
  EventOf,
  FileReference,
  IntegrationEvent,
  StewardshipItem,
  SubmissionReference,
  Submitted,
  ValidationFacts,
  VoteKind,
  WaiverTarget,
} from './integration.events.js';
export { evolve } from './integration.evolve.js';
export type {
  Integration,
  Release,
  ReleaseStatus,
  Rollout,
  Steward,
  Task,
  Validation,
  Vote as RecordedVote,
  Waiver,
} from './integration.state.js';
export { quorumOf } from './judges.js';
export { riskOf, rolloutTypeOf } from './risk.js';
export { compareVersions } from './versions.js';
export { coveredDigests, type Standing, standingOf, votesInForce } from './votes.js';
export { isWaived, waiversInForce } from './waivers.js';
