import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type LogFixture, logFixture, startTestCluster, type TestCluster } from '@kwanus/testing-infra';
import pg from 'pg';
import { logStatements } from './log/postgres-event-store.js';
import { logNames } from './schema/names.js';

const WRITERS = 12;
const STREAMS = 20;
const STORM_MS = 4_000;
const READERS = 2;

/** What a writer committed: event ids. */
interface Storm {
  readonly committed: Set<string>;
  readonly read: { eventId: string; streamId: string; version: number }[];
  retries: number;
}

const names = logNames('intake');
const statements = logStatements(names);
const withoutHorizon = statements.readAll.replace(/AND \(e\.epoch, e\.xid\) < .*\n/, '');

const chance = (share: number): boolean => Math.random() < share;
const hot = (): string => `integration-storm.${Math.floor(Math.random() * STREAMS)}`;

async function append(client: pg.Client, streamId: string): Promise<string[]> {
  const count = chance(0.3) ? 3 : 1;
  const ids = Array.from({ length: count }, () => randomUUID());
  const command = randomUUID();
  const metas = ids.map((_, commandIndex) =>
    JSON.stringify({
      commandId: command,
      correlationId: command,
      causationId: null,
      routingKey: streamId,
      commandIndex,
    }),
  );
  const head = ['default', streamId, 'integration', streamId, -1, command, command, null, null];
  const row =
    count === 1
      ? [ids[0], 'Counted', 1, '{}', metas[0]]
      : [ids, ids.map(() => 'Counted'), ids.map(() => 1), ids.map(() => '{}'), metas];
  await client.query(count === 1 ? statements.appendOne : statements.appendSeveral, [...head, ...row]);
  return ids;
}

/** Appends, sometimes in a savepoint that is rolled back. */
async function appendWithSavepoint(client: pg.Client, streamId: string): Promise<string[]> {
  if (!chance(0.2)) return append(client, streamId);
  await client.query('SAVEPOINT s');
  const ids = await append(client, streamId);
  if (chance(0.5)) {
    await client.query('RELEASE s');
    return ids;
  }
  await client.query('ROLLBACK TO s');
  return append(client, streamId);
}

async function transaction(client: pg.Client): Promise<string[]> {
  const streams = chance(0.3) ? [...new Set([hot(), hot(), hot()])].sort() : [hot()];
  await client.query(chance(0.2) ? 'BEGIN ISOLATION LEVEL REPEATABLE READ' : 'BEGIN');
  // Early writers get their transaction id here and do not take step 0 first.
  if (chance(0.4)) {
    await client.query('INSERT INTO scratch VALUES (1)');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
  } else await client.query('SELECT intake.es_lock($1, $2)', ['default', streams]);
  const ids: string[] = [];
  for (const stream of streams) ids.push(...(await appendWithSavepoint(client, stream)));
  if (chance(0.1)) {
    await client.query('ROLLBACK');
    return [];
  }
  await client.query('COMMIT');
  return ids;
}

describe('the storm', () => {
  let cluster: TestCluster;
  let fixture: LogFixture;
  beforeAll(async () => {
    cluster = await startTestCluster({ max_connections: '60', deadlock_timeout: '50ms' });
  }, 60_000);
  afterEach(() => fixture.close());
  afterAll(() => cluster.stop());

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: fixture.database.url });
    await client.connect();
    return client;
  }

  async function writer(until: number, storm: Pick<Storm, 'committed' | 'retries'>): Promise<void> {
    const client = await connect();
    while (performance.now() < until) {
      try {
        for (const id of await transaction(client)) storm.committed.add(id);
      } catch (error) {
        expect(['40001', '40P01']).toContain((error as { code?: string }).code);
        storm.retries += 1;
        await client.query('ROLLBACK');
      }
    }
    await client.end();
  }

  async function reader(sql: string, writing: { done: boolean }): Promise<Storm['read']> {
    const client = await connect();
    const read: Storm['read'] = [];
    let after: unknown[] = [0, '0', 0];
    for (let last = false; ; ) {
      const { rows } = await client.query(sql, [...after, 500]);
      for (const row of rows) {
        read.push({ eventId: row.event_id, streamId: row.stream_id, version: Number(row.version) });
        after = [row.epoch, row.xid, row.global_position];
      }
      if (rows.length > 0) continue;
      if (last) break;
      last = writing.done;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await client.end();
    return read;
  }

  async function storm(sql: string, prepare: () => Promise<unknown> = async () => undefined) {
    fixture = await logFixture(cluster.url);
    const log = await fixture.open();
    await fixture.admin.query('CREATE TABLE scratch (n int)');
    await prepare();
    const raging = { committed: new Set<string>(), retries: 0 };
    const writing = { done: false };
    const reading = Array.from({ length: READERS }, () => reader(sql, writing));
    const until = performance.now() + STORM_MS;
    await Promise.all(Array.from({ length: WRITERS }, () => writer(until, raging)));
    writing.done = true;
    const findings = (await Promise.all(reading)).map((read) => judge(raging.committed, read));
    const chains = await Promise.all(
      Array.from({ length: STREAMS }, (_, n) => log.verifyStream(`integration-storm.${n}`)),
    );
    return {
      committed: raging.committed.size,
      retries: raging.retries,
      lost: Math.max(...findings.map(({ lost }) => lost)),
      duplicated: Math.max(...findings.map(({ duplicated }) => duplicated)),
      outOfOrder: Math.max(...findings.map(({ outOfOrder }) => outOfOrder)),
      brokenChains: chains.filter(({ ok }) => !ok).length,
    };
  }

  function judge(committed: ReadonlySet<string>, read: Storm['read']) {
    const seen = new Set(read.map(({ eventId }) => eventId));
    const versions = new Map<string, number>();
    let outOfOrder = 0;
    for (const { streamId, version } of read) {
      if (version !== (versions.get(streamId) ?? 0) + 1) outOfOrder += 1;
      versions.set(streamId, version);
    }
    return {
      lost: [...committed].filter((id) => !seen.has(id)).length,
      duplicated: read.length - seen.size,
      outOfOrder,
    };
  }

  it('loses nothing, doubles nothing, breaks no order', async () => {
    const found = await storm(statements.readAll);
    expect(found).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, brokenChains: 0 });
    expect(found.committed).toBeGreaterThan(200);
    expect(found.retries).toBeGreaterThan(0);
  }, 60_000);

  it('breaks the order inside streams when the guard is taken out', async () => {
    const found = await storm(statements.readAll, async () => {
      for (const name of ['es_append_one', 'es_append_several']) {
        const { rows } = await fixture.admin.query(
          "SELECT pg_get_functiondef(('intake.' || $1)::regproc) AS sql",
          [name],
        );
        const without = rows[0].sql.replace(/-- 4: guard[\s\S]*?END IF;/, '');
        expect(without.length).toBeLessThan(rows[0].sql.length);
        await fixture.admin.query(without);
      }
    });
    expect(found.outOfOrder).toBeGreaterThan(0);
    expect(found.lost).toBe(0);
  }, 60_000);

  it('loses events when the horizon is taken out', async () => {
    expect(withoutHorizon.length).toBeLessThan(statements.readAll.length);
    const found = await storm(withoutHorizon);
    expect(found.lost).toBeGreaterThan(0);
  }, 60_000);
});
