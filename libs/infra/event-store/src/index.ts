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
export { EventStore, type ReadStreamOptions, type StreamSlice, UnitOfWork } from './event-store.port.js';
export {
  type Projection,
  type ProjectionStatus,
  Projections,
  type ProjectionWriter,
  type RebuildProgress,
} from './projection.port.js';
export {
  type DueDate,
  DueDates,
  type DueHandler,
  type Job,
  type JobHandler,
  Jobs,
  type Reaction,
  Reactions,
} from './work.port.js';
