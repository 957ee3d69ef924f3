import { applyMigrations, type Migration, migrateSchema } from '@kwanus/migrations';
import pg from 'pg';

const LOCK = 'kwanus artifacts migrations';

/** In order; one that has been released is never edited. */
const MIGRATIONS: readonly Migration[] = [
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
 * @throws SchemaNewer when a newer version of this software was here
 */
export async function migrateArtifacts(url: string, role?: string): Promise<void> {
  await migrateSchema(url, LOCK, async (client) => {
    await applyMigrations(client, 'artifacts', MIGRATIONS);
    if (role !== undefined) await grant(client, role);
  });
}

async function grant(client: pg.Client, role: string): Promise<void> {
  const to = pg.escapeIdentifier(role);
  await client.query(
    `GRANT USAGE ON SCHEMA artifacts TO ${to}; GRANT SELECT, INSERT ON artifacts.artifact TO ${to}`,
  );
}
