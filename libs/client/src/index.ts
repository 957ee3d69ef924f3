export { ArtifactsClient } from './artifacts.js';
export { BodiesClient } from './bodies.js';
export { Calls, type CommandOptions, type PageOf, type ReadOptions, segment } from './calls.js';
export {
  accepted,
  Connection,
  type ConnectionOptions,
  jsonOf,
  type Method,
  type RequestOptions,
} from './connection.js';
export {
  ApiProblem,
  ClientMisused,
  catalogueCodeOf,
  ProblemDocument,
  problemOf,
  UnexpectedAnswer,
  Unreachable,
} from './errors.js';
export { type IntegrationFilter, IntegrationsClient, type ReadAt } from './integrations.js';
export { freshKey } from './key.js';
export { KwanusClient } from './kwanus-client.js';
export { readStream, type StreamMessage, type StreamOptions } from './stream.js';
