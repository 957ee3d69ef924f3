import pg from 'pg';

/** One step of a schema, forward only; a released one is never edited. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The schema was brought further by a newer version of this software: an older one must not write to it. */
export class SchemaNewer extends Error {
  override readonly name = 'SchemaNewer';
  readonly code = 'schema-newer';

  constructor(schema: string, migration: string) {
    super(
      `Schema ${schema} has migration ${migration}, which this version does not know. Start the version that made it, or a newer one.`,
    );
  }
}

/**
 * Works on a schema while no other process that starts at the same time does.
 * @param url a direct connection (no transaction pooler: the lock belongs to the session) of a role that may create the schema
 * @param lock names the advisory lock; one for each schema
 * @throws what the work throws; Error when the server can't be reached within 10 s or one statement takes over 2 min
 */
export async function migrateSchema(
  url: string,
  lock: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 120_000,
    keepAlive: true,
  });
  // A connection that breaks fails the query in hand, which tells it; between two queries the next one does.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lock]);
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Applies what is missing, each step in a transaction of its own with its mark.
 * @param schema as it stands in SQL, quoted where it must be; created when it is not there
 * @param table holds the marks, by default `migration`
 * @throws SchemaNewer when the schema holds a mark that the list does not
 */
export async function applyMigrations(
  client: pg.Client,
  schema: string,
  migrations: readonly Migration[],
  table = 'migration',
): Promise<void> {
  const marks = `${schema}.${table}`;
  await client.query(
    `CREATE SCHEMA IF NOT EXISTS ${schema};
     CREATE TABLE IF NOT EXISTS ${marks} (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${marks}`);
  const applied = new Set(rows.map(({ name }) => name));
  const unknown = [...applied].find((name) => migrations.every((migration) => migration.name !== name));
  if (unknown !== undefined) throw new SchemaNewer(schema, unknown);
  for (const { name, sql } of migrations) {
    if (applied.has(name)) continue;
    await inTransaction(client, async () => {
      await client.query(sql);
      await client.query(`INSERT INTO ${marks} (name) VALUES ($1)`, [name]);
    });
  }
}

/** Runs the work between BEGIN and COMMIT. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
