export type { LogName, ServiceDefinition, ServiceName, ServiceOptions, ServiceTable } from './options.js';
export { runService } from './process/run-service.js';
export { type RunningService, type ServiceFactory, startService } from './process/service-process.js';
export { ServiceModule } from './service.module.js';
export { CLOCK, EVENT_LOG, IDENTITIES, RELAY, SERVICE_OPTIONS } from './tokens.js';
