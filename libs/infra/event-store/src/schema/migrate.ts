import { applyMigrations, migrateSchema } from '@kwanus/migrations';
import type pg from 'pg';
import { LogUnusable } from '../errors.js';
import { MIGRATIONS } from './migrations.js';
import { type LogNames, quoteName } from './names.js';

/** A table of a service's own in the log's schema, neither log nor read model. */
export interface ExtraTable {
  readonly name: string;
  /** @returns `CREATE TABLE IF NOT EXISTS …` for the qualified, quoted name */
  readonly create: (qualifiedName: string) => string;
}

/** What to bring up to date, and for whom. */
export interface MigrateOptions {
  /** Owner of the schema, direct (no transaction pooler). */
  readonly migrationUrl: string;
  readonly names: LogNames;
  /** The application's role; granted what it needs and no more. */
  readonly role: string;
  readonly extraTables: readonly ExtraTable[];
}

/**
 * Brings a log's schema up to date under an advisory lock, so that processes that start together do it once.
 * @throws SchemaNewer when a newer version of this software was here
 * @throws LogUnusable when the server is older than PostgreSQL 17, or the encoding not UTF8
 */
export async function migrateLog(options: MigrateOptions): Promise<void> {
  const { migrationUrl, names } = options;
  await migrateSchema(migrationUrl, `${names.lockPrefix}migrate`, async (client) => {
    await checkServer(client);
    const migrations = MIGRATIONS.map(({ name, sql }) => ({ name, sql: sql(names) }));
    await applyMigrations(client, names.quoted, migrations, 'es_migration');
    await applyExtra(client, options);
    await grant(client, options);
  });
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    "SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding",
  );
  const [found] = rows;
  if (found === undefined || found.version < 170_000)
    throw new LogUnusable('server-too-old', `PostgreSQL 17 or newer is needed; this is ${found?.version}.`);
  if (found.encoding !== 'UTF8')
    throw new LogUnusable('encoding', `The database's encoding must be UTF8; it is ${found.encoding}.`);
}

async function applyExtra(client: pg.Client, { names, extraTables, role }: MigrateOptions): Promise<void> {
  for (const { name, create } of extraTables) {
    const qualified = `${names.quoted}.${quoteName(name)}`;
    await client.query(create(qualified));
    await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${qualified} TO ${quoteName(role)}`);
  }
}

const OWN_TABLES = [
  'es_checkpoint',
  'es_inbox',
  'es_stream_pos',
  'es_parked',
  'es_job',
  'es_due',
  'http_idempotency',
];

async function grant(client: pg.Client, { names: { quoted }, role }: MigrateOptions): Promise<void> {
  const to = quoteName(role);
  const own = OWN_TABLES.map((table) => `${quoted}.${table}`).join(', ');
  await client.query(
    `GRANT USAGE ON SCHEMA ${quoted} TO ${to};
     GRANT SELECT, INSERT ON ${quoted}.es_event TO ${to};
     GRANT SELECT, INSERT, UPDATE ON ${quoted}.es_stream TO ${to};
     GRANT SELECT ON ${quoted}.es_log, ${quoted}.es_projection, ${quoted}.es_migration TO ${to};
     GRANT SELECT ON SEQUENCE ${quoted}.es_epoch TO ${to};
     GRANT SELECT, INSERT, UPDATE, DELETE ON ${own} TO ${to};
     GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${quoted} TO ${to}`,
  );
}
