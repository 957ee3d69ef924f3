export * as integrationMessages from './messages/integration.v1.js';
export * as monitoringMessages from './messages/monitoring.v1.js';
export {
  CheckOutcome,
  Digest,
  FileReference,
  Finding,
  IntegrationId,
  Moment,
  ReleaseVersion,
  RiskLevel,
  RolloutType,
  SubmissionReference,
  ValidationKind,
} from './messages/parts.js';
export * as rolloutMessages from './messages/rollout.v1.js';
export * as telemetryMessages from './messages/telemetry.v1.js';
export * as validationMessages from './messages/validation.v1.js';
export { kebab, MESSAGE_TYPES, type MessageType } from './registry.js';
export { TOPICS, type Topic } from './topics.js';
