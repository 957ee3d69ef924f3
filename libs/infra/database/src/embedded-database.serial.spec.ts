import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  type DatabaseNews,
  discardEmbeddedDatabase,
  type EmbeddedDatabase,
  openEmbeddedDatabase,
  Server,
} from './index.js';

describe('openEmbeddedDatabase', () => {
  let folder: string;
  let news: DatabaseNews[];
  const opened: EmbeddedDatabase[] = [];
  const open = async (): Promise<EmbeddedDatabase> => {
    const database = await openEmbeddedDatabase({
      folder,
      hostPort: 4400,
      onNews: (item) => news.push(item),
    });
    opened.push(database);
    return database;
  };
  const ask = async (url: string, sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kwanus-db-'));
    news = [];
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    if (existsSync(folder)) await new Server(folder).stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps its data from one host to the next', async () => {
    const first = await open();
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.close();
    opened.pop();

    const second = await open();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  }, 60_000);

  const over = async (url: string): Promise<unknown> =>
    (await ask(url, 'SELECT inet_server_addr() IS NULL AS socket'))[0];

  it('is reached over TCP where its folder takes no socket', async () => {
    const database = await open();
    const { port } = new URL(database.url);
    await database.close();
    opened.pop();
    mkdirSync(join(folder, 'postgres', `.s.PGSQL.${port}`));

    const again = await open();
    expect(new URL(again.url).port).toBe(port);
    expect(await over(again.url)).toEqual({ socket: false });
  }, 60_000);

  it('is reached over its socket, and over TCP where the folder’s path is too long for one', async () => {
    const database = await open();
    const tcp = new URL(database.url);
    tcp.search = '';
    expect(await over(database.url)).toEqual({ socket: true });
    expect(await over(tcp.href)).toEqual({ socket: false });
    await database.close();
    opened.pop();

    const short = folder;
    folder = join(short, 'x'.repeat(100));
    expect(await over((await open()).url)).toEqual({ socket: false });
    for (const long of opened.splice(0)) await long.close();
    rmSync(short, { recursive: true, force: true });
  }, 60_000);

  it('adopts the server that a killed host left running', async () => {
    const orphan = new Server(folder);
    await orphan.prepare();
    await orphan.start();
    const pid = orphan.running();

    const database = await open();
    expect(database.adopted).toBe(true);
    expect(new Server(folder).running()).toBe(pid);
    expect(news.map(({ kind }) => kind)).toEqual(['adopted']);
  }, 60_000);

  it('names pid and port of the host that holds the folder', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({
      code: 'held',
      message: expect.stringContaining(`pid=${process.pid} port=4400`),
    });
  }, 60_000);

  it('is discarded when nobody uses it, and only then', async () => {
    const database = await open();
    await expect(discardEmbeddedDatabase(folder)).rejects.toMatchObject({ code: 'held' });
    expect(await ask(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
    opened.pop();

    const orphan = new Server(folder);
    await orphan.start();
    await discardEmbeddedDatabase(folder);
    expect(existsSync(folder)).toBe(false);
  }, 60_000);

  it('refuses to begin anew where its files are missing', async () => {
    const database = await open();
    await database.close();
    opened.pop();
    renameSync(join(folder, 'postgres'), join(folder, 'unmounted'));
    await expect(open()).rejects.toMatchObject({ code: 'data-gone' });
    renameSync(join(folder, 'unmounted'), join(folder, 'postgres'));
    await open();
  }, 60_000);

  it('brings the server back when it dies', async () => {
    const database = await open();
    const before = new Server(folder).running();
    process.kill(before ?? 0, 'SIGKILL');
    const until = Date.now() + 30_000;
    while (!news.some(({ kind }) => kind === 'restarted') && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(news.map(({ kind }) => kind)).toEqual(['started', 'connection-lost', 'restarted']);
    expect(new Server(folder).running()).not.toBe(before);
    expect(await ask(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 60_000);
});
