export { LeaseLost } from './background/jobs.js';
export {
  DeciderStreams,
  type DomainEvent,
  type EventForm,
  type Handle,
  type Handled,
  type Loaded,
  plainEvents,
} from './decider-streams.js';
export {
  CommandReused,
  LogUnusable,
  PayloadRefused,
  RebuildRunning,
  RegistrationError,
  Unavailable,
  VersionConflict,
} from './errors.js';
export type {
  Actor,
  Appended,
  AppendRequest,
  CommandMetadata,
  EventMetadata,
  ExpectedVersion,
  NewEvent,
  Position,
  StoredEvent,
} from './event.js';
export type { EventLog, EventLogOptions, LogLogger } from './event-log.js';
export {
  EventStore,
  type LogSlice,
  type ReadStreamOptions,
  type StreamSlice,
  UnitOfWork,
} from './event-store.port.js';
export { LONGEST_ID } from './log/append-parameters.js';
export { endConnection } from './log/end-connection.js';
export { EPOCH_RAISED } from './log/epoch.js';
export { streamTypeOf } from './log/stream-id.js';
export type { Upcaster } from './log/upcasters.js';
export type { ChainReport } from './log/verify-stream.js';
export { openEventLog } from './open-event-log.js';
export {
  type Projection,
  type ProjectionStatus,
  Projections,
  type ProjectionWriter,
  type RebuildProgress,
} from './projection.port.js';
export { type ConsumerStatements, consumerStatements } from './schema/consumer.sql.js';
export type { ExtraTable } from './schema/migrate.js';
export type { Horizon } from './subscription/horizon.js';
export { comparePositions, LogWatch } from './subscription/log-watch.js';
export { TENANT } from './tenant.js';
export {
  type DueDate,
  DueDates,
  type DueHandler,
  type Job,
  type JobHandler,
  type JobStatus,
  Jobs,
  type Reaction,
  Reactions,
} from './work.port.js';
