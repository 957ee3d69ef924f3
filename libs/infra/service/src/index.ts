export type { LogName, ServiceDefinition, ServiceName, ServiceOptions, ServiceTable } from './options.js';
export { ServiceModule } from './service.module.js';
export { CLOCK, EVENT_LOG, IDENTITIES, RELAY, SERVICE_OPTIONS } from './tokens.js';
