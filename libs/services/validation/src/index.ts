export { FirstDayRefused } from './first-day/committed-files.js';
export type { PlatformFacts } from './platform/platform.js';
export { vulnerabilityDatabaseOf } from './runs/vulnerability-database.js';
export { ValidationModule, type ValidationOptions } from './validation.module.js';
