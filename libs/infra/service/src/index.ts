export type { ServiceDefinition, ServiceName, ServiceOptions } from './options.js';
export { CLOCK, IDENTITIES, SERVICE_OPTIONS, ServiceModule } from './service.module.js';
