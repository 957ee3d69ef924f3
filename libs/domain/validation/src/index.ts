export {
  type GrantsCommand,
  type GrantsEvent,
  type HeldGrants,
  heldBy,
  type IntegrationGrants,
  integrationGrants,
  type PermissionViolation,
} from './grants.js';
export type { Blocking, NotedWaiver } from './let-through.js';
export {
  type CompatibilityMatrix,
  compatibilityMatrix,
  type MatrixCell,
  type MatrixCommand,
  type MatrixEvent,
  type NotedRun,
} from './matrix.js';
export { CELL_STATES, type CellState, type Column, canRollOut, type RolloutAnswer } from './matrix-cell.js';
export {
  type PlatformCommand,
  type PlatformVersionReleased,
  type PlatformVersions,
  platformVersions,
} from './platform.js';
export {
  type FirstPermission,
  type PermissionRegistry,
  type PermissionStatus,
  type PermissionTerms,
  permissionRegistry,
  type RegisteredPermission,
  type RegistryActor,
  type RegistryCommand,
  type RegistryContext,
  type RegistryEvent,
} from './registry.js';
export {
  type Revocation,
  type RevocationCommand,
  type RevocationEvent,
  type RevocationEvidence,
  type RevocationGround,
  revocationOf,
  revokedFrom,
} from './revocations.js';
export {
  CHECK_OUTCOMES,
  type CheckOutcome,
  type FinishedCheck,
  type RequestedSubmission,
  type RunCommand,
  type RunEvent,
  type RunOf,
  type RunOutcome,
  type RunPins,
  type RunPurpose,
  type RunRequest,
  type RunVerdict,
  type ValidationRun,
  validationRun,
} from './run.js';
export { bodiesOf, type SeatCommand, type SeatNoted, type Seats, seatsNoted } from './seats.js';
