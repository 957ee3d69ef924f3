import { inTransaction } from '@kwanus/migrations';
import pg from 'pg';
import { endConnection } from '../log/end-connection.js';
import { asUnavailable } from '../log/pg-errors.js';
import type { Projection } from '../projection.port.js';
import { type LogNames, quoteName } from '../schema/names.js';

/** One build of a projection. */
export interface Generation {
  readonly generation: number;
  /** The projection's version that it was built by. */
  readonly shape: number;
  readonly state: 'serving' | 'building';
}

/** @returns the name under which a projection's checkpoints stand; their version is the generation */
export const projectionSubscriber = (name: string): string => `projection:${name}`;

interface Row extends Generation {
  readonly tables: readonly string[];
}

/**
 * The tables of the read models and which of them are served. Runs as the owner of the schemas on a direct connection, so that
 * even a read schema that was dropped whole is made anew.
 */
export class Generations {
  constructor(
    private readonly migrationUrl: string,
    private readonly names: LogNames,
    private readonly role: () => string,
  ) {}

  /** @returns the quoted, qualified name of a projection's table in a generation */
  physical(table: string, generation: number): string {
    return `${this.names.quotedRead}.${quoteName(`${table}_g${generation}`)}`;
  }

  /**
   * Sees to it that a generation is served: the present one if its tables are there, else a new, empty one.
   * @returns what is served
   */
  async ensureServing(projection: Projection): Promise<Generation> {
    return this.#locked(projection.name, async (client) => {
      const rows = await this.#rows(client, projection.name);
      const serving = rows.find(({ state }) => state === 'serving');
      if (serving !== undefined && (await this.#tablesExist(client, serving))) return serving;
      if (serving !== undefined) await this.#remove(client, projection.name, serving);
      const generation = nextOf(rows);
      await this.#create(client, projection, generation, 'serving');
      await this.#showViews(client, projection, generation);
      return { generation, shape: projection.version, state: 'serving' };
    });
  }

