export {
  type DatabaseNews,
  discardEmbeddedDatabase,
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  openEmbeddedDatabase,
} from './embedded-database.js';
export { DatabaseUnusable } from './errors.js';
export { freePort } from './free-port.js';
export { Server } from './server.js';
