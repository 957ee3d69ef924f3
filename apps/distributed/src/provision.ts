import { SERVICES } from '@kwanus/contracts';
import pg from 'pg';
import { type DatabaseLogin, loginsOf, READERS } from './secrets.js';

const ARTIFACTS = 'kwanus_artifacts';
const DATABASES = [...SERVICES.map((service) => `kwanus_${service}`), ARTIFACTS];
const quoted = pg.escapeIdentifier;

/**
 * Makes the databases and login roles of all services, from the URLs in the secrets' folder; what is there is brought into line.
 * Each service has a database that nobody else may connect to: its owner (migrations) and its application's role. The artefact
 * store is a database of its own: intake inserts, validation and rollout read.
 * @param adminUrl a superuser, on any database of the server
 */
export async function provision(adminUrl: string, secretsFolder: string): Promise<void> {
  const logins = loginsOf(secretsFolder);
  await connected(adminUrl, async (client) => {
    for (const login of distinct(logins)) await makeRole(client, login);
    for (const database of DATABASES) await makeDatabase(client, database, logins);
  });
  for (const database of DATABASES)
    await connected(inDatabase(adminUrl, database), (client) =>
      client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC'),
    );
  await connected(inDatabase(adminUrl, ARTIFACTS), openArtifacts);
}

function inDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

const distinct = (logins: readonly DatabaseLogin[]): DatabaseLogin[] => [
  ...new Map(logins.map((login) => [login.role, login])).values(),
];

async function makeRole(client: pg.Client, { role, password }: DatabaseLogin): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${quoted(role)} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
}

async function makeDatabase(
  client: pg.Client,
  database: string,
  logins: readonly DatabaseLogin[],
): Promise<void> {
  const owner = `${database}_owner`;
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(owner)}`);
  // A dump that was restored into a new database left that one with whoever made it.
  else await client.query(`ALTER DATABASE ${quoted(database)} OWNER TO ${quoted(owner)}`);
  await client.query(`REVOKE ALL ON DATABASE ${quoted(database)} FROM PUBLIC`);
  for (const { role } of logins.filter((login) => login.database === database && login.role !== owner))
    await client.query(`GRANT CONNECT ON DATABASE ${quoted(database)} TO ${quoted(role)}`);
}

/** Readers may read what the owner will make; what intake may do is granted by the store's own migration. */
async function openArtifacts(client: pg.Client): Promise<void> {
  const owner = quoted(`${ARTIFACTS}_owner`);
  const readers = READERS.map((service) => quoted(`kwanus_${service}`)).join(', ');
  await client.query(
    `CREATE SCHEMA IF NOT EXISTS artifacts AUTHORIZATION ${owner};
     GRANT USAGE ON SCHEMA artifacts TO ${readers};
     ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA artifacts GRANT SELECT ON TABLES TO ${readers}`,
  );
}

async function connected(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // what is under way hears of it
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
