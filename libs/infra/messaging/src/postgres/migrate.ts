import { applyMigrations, migrateSchema } from '@kwanus/migrations';
import pg from 'pg';
import { MIGRATIONS } from './migrations.js';

const LOCK = 'kwanus bus migrations';

/**
 * Brings the schema `bus` up to date; safe beside other processes that do the same.
 * @param url a direct connection (no transaction pooler) of a role that may create the schema
 * @param reader role that the transport runs under, where it differs: it is granted what it needs
 * @throws SchemaNewer when a newer version of this software was here
 */
export async function migrateBus(url: string, reader?: string): Promise<void> {
  await migrateSchema(url, LOCK, async (client) => {
    await applyMigrations(client, 'bus', MIGRATIONS);
    if (reader !== undefined) await grant(client, reader);
  });
}

async function grant(client: pg.Client, role: string): Promise<void> {
  const to = pg.escapeIdentifier(role);
  await client.query(
    `GRANT USAGE ON SCHEMA bus TO ${to};
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bus TO ${to};
     GRANT USAGE ON ALL SEQUENCES IN SCHEMA bus TO ${to};
     GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bus TO ${to}`,
  );
}
