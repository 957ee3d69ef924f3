import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import pg from 'pg';
import { migrateBus } from './migrate.js';
import { Session } from './session.js';

/** Of this database alone: instances of others have the same numbers. */
const LOCK =
  "locktype = 'advisory' AND classid = 1802658416 AND objid = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

describe('the session of a PostgreSQL transport', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  let lingering: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    await migrateBus(database.url);
    [sql, lingering] = [0, 1].map(() => new pg.Client({ connectionString: database.url })) as [
      pg.Client,
      pg.Client,
    ];
    await Promise.all([sql.connect(), lingering.connect()]);
  });
  afterAll(async () => {
    await Promise.all([sql.end(), lingering.end()]);
    await database.drop();
  });

  /** A session whose lock is held by another connection, as by its own that broke and that the server has not noticed. */
  async function cutOff(events: { trouble: unknown[]; restored: number }): Promise<Session> {
    const session = new Session(database.url, {
      hint: () => undefined,
      restored: () => {
        events.restored += 1;
      },
      trouble: (error) => void events.trouble.push(error),
    });
    await session.open();
    const { rows } = await sql.query(`SELECT pid FROM pg_locks WHERE granted AND ${LOCK}`, [
      session.instance,
    ]);
    const taken = lingering.query('SELECT pg_advisory_lock(1802658416, $1)', [session.instance]);
    await eventually(async () => {
      const waiting = await sql.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND ${LOCK}`, [
        session.instance,
      ]);
      return waiting.rows.length === 1;
    });
    await sql.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
    await taken;
    return session;
  }

  it('comes back when its old connection has let go of the lock', async () => {
    const events = { trouble: [] as unknown[], restored: 0 };
    const session = await cutOff(events);
    await eventually(() => events.trouble.length > 0);
    expect(events.restored).toBe(0);
    await lingering.query('SELECT pg_advisory_unlock_all()');
    await eventually(() => events.restored === 1);
    await session.close();
  });

  it('can be closed while it waits for that', async () => {
    const session = await cutOff({ trouble: [], restored: 0 });
    await session.close();
    await lingering.query('SELECT pg_advisory_unlock_all()');
    const { rows } = await sql.query(`SELECT 1 FROM pg_locks WHERE granted AND ${LOCK}`, [session.instance]);
    expect(rows).toEqual([]);
  }, 10_000);

  it.each([0, 1, 2, 3, 4, 6, 8, 12])('can be closed %i ms after it was lost', async (ms) => {
    let restored = 0;
    const session = new Session(database.url, {
      hint: () => undefined,
      restored: () => void (restored += 1),
      trouble: () => undefined,
    });
    await session.open();
    const held = `SELECT pid FROM pg_locks WHERE granted AND ${LOCK}`;
    const { rows } = await sql.query<{ pid: number }>(held, [session.instance]);
    await sql.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await delay(ms);
    await session.close();
    await eventually(async () => (await sql.query(held, [session.instance])).rows.length === 0);
  });
});
