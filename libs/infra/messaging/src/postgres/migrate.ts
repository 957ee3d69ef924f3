import pg from 'pg';
import { MIGRATIONS } from './migrations.js';

const LOCK = 'kwanus bus migrations';

/**
 * Brings the schema `bus` up to date; safe beside other processes that do the same.
 * @param url a direct connection (no transaction pooler) of a role that may create the schema
 * @param reader role that the transport runs under, where it differs: it is granted what it needs
 */
export async function migrateBus(url: string, reader?: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [LOCK]);
    await client.query(
      'CREATE SCHEMA IF NOT EXISTS bus; CREATE TABLE IF NOT EXISTS bus.migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ name: string }>('SELECT name FROM bus.migration');
    const applied = new Set(rows.map(({ name }) => name));
    for (const { name, sql } of MIGRATIONS) if (!applied.has(name)) await apply(client, name, sql);
    if (reader !== undefined) await grant(client, reader);
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, name: string, sql: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO bus.migration (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
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
