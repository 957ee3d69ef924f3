export { asyncApiDocument } from './async-api.js';
export { DeadLetterHeaders, EventHeaders, TelemetryHeaders } from './envelope.js';
export { TELEMETRY_EXAMPLES } from './examples.js';
export * as intakeHttp from './http/intake.js';
export * as monitoringHttp from './http/monitoring.js';
export * as operationsHttp from './http/operations.js';
export { type OwningService, ownerOf, PATH_OWNERS, SERVICES } from './http/path-owners.js';
export * as rolloutHttp from './http/rollout.js';
export * as validationHttp from './http/validation.js';
export { type JsonSchema, jsonSchemaOf, messageJsonSchemas } from './json-schemas.js';
export * as integrationMessages from './messages/integration.v1.js';
export * as integrationFacts from './messages/integration-facts.v1.js';
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
export { messagesReference } from './messages-reference.js';
export { isProblemCode, PROBLEMS, type Problem, type ProblemCode, problemType } from './problems.js';
export { kebab, MESSAGE_TYPES, type MessageType } from './registry.js';
export { groupOf, READERS, type ServiceName, TOPICS, type Topic, type TopicName } from './topics.js';
