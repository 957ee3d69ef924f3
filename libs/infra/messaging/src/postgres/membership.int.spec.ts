import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import pg from 'pg';
import {
  Fenced,
  MessagesExpired,
  openPostgresTransport,
  type PostgresTransport,
  type ReceivedMessage,
  TopicMismatch,
  UnknownTopic,
} from '../index.js';

const PATIENCE = 10_000;

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error('It did not come about in time.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const message = (key: string, body: string) => ({ key, headers: {}, body: Buffer.from(body) });

describe('PostgreSQL transport', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  const open: PostgresTransport[] = [];
  const connect = async (
    options: { leaseMs?: number; tendMs?: number; pollMs?: number } = {},
  ): Promise<PostgresTransport> => {
    const transport = await openPostgresTransport({ url: database.url, ...options });
    open.push(transport);
    return transport;
  };

  beforeAll(async () => {
    database = await testDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close()));
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  it('makes its schema once, however many start at the same time', async () => {
    await Promise.all([connect(), connect(), connect()]);
    const { rows } = await sql.query('SELECT name FROM bus.migration ORDER BY name');
    expect(rows.map(({ name }) => name)).toEqual(['001-topics', '002-groups']);
  });

  it('refuses a topic with another retention, and one that nobody created', async () => {
    const transport = await connect();
    await transport.ensureTopics([{ name: 'fixed', partitions: 1, retentionMs: 1000 }]);
    const other = transport.ensureTopics([{ name: 'fixed', partitions: 1, retentionMs: 2000 }]);
    await expect(other).rejects.toThrow(TopicMismatch);
    await expect(transport.send('nowhere', [message('k', '1')])).rejects.toThrow(UnknownTopic);
  });

  it('shows no later offset before an earlier one, though the earlier sender is slow to commit', async () => {
    const transport = await connect();
    await transport.ensureTopics([{ name: 'gaps', partitions: 1, retentionMs: -1 }]);
    const { rows } = await sql.query("SELECT id FROM bus.topic WHERE name = 'gaps'");
    await sql.query('BEGIN');
    await sql.query("SELECT bus.send($1, '{0}', '{NULL}', '{\"{}\"}', '{slow}')", [rows[0].id]);
    const second = transport.send('gaps', [message('k', 'quick')]);
    const seen: string[] = [];
    await transport.subscribe({
      group: 'gaps',
      topics: ['gaps'],
      handler: async (batch) => {
        seen.push(...batch.map(({ body }) => String(body)));
      },
    });
    const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
    await eventually(async () => (await sql.query(waiting)).rowCount === 1);
    expect(seen).toEqual([]);
    await sql.query('COMMIT');
    await second;
    await eventually(() => seen.length === 2);
    expect(seen).toEqual(['slow', 'quick']);
  });

  it('takes partitions from a member that is silent beyond its lease, and refuses its commit', async () => {
    const silent = await connect({ leaseMs: 600, tendMs: 3_600_000 }); // like a process that hangs: its session stays open
    const heir = await connect({ tendMs: 100 });
    await silent.ensureTopics([{ name: 'lease', partitions: 1, retentionMs: -1 }]);
    await silent.send('lease', [message('k', '1'), message('k', '2')]);
    let late: (value: unknown) => void = () => undefined;
    const refused = new Promise((resolve) => {
      late = resolve;
    });
    let wake: () => void = () => undefined;
    let asleep = false;
    await silent.subscribe({
      group: 'lease',
      topics: ['lease'],
      handler: async (batch, control) => {
        asleep = true;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        await control.commit((batch.at(-1) as ReceivedMessage).position).catch(late);
      },
    });
    await eventually(() => asleep);
    const got: string[] = [];
    await heir.subscribe({
      group: 'lease',
      topics: ['lease'],
      handler: async (batch) => {
        got.push(...batch.map(({ body }) => String(body)));
      },
    });
    expect(got).toEqual([]);
    await eventually(() => got.length === 2);
    wake();
    expect(await refused).toBeInstanceOf(Fenced);
  });

  it('finishes what is in hand before a partition goes to a member that joins', async () => {
    const [holder, joining] = [await connect({ tendMs: 20 }), await connect({ tendMs: 20 })];
    await holder.ensureTopics([{ name: 'given', partitions: 2, retentionMs: -1 }]);
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const got: string[] = [];
    let told = false;
    const subscribe = (transport: PostgresTransport, work: (signal: AbortSignal) => Promise<void>) =>
      transport.subscribe({
        group: 'given',
        topics: ['given'],
        handler: async (batch, { signal }) => {
          got.push(...batch.map(({ body }) => String(body)));
          await work(signal);
        },
      });
    const both = ['k', 'l', 'm', 'n', 'o', 'p'].map((key) => message(key, key));
    await holder.send('given', both);
    await subscribe(holder, async (signal) => {
      signal.addEventListener('abort', () => {
        told = true;
      });
      await gate;
    });
    await eventually(() => got.length === both.length);
    await subscribe(joining, async () => undefined);
    await eventually(() => told);
    goOn();
    const shared = "SELECT count(DISTINCT member)::int AS n FROM bus.holding WHERE group_name = 'given'";
    await eventually(async () => (await sql.query(shared)).rows[0].n === 2);
    await joining.send('given', [message('k', 'last'), message('l', 'last'), message('m', 'last')]);
    await eventually(() => got.filter((text) => text === 'last').length === 3);
    expect(got.filter((text) => text !== 'last').sort()).toEqual(both.map(({ key }) => key));
  });

  it('needs no hint: polling finds what another process sent', async () => {
    const [sender, reader] = [await connect(), await connect({ pollMs: 50 })];
    await sender.ensureTopics([{ name: 'hints', partitions: 1, retentionMs: -1 }]);
    const got: string[] = [];
    await reader.subscribe({
      group: 'hints',
      topics: ['hints'],
      handler: async (batch) => {
        got.push(...batch.map(({ body }) => String(body)));
      },
    });
    const { rows } = await sql.query("SELECT id FROM bus.topic WHERE name = 'hints'");
    await sql.query("SELECT bus.send($1, '{0}', '{NULL}', '{\"{}\"}', '{unannounced}')", [rows[0].id]);
    await eventually(() => got.length === 1);
    expect(got).toEqual(['unannounced']);
  });

  it('removes what a topic does not keep, and tells a group that had not read it', async () => {
    const transport = await connect();
    await transport.ensureTopics([
      { name: 'short', partitions: 1, retentionMs: 3_600_000 },
      { name: 'long', partitions: 1, retentionMs: -1 },
    ]);
    const troubles: unknown[] = [];
    const got: string[] = [];
    const options = {
      group: 'retention',
      topics: ['short'],
      onTrouble: (error: unknown) => troubles.push(error),
      handler: async (batch: readonly ReceivedMessage[]) => {
        got.push(...batch.map(({ body }) => String(body)));
      },
    };
    await transport.send('short', [message('k', '1')]);
    const subscription = await transport.subscribe(options);
    await eventually(() => got.length === 1);
    await subscription.stop();
    for (const topic of ['short', 'long'])
      await transport.send(topic, [message('k', '2'), message('k', '3')]);
    await sql.query(
      "UPDATE bus.message SET sent_at = sent_at - interval '2 hours' WHERE convert_from(body, 'UTF8') <> '3'",
    );
    expect(await transport.removeExpired()).toBe(2);
    expect(
      (
        await sql.query(
          'SELECT 1 FROM bus.message m JOIN bus.topic t ON t.id = m.topic_id WHERE t.name = $1',
          ['long'],
        )
      ).rowCount,
    ).toBe(2);
    await transport.subscribe(options);
    await eventually(() => got.includes('3'));
    expect(got).toEqual(['1', '3']);
    expect(troubles).toEqual([expect.any(MessagesExpired)]);
  });
});
