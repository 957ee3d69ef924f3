import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { artifactStoreContract } from '@kwanus/testing-infra/artifact-store-contract';
import pg from 'pg';
import { digestOf, migrateArtifacts, PostgresArtifactStore } from './index.js';

const administer = async (url: string, sql: string, parameters: unknown[] = []) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql, parameters);
  } finally {
    await client.end();
  }
};

const PASSWORD = 'of-this-spec-only';

/** A role of the database's own that may log in and nothing else. */
async function roleUrl(database: TestDatabase): Promise<{ role: string; url: string }> {
  const role = `${database.name}_store`;
  await administer(database.url, `CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
  const url = new URL(database.url);
  url.username = role;
  url.password = PASSWORD;
  return { role, url: url.href };
}

artifactStoreContract('PostgreSQL', async () => {
  const database = await testDatabase();
  const { role, url } = await roleUrl(database);
  await migrateArtifacts(database.url, role);
  const store = new PostgresArtifactStore({ url, limitBytes: 100_000 });
  return {
    store,
    limitBytes: 100_000,
    corrupt: async (digest, bytes) => {
      await administer(database.url, 'ALTER TABLE artifacts.artifact DISABLE TRIGGER written_once');
      await administer(
        database.url,
        'UPDATE artifacts.artifact SET bytes = $2, size = $3 WHERE digest = $1',
        [digest, bytes, bytes.length],
      );
      await administer(database.url, 'ALTER TABLE artifacts.artifact ENABLE TRIGGER written_once');
    },
    close: async () => {
      await store.close();
      await administer(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await database.drop();
    },
  };
});

describe('the schema artifacts', () => {
  let database: TestDatabase;
  let role: string;
  let url: string;
  beforeAll(async () => {
    database = await testDatabase();
    ({ role, url } = await roleUrl(database));
    await Promise.all(Array.from({ length: 4 }, () => migrateArtifacts(database.url, role)));
    const store = new PostgresArtifactStore({ url });
    await store.put(digestOf(Buffer.from('kept')), 'text/plain', Buffer.from('kept'));
    await store.close();
  });
  afterAll(async () => {
    await administer(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await database.drop();
  });

  it.each([
    "UPDATE artifacts.artifact SET media_type = 'x'",
    'DELETE FROM artifacts.artifact',
    'TRUNCATE artifacts.artifact',
  ])('refuses even its owner: %s', async (sql) => {
    await expect(administer(database.url, sql)).rejects.toMatchObject({ code: '23001' });
  });

  it.each([4, 8])('gives back what is larger than what is read at once (%i MiB)', async (mebibytes) => {
    const store = new PostgresArtifactStore({ url });
    for (const more of [0, 1]) {
      const bytes = Buffer.alloc(mebibytes * 1024 * 1024 + more, 'kwanus');
      const digest = digestOf(bytes);
      await store.put(digest, 'text/plain', bytes);
      const found = await store.get(digest);
      expect(Buffer.from(found?.bytes ?? []).equals(bytes)).toBe(true);
    }
    await store.close();
  });

  it('grants the store’s role no more than insert and select', async () => {
    for (const sql of ["UPDATE artifacts.artifact SET media_type = 'x'", 'DELETE FROM artifacts.artifact'])
      await expect(administer(url, sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('says that it can’t be reached, without the connection’s secrets', async () => {
    const store = new PostgresArtifactStore({ url: 'postgresql://kwanus:canary-secret@127.0.0.1:1/none' });
    const failure = store.get(digestOf(Buffer.from('x')));
    await expect(failure).rejects.toMatchObject({ name: 'ArtifactStoreUnavailable' });
    await expect(failure).rejects.not.toThrow(/canary-secret/);
    await store.close();
  });
});
