export { PLATFORM_IN_SERVICE, type PlatformFacts } from './platform.js';
export { ValidationModule, type ValidationOptions } from './validation.module.js';
