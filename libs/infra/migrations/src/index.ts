export { applyMigrations, inTransaction, type Migration, migrateSchema, SchemaNewer } from './migrations.js';
