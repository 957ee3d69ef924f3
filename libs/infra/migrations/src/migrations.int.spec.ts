import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import pg from 'pg';
import { applyMigrations, type Migration, migrateSchema, SchemaNewer } from './index.js';

const TABLE: Migration = { name: '001-table', sql: 'CREATE TABLE thing.one (id integer)' };
const ROW: Migration = { name: '002-row', sql: 'INSERT INTO thing.one VALUES (1)' };
const FAULTY: Migration = { name: '003-faulty', sql: 'INSERT INTO thing.one VALUES (3); SELECT 1 / 0' };

describe('a schema', () => {
  let database: TestDatabase;
  let reader: pg.Client;

  const bring = (...migrations: Migration[]): Promise<void> =>
    migrateSchema(database.url, 'thing migrations', (client) => applyMigrations(client, 'thing', migrations));
  const rows = async (): Promise<number[]> =>
    (await reader.query<{ id: number }>('SELECT id FROM thing.one')).rows.map(({ id }) => id);

  beforeAll(async () => {
    database = await testDatabase();
    reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
  });
  afterAll(async () => {
    await reader.end();
    await database.drop();
  });

  it('is brought up to date once by processes that start together', async () => {
    await Promise.all(Array.from({ length: 8 }, () => bring(TABLE, ROW)));
    expect(await rows()).toEqual([1]);
  });

  it('keeps nothing of a step that fails, and can be tried again', async () => {
    await expect(bring(TABLE, ROW, FAULTY)).rejects.toThrow('division by zero');
    expect(await rows()).toEqual([1]);
    await bring(TABLE, ROW, { ...FAULTY, sql: 'INSERT INTO thing.one VALUES (3)' });
    expect(await rows()).toEqual([1, 3]);
  });

  it('is refused to an older version, naming what that does not know', async () => {
    await expect(bring(TABLE, ROW)).rejects.toThrow(SchemaNewer);
    await expect(bring(TABLE, ROW)).rejects.toThrow('003-faulty');
  });
});
