export { PlaybookRefused } from './errors.js';
export { loadPlaybook, parsePlaybook, playbookVersions, type TextOf } from './load.js';
export { playbookJsonSchemas } from './schema.js';
