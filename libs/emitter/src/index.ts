export { Emitter, type EmitterCounts } from './emitter.js';
export type {
  DropReason,
  EmitterBounds,
  EmitterOptions,
  HttpTarget,
  KafkaTarget,
  OverHttp,
  OverKafka,
} from './options.js';
export type { ApiCall, ExtensionRun, Origin, PermissionUse, WorkflowRun } from './telemetry.js';
