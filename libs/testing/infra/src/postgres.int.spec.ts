import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type TestDatabase, testDatabase } from './index.js';

describe('testDatabase', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it('gives an empty database on PostgreSQL 18', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name, current_setting($1) AS version', [
      'server_version_num',
    ]);
    await client.end();
    expect(rows[0].name).toBe(database.name);
    expect(Number(rows[0].version)).toBeGreaterThanOrEqual(180_000);
  });
});
