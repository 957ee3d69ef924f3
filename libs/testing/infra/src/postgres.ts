import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from '@kwanus/database';
import pg from 'pg';

/** A running PostgreSQL of its own, for the tests. */
export interface TestCluster {
  /** Superuser URL of the database `postgres`. */
  readonly url: string;
  /** Process id of the postmaster, for specs that kill it. */
  readonly pid: number;
  /** Starts it again after it was killed or stopped. */
  readonly start: () => Promise<void>;
  /** Stops it and removes its files. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a PostgreSQL cluster in a temporary folder. Specs that use one are serial: each waits here for the one before, so that
 * a machine with few cores runs one extra cluster at a time.
 * @param settings server settings as on the command line, for example `{ max_connections: '50' }`
 */
export async function startTestCluster(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestCluster> {
  const turn = await takeTurn(CLUSTER_LOCK);
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-pg-'));
  const server = new Server(folder, settings);
  await server.prepare();
  await server.start();
  return {
    url: server.url('postgres'),
    get pid() {
      return server.running() ?? -1;
    },
    start: () => server.start(),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      await turn.end();
    },
  };
}

const CLUSTER_LOCK = 5_520_118_003;
/** A spec that needs a cluster of its own too takes that first. */
export const BROKER_LOCK = 5_520_118_004;

/** Waits until no other spec of this run holds the lock. @returns what gives it back */
export async function takeTurn(lock: number): Promise<{ end: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: sharedCluster() });
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [lock]);
  return client;
}

function sharedCluster(): string {
  const url = process.env['KWANUS_TEST_PG_URL'];
  if (url === undefined)
    throw new Error('KWANUS_TEST_PG_URL is not set: run the specs with `npm run jest -- PATH`.');
  return url;
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
export async function testDatabase(clusterUrl = sharedCluster()): Promise<TestDatabase> {
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
