import pg from 'pg';

const LOCK = 'kwanus artifacts migrations';

/** In order; one that has been released is never edited. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: '001-artifact',
    sql: `
CREATE TABLE artifacts.artifact (
  digest text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  media_type text NOT NULL,
  size integer NOT NULL CHECK (size = octet_length(bytes)),
  bytes bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE artifacts.artifact ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE FUNCTION artifacts.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'artefacts are written once: % is refused', tg_op USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON artifacts.artifact
  FOR EACH STATEMENT EXECUTE FUNCTION artifacts.refuse_change();`,
  },
];

/**
 * Brings the schema `artifacts` up to date; safe beside other processes that do the same.
 * @param url a direct connection of a role that may create the schema
 * @param role the store's own role, where it differs: it is granted SELECT and INSERT, nothing else
 */
export async function migrateArtifacts(url: string, role?: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [LOCK]);
    await client.query(
      'CREATE SCHEMA IF NOT EXISTS artifacts; CREATE TABLE IF NOT EXISTS artifacts.migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ name: string }>('SELECT name FROM artifacts.migration');
    const applied = new Set(rows.map(({ name }) => name));
    for (const { name, sql } of MIGRATIONS) if (!applied.has(name)) await apply(client, name, sql);
    if (role !== undefined) await grant(client, role);
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, name: string, sql: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO artifacts.migration (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function grant(client: pg.Client, role: string): Promise<void> {
  const to = pg.escapeIdentifier(role);
  await client.query(
    `GRANT USAGE ON SCHEMA artifacts TO ${to}; GRANT SELECT, INSERT ON artifacts.artifact TO ${to}`,
  );
}
