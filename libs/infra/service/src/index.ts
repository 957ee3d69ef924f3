export type { LogName, ServiceDefinition, ServiceName, ServiceOptions, ServiceTable } from './options.js';
export { CLOCK, IDENTITIES, SERVICE_OPTIONS, ServiceModule } from './service.module.js';
