import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import pg from 'pg';
import { RelayTurn } from './relay-turn.js';

const never = new AbortController().signal;

describe('the turn of a relay', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  it('is given up though the server has frozen and says nothing', async () => {
    const turn = await RelayTurn.take(database.url, 'frozen', never);
    const { rows } = await sql.query<{ pid: number }>(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    const pid = rows[0]?.pid ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGSTOP');
    try {
      await turn.release();
      expect(turn.lost.aborted).toBe(true);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const next = await RelayTurn.take(database.url, 'frozen', never);
    await next.release();
  }, 30_000);
});