  /** Begins a new generation beside the one that is served; an unfinished one is removed. */
  async beginBuilding(projection: Projection): Promise<number> {
    return this.#locked(projection.name, async (client) => {
      const rows = await this.#rows(client, projection.name);
      for (const row of rows) if (row.state === 'building') await this.#remove(client, projection.name, row);
      const generation = nextOf(rows);
      await this.#create(client, projection, generation, 'building');
      return generation;
    });
  }

  /**
   * Serves the new generation from now on and drops the old one. The old one stands still while `catchUp` brings the new one to
   * where it is: readers never see a read model go back.
   */
  async switchTo(projection: Projection, generation: number, catchUp: () => Promise<void>): Promise<void> {
    await this.#locked(projection.name, async (client) => {
      const { quoted: s } = this.names;
      const old = (await this.#rows(client, projection.name)).filter((row) => row.generation !== generation);
      await client.query(
        `SELECT 1 FROM ${s}.es_checkpoint WHERE subscriber = $1 AND version = ANY($2) ORDER BY version FOR UPDATE`,
        [projectionSubscriber(projection.name), old.map((row) => row.generation)],
      );
      await catchUp();
      for (const row of old) await this.#remove(client, projection.name, row);
      await this.#showViews(client, projection, generation);
      await client.query(
        `UPDATE ${s}.es_projection SET state = 'serving' WHERE name = $1 AND generation = $2`,
        [projection.name, generation],
      );
    });
  }

  /** Removes what a cut-off build left. */
  async abandon(name: string, generation: number): Promise<void> {
    await this.#locked(name, async (client) => {
      const rows = await this.#rows(client, name);
      const row = rows.find((found) => found.generation === generation && found.state === 'building');
      if (row !== undefined) await this.#remove(client, name, row);
    });
  }

  /** Holds a session lock while the work runs. @returns false when somebody else holds it */
  async alone(name: string, work: () => Promise<void>): Promise<boolean> {
    const client = await this.#connect();
    try {
      const { rows } = await client.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
        [`${this.names.lockPrefix}rebuild:${name}`],
      );
      if (rows[0]?.taken !== true) return false;
      await work();
      return true;
    } finally {
      await endConnection(client);
    }
  }

  /** @throws Unavailable when the database can't be reached, or somebody holds a lock for too long */
  async #locked<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      return await inTransaction(client, async () => {
        await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
          `${this.names.lockPrefix}projection:${name}`,
        ]);
        return work(client);
      });
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      await endConnection(client);
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.migrationUrl,
      connectionTimeoutMillis: 5_000,
      lock_timeout: 10_000,
      keepAlive: true,
      application_name: `kwanus ${this.names.schema} projections`,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      throw asUnavailable(error);
    }
    return client;
  }

  async #rows(client: pg.Client, name: string): Promise<Row[]> {
    const { rows } = await client.query<Row>(
      `SELECT generation, shape, state, tables FROM ${this.names.quoted}.es_projection WHERE name = $1 ORDER BY generation`,
      [name],
    );
    return rows;
  }

  async #tablesExist(client: pg.Client, { tables, generation }: Row): Promise<boolean> {
    const names = tables.flatMap((table) => [
      this.physical(table, generation),
      `${this.names.quotedRead}.${quoteName(table)}`,
    ]);
    const { rows } = await client.query<{ missing: boolean }>(
      'SELECT coalesce(bool_or(to_regclass(n) IS NULL), false) AS missing FROM unnest($1::text[]) n',
      [names],
    );
    return rows[0]?.missing !== true;
  }

  async #create(
    client: pg.Client,
    projection: Projection,
    generation: number,
    state: Generation['state'],
  ): Promise<void> {
    const { quoted: s, quotedRead } = this.names;
    const to = quoteName(this.role());
    await client.query(
      `CREATE SCHEMA IF NOT EXISTS ${quotedRead}; GRANT USAGE ON SCHEMA ${quotedRead} TO ${to}`,
    );
    for (const [table, ddl] of Object.entries(projection.tables)) {
      const physical = this.physical(table, generation);
      await client.query(`DROP TABLE IF EXISTS ${physical}`);
      await client.query(ddl(physical));
      await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${physical} TO ${to}`);
    }
    await client.query(
      `INSERT INTO ${s}.es_projection (name, generation, shape, state, tables) VALUES ($1, $2, $3, $4, $5)`,
      [projection.name, generation, projection.version, state, Object.keys(projection.tables)],
    );
    await client.query(
      `INSERT INTO ${s}.es_checkpoint (subscriber, version) VALUES ($1, $2)
       ON CONFLICT (subscriber, version) DO UPDATE SET epoch = 0, xid = '0', global_position = 0, fence = es_checkpoint.fence + 1`,
      [projectionSubscriber(projection.name), generation],
    );
  }

  async #showViews(client: pg.Client, projection: Projection, generation: number): Promise<void> {
    for (const table of Object.keys(projection.tables)) {
      const view = `${this.names.quotedRead}.${quoteName(table)}`;
      await client.query(`DROP VIEW IF EXISTS ${view}`);
      await client.query(`CREATE VIEW ${view} AS SELECT * FROM ${this.physical(table, generation)}`);
      await client.query(`GRANT SELECT ON ${view} TO ${quoteName(this.role())}`);
    }
  }

  async #dropViews(client: pg.Client, { tables, state }: Row): Promise<void> {
    if (state !== 'serving') return;
    for (const table of tables)
      await client.query(`DROP VIEW IF EXISTS ${this.names.quotedRead}.${quoteName(table)}`);
  }

  async #remove(client: pg.Client, name: string, row: Row): Promise<void> {
    await this.#dropViews(client, row);
    for (const table of row.tables)
      await client.query(`DROP TABLE IF EXISTS ${this.physical(table, row.generation)}`);
    const { quoted: s } = this.names;
    await client.query(`DELETE FROM ${s}.es_projection WHERE name = $1 AND generation = $2`, [
      name,
      row.generation,
    ]);
    await client.query(`DELETE FROM ${s}.es_checkpoint WHERE subscriber = $1 AND version = $2`, [
      projectionSubscriber(name),
      row.generation,
    ]);
  }
}

const nextOf = (rows: readonly Generation[]): number =>
  Math.max(0, ...rows.map(({ generation }) => generation)) + 1;
