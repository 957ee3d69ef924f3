export type { LogName, ServiceDefinition, ServiceName, ServiceOptions, ServiceTable } from './options.js';
export { openApiDocument } from './process/open-api-document.js';
export {
  openTransport,
  type TransportConfiguration,
  type TransportSurroundings,
} from './process/open-transport.js';
export { runService } from './process/run-service.js';
export { type RunningService, type ServiceProgram, startService } from './process/service-process.js';
export { ServiceModule } from './service.module.js';
export { CLOCK, EVENT_LOG, IDENTITIES, RELAY, SERVICE_OPTIONS } from './tokens.js';
