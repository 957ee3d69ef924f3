import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { DatabaseUnusable } from './errors.js';
import { Server } from './server.js';

/** Something that happened to the database and that an operator wants to read. */
export interface DatabaseNews {
  readonly kind: 'started' | 'adopted' | 'connection-lost' | 'restarted' | 'lost';
  readonly message: string;
}

export interface EmbeddedDatabaseOptions {
  /** Folder of the cluster, `.kwanus` by default elsewhere; absolute. */
  readonly folder: string;
  /** Shown to another host that finds the lock held: which port this host listens on. */
  readonly hostPort: number;
  readonly onNews: (news: DatabaseNews) => void;
}

/** The database of one host. While it is open, no other host can open it. */
export interface EmbeddedDatabase {
  readonly url: string;
  /** True when a server that an earlier host left behind was taken over. */
  readonly adopted: boolean;
  /** Gives the lock back and stops the server. */
  readonly close: () => Promise<void>;
}

const DATABASE = 'kwanus';
/** Any constant: the key of the session advisory lock that is the host's life. */
const HOST_LOCK = 7_263_925_901;
const HELD_AFTER_MS = 2_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Opens the PostgreSQL in the folder: makes it, starts it, or adopts the one that a killed host left running. The host's life
 * is a session advisory lock in that server.
 * @throws DatabaseUnusable `held` (names the holder's pid and port), `unreachable-folder`, `no-binaries`, `no-os-user`, `start-failed`
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const server = new Server(options.folder);
  await server.prepare();
  const adopted = server.running() !== null;
  await server.start();
  const life = new HostLife(server, options);
  await life.take();
  await createDatabase(server.url('postgres'));
  options.onNews(
    adopted
      ? { kind: 'adopted', message: `Took over the PostgreSQL that was left running on port ${server.port}.` }
      : { kind: 'started', message: `PostgreSQL runs on port ${server.port}.` },
  );
  return {
    url: server.url(DATABASE),
    adopted,
    close: async () => {
      await life.end();
      await server.stop();
    },
  };
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // what is under way hears of it
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** Holds the host's lock on a connection of its own, and brings the server back when it dies. */
class HostLife {
  private client: pg.Client | null = null;
  private ended = false;

  constructor(
    private readonly server: Server,
    private readonly options: EmbeddedDatabaseOptions,
  ) {}

  async take(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.server.url('postgres'),
      application_name: `kwanus-host pid=${process.pid} port=${this.options.hostPort}`,
      keepAlive: true,
    });
    client.on('error', () => undefined); // 'end' follows
    await client.connect();
    const until = Date.now() + HELD_AFTER_MS;
    while (!(await tryLock(client))) {
      if (Date.now() > until) {
        const holder = await holderOf(client);
        await client.end();
        throw new DatabaseUnusable(
          'held',
          `Another host uses this data folder (${holder}).`,
          'Stop it first, or give this one another folder with KWANUS_DATA_DIR.',
        );
      }
      // A killed host's connection takes the server a moment to notice.
      await pause(50);
    }
    this.client = client;
    client.once('end', () => {
      if (this.client === client && !this.ended) void this.recover();
    });
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.client?.end();
    this.client = null;
  }

  private async recover(): Promise<void> {
    this.options.onNews({ kind: 'connection-lost', message: 'The connection to PostgreSQL broke off.' });
    let wait = 100;
    while (!this.ended) {
      try {
        await this.server.restart();
        await this.take();
        this.options.onNews({
          kind: 'restarted',
          message: `PostgreSQL answers again on port ${this.server.port}.`,
        });
        return;
      } catch (error) {
        if (error instanceof DatabaseUnusable && error.code === 'held') {
          this.options.onNews({ kind: 'lost', message: error.message });
          return;
        }
        await pause(wait);
        wait = Math.min(wait * 2, 2_000);
      }
    }
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
    HOST_LOCK,
  ]);
  return rows[0]?.taken === true;
}

async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND ((l.classid::bigint << 32) | l.objid::bigint) = $1`,
    [HOST_LOCK],
  );
  return rows[0]?.name.replace(/^kwanus-host /, '') ?? 'it left this moment';
}

/**
 * Removes the data folder with its database; one that an earlier host left running is stopped first.
 * @throws DatabaseUnusable `held` when a host is using it: then nothing is removed
 */
export async function discardEmbeddedDatabase(folder: string): Promise<void> {
  if (existsSync(join(folder, 'postgres', 'postmaster.pid')) && new Server(folder).running() !== null) {
    const orphan = await openEmbeddedDatabase({ folder, hostPort: 0, onNews: () => undefined });
    await orphan.close();
  }
  rmSync(folder, { recursive: true, force: true });
}
