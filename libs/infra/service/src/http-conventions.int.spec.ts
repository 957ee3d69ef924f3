import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actorIdOf, type Caller, CurrentCaller } from '@kwanus/auth';
import { EventStore, type Projection, Projections, UnitOfWork } from '@kwanus/event-store';
import {
  answer,
  Command,
  caughtUp,
  checkIfMatch,
  commandMetadata,
  type HttpApplication,
  HttpProblem,
  minVersionQuery,
  notFound,
} from '@kwanus/http';
import { DomainRejection } from '@kwanus/kernel';
import {
  openPostgresTransport,
  type PostgresTransport,
  Transport,
  type TransportMessage,
} from '@kwanus/messaging';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { applicationOf, optionsOf, TestIssuer } from '@kwanus/testing-infra/service-under-test';
import {
  Body,
  Controller,
  type DynamicModule,
  Get,
  Injectable,
  Module,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import pg from 'pg';
import { z } from 'zod';
import { ServiceModule, type ServiceOptions } from './index.js';

const ISSUER = 'https://login.example.com';
const issuer = new TestIssuer(ISSUER);
const Count = z.strictObject({
  by: z.int().min(1),
  mode: z.enum(['plain', 'refuse', 'fail', 'conflict', 'late', 'nothing', 'draw']).default('plain'),
});
const ReadQuery = z.strictObject({ ...minVersionQuery });

const totals: Projection = {
  name: 'totals',
  version: 1,
  tables: {
    totals: (name) =>
      `CREATE TABLE ${name} (id text PRIMARY KEY, total bigint NOT NULL, version bigint NOT NULL)`,
  },
  apply: async ({ streamId, data, version }, write) => {
    await write.query(
      `INSERT INTO ${write.table('totals')} AS t VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET total = t.total + excluded.total, version = excluded.version`,
      [streamId, data['by'], version],
    );
  },
};

const noteOf = (id: string): TransportMessage => ({
  key: `note-${id}`,
  headers: {},
  body: Buffer.from('{}'),
});

/** How often the controller ran: a repetition must not run it. */
const runs = { count: 0 };

@Injectable()
class Registration {
  constructor(projections: Projections) {
    projections.register(totals);
  }
}

@Controller('v1/counters')
class CountersController {
  constructor(
    private readonly store: EventStore,
    private readonly work: UnitOfWork,
    private readonly projections: Projections,
    private readonly transport: Transport,
  ) {}

  @Post(':id/counts')
  @Command()
  async count(@Param('id') id: string, @Body({ schema: Count }) { by, mode }: z.infer<typeof Count>) {
    runs.count += 1;
    if (!this.work.active) throw new TypeError('the controller runs outside a unit of work');
    if (mode === 'refuse')
      throw new DomainRejection('counter-closed', 'The counter is closed.', [
        { what: 'an open counter', who: 'platform', requirement: 'counter:open' },
      ]);
    const { version } = await this.store.readStream(`counter-${id}`);
    checkIfMatch(version);
    if (mode === 'draw') return answer({ drawn: randomUUID() }, { version });
    if (mode === 'nothing') return answer({ version }, { version });
    const appended = await this.store.append({
      streamId: `counter-${id}`,
      streamType: 'counter',
      routingKey: `counter-${id}`,
      expectedVersion: mode === 'conflict' && runs.count === 1 ? version + 1 : version,
      events: [{ type: 'Counted', data: { by } }],
      metadata: commandMetadata(),
    });
    if (mode === 'fail') throw new TypeError('a bug after the append');
    if (mode === 'late') throw new HttpProblem('unavailable', 'Something went away.', { retryAfter: 1 });
    return answer(
      { version: appended.version },
      { version: appended.version, status: 201, location: `/v1/counters/${id}` },
    );
  }

  @Post(':id/notes')
  @Command()
  async send(@Param('id') id: string) {
    await this.transport.send('notes', [noteOf(id)]);
    return { drawn: randomUUID() };
  }

  @Get(':id')
  async read(
    @Param('id') id: string,
    @Query({ schema: ReadQuery }) { minVersion }: z.infer<typeof ReadQuery>,
    @CurrentCaller() _caller: Caller,
  ) {
    await caughtUp(this.projections, `counter-${id}`, minVersion);
    const [row] = await this.work.query<{ total: string; version: string }>(
      'SELECT total, version FROM intake_read.totals WHERE id = $1',
      [`counter-${id}`],
    );
    if (row === undefined) throw notFound();
    return answer({ total: Number(row.total) }, { version: Number(row.version) });
  }
}

@Module({})
class CountersModule {
  static register(options: ServiceOptions): DynamicModule {
    const publisher = () => null;
    return {
      module: CountersModule,
      imports: [ServiceModule.forService({ name: 'intake', publisher, options })],
      controllers: [CountersController],
      providers: [Registration],
    };
  }
}

/** Another service in the same application, with the same tokens. */
@Module({})
class OtherModule {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: OtherModule,
      imports: [ServiceModule.forService({ name: 'rollout', publisher: null, options })],
    };
  }
}

@Module({})
class BothModule {
  static register(options: ServiceOptions): DynamicModule {
    return { module: BothModule, imports: [CountersModule.register(options), OtherModule.register(options)] };
  }
}

const tokenOf = (subject: string) => issuer.tokenOf({ subject, roles: ['reviewer'] });

describe('a service over HTTP', () => {
  let database: TestDatabase;
  let transport: PostgresTransport;
  let http: HttpApplication;
  let base: string;
  let client: pg.Client;
  let anna: string;
  let tara: string;
  let id: string;

  beforeAll(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    transport = await openPostgresTransport({ url: database.url });
    await transport.ensureTopics([{ name: 'notes', partitions: 1, retentionMs: -1 }]);
    http = await applicationOf(BothModule.register(optionsOf(database.url, transport)), issuer);
    base = await http.listen();
    [anna, tara] = await Promise.all([tokenOf('anna'), tokenOf('tara')]);
  });
  afterAll(async () => {
    await http.stop();
    await transport.close();
    await client.end();
    await database.drop();
  });
  beforeEach(() => {
    runs.count = 0;
    id = `c${randomUUID().slice(0, 8)}`;
  });

  interface Sent {
    key?: string | null;
    token?: string;
    headers?: Record<string, string>;
    to?: string;
    path?: string;
  }
  const post = (
    body: object | string,
    { key = randomUUID(), token = anna, headers = {}, to = id, path = 'counts' }: Sent = {},
  ) =>
    fetch(`${base}/v1/counters/${to}/${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key === null ? {} : { 'idempotency-key': key }),
        ...headers,
      },
    });
  const get = (query = '') =>
    fetch(`${base}/v1/counters/${id}${query}`, { headers: { authorization: `Bearer ${anna}` } });
  const versions = async () => {
    const { rows } = await client.query(
      'SELECT version FROM intake.es_event WHERE stream_id = $1 ORDER BY version',
      [`counter-${id}`],
    );
    return rows.map(({ version }) => Number(version));
  };
  const seen = async (response: Response) => ({
    status: response.status,
    etag: response.headers.get('etag'),
    location: response.headers.get('location'),
    body: await response.text(),
  });

  it('answers a command with the version, and the event carries who did it', async () => {
    const response = await post({ by: 2 });
    expect(await seen(response)).toEqual({
      status: 201,
      etag: '"1"',
      location: `/v1/counters/${id}`,
      body: '{"version":1}',
    });
    const { rows } = await client.query<{ meta: string }>(
      'SELECT meta FROM intake.es_event WHERE stream_id = $1',
      [`counter-${id}`],
    );
    expect(JSON.parse(rows[0]?.meta ?? '{}')).toMatchObject({
      actor: { kind: 'person', id: expect.stringMatching(/^person:[0-9a-f]{32}$/) },
    });
  });

  it('gives the same answer to the same key and body, and does nothing twice', async () => {
    const key = randomUUID();
    const first = await seen(await post({ by: 2 }, { key }));
    const again = await seen(await post({ by: 2 }, { key }));
    expect(again).toEqual(first);
    expect(await versions()).toEqual([1]);
    expect(runs.count).toBe(1);
  });

  it('gives one answer to many at once with the same key', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => seen(await post({ by: 1 }, { key }))),
    );
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 201, body: '{"version":1}' });
    expect(await versions()).toEqual([1]);
    expect(runs.count).toBe(1);
  });

  it('gives one answer to many at once also where nothing is appended, and the answer is drawn', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => seen(await post({ by: 1, mode: 'draw' }, { key }))),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(runs.count).toBe(1);
  });

  it('sends once, outside the log, for two at the same moment with the same key', async () => {
    const key = randomUUID();
    const sent = () =>
      client.query<{ n: number }>('SELECT count(*)::int AS n FROM bus.message WHERE key = $1', [
        Buffer.from(`note-${id}`),
      ]);
    const answers = await Promise.all(
      Array.from({ length: 2 }, async () => seen(await post({}, { key, path: 'notes' }))),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect((await sent()).rows).toEqual([{ n: 1 }]);
  });

  it('begins no unit of work for a body that is wrong', async () => {
    const key = randomUUID();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `kwanus request ${JSON.stringify(['intake', actorIdOf('person', ISSUER, 'anna'), key])}`,
    ]);
    try {
      expect((await post({ by: 0 }, { key })).status).toBe(422);
    } finally {
      await client.query('ROLLBACK');
    }
  });

  it('refuses the same key with another body, or for another address: 422', async () => {
    const key = randomUUID();
    await post({ by: 2 }, { key });
    for (const response of [await post({ by: 3 }, { key }), await post({ by: 2 }, { key, to: `${id}x` })]) {
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'idempotency-key-reused',
        errors: [{ pointer: 'header:Idempotency-Key' }],
      });
    }
    expect(await versions()).toEqual([1]);
  });

  it('takes another caller’s use of the same key for another request', async () => {
    const key = randomUUID();
    expect((await post({ by: 2 }, { key })).status).toBe(201);
    expect((await post({ by: 5 }, { key, token: tara })).status).toBe(201);
    expect(await versions()).toEqual([1, 2]);
  });

  it('repeats a refusal of the domain, with what is missing', async () => {
    const key = randomUUID();
    const first = await seen(await post({ by: 1, mode: 'refuse' }, { key }));
    expect(first.status).toBe(409);
    expect(JSON.parse(first.body)).toMatchObject({
      code: 'domain-rejection',
      rejection: 'counter-closed',
      missing: [{ what: 'an open counter', who: 'platform', requirement: 'counter:open' }],
    });
    expect(await seen(await post({ by: 1, mode: 'refuse' }, { key }))).toEqual(first);
    expect(runs.count).toBe(1);
  });

  it.each([
    ['a fault of ours', { by: 1, mode: 'fail' }, 500],
    ['a 503', { by: 1, mode: 'late' }, 503],
  ])('keeps no answer for %s, and nothing of the command', async (_, body, status) => {
    const key = randomUUID();
    expect((await post(body, { key })).status).toBe(status);
    expect((await post(body, { key })).status).toBe(status);
    expect(runs.count).toBe(2);
    expect(await versions()).toEqual([]);
    const { rows } = await client.query('SELECT 1 FROM intake.http_idempotency WHERE key = $1', [key]);
    expect(rows).toEqual([]);
  });

  it('keeps no 412: the same key goes through with the right version', async () => {
    await post({ by: 1 });
    const key = randomUUID();
    const stale = await post({ by: 1 }, { key, headers: { 'if-match': '"7"' } });
    expect(await stale.json()).toMatchObject({ status: 412, code: 'precondition-failed' });
    expect(runs.count).toBe(2);
    expect((await post({ by: 1 }, { key, headers: { 'if-match': '"1"' } })).status).toBe(201);
    expect(await versions()).toEqual([1, 2]);
  });

  it.each(['7', 'W/"1"', '"1", "2"', '"-1"', '"x"'])('says 400 to If-Match: %s', async (tag) => {
    expect(await (await post({ by: 1 }, { headers: { 'if-match': tag } })).json()).toMatchObject({
      status: 400,
      code: 'header-invalid',
    });
  });

  it('begins the whole controller again after a version conflict', async () => {
    expect((await post({ by: 1, mode: 'conflict' })).status).toBe(201);
    expect(runs.count).toBe(2);
    expect(await versions()).toEqual([1]);
  });

  it('keeps the answer to a command that changed nothing', async () => {
    const key = randomUUID();
    expect(await seen(await post({ by: 1, mode: 'nothing' }, { key }))).toMatchObject({
      status: 200,
      etag: '"0"',
    });
    expect((await post({ by: 1, mode: 'nothing' }, { key })).status).toBe(200);
    expect(runs.count).toBe(1);
  });

  it('says 400 without Idempotency-Key, and to one of another form', async () => {
    expect(await (await post({ by: 1 }, { key: null })).json()).toMatchObject({
      status: 400,
      code: 'header-missing',
    });
    for (const key of ['two words', 'x'.repeat(256), 'ü'])
      expect(await (await post({ by: 1 }, { key })).json()).toMatchObject({
        status: 400,
        code: 'header-invalid',
      });
  });

  it('keeps no answer to a body that is wrong', async () => {
    const key = randomUUID();
    expect((await post({ by: 0 }, { key })).status).toBe(422);
    expect((await post({ by: 1 }, { key })).status).toBe(201);
  });

  it('forgets an answer after a day', async () => {
    const key = randomUUID();
    await post({ by: 1 }, { key });
    await client.query(
      "UPDATE intake.http_idempotency SET created_at = created_at - interval '25 hours' WHERE key = $1",
      [key],
    );
    expect((await post({ by: 1, mode: 'nothing' }, { key })).status).toBe(200);
  });

  it('does not take another request under a key of yesterday for the one of then', async () => {
    const key = randomUUID();
    await post({ by: 1 }, { key });
    await client.query(
      "UPDATE intake.http_idempotency SET created_at = created_at - interval '25 hours' WHERE key = $1",
      [key],
    );
    expect((await post({ by: 5 }, { key })).ok).toBe(true);
    expect(await (await get('?minVersion=2')).json()).toEqual({ total: 6 });
  });

  it('lets the writer read what was written', async () => {
    for (let version = 1; version <= 5; version += 1) {
      await post({ by: 10 });
      const response = await get(`?minVersion=${version}`);
      expect(await response.json()).toEqual({ total: version * 10 });
      expect(Number(response.headers.get('etag')?.slice(1, -1))).toBeGreaterThanOrEqual(version);
    }
  });

  it('says 503 and when to come again for a version that does not come', async () => {
    await post({ by: 1 });
    const began = performance.now();
    const response = await get('?minVersion=2');
    expect(performance.now() - began).toBeGreaterThan(1_900);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ status: 503, code: 'not-caught-up' });
  });

  it('is ready with both services of the application', async () => {
    expect(await (await fetch(`${base}/readyz`)).json()).toEqual({
      status: 'ok',
      checks: ['intake', 'rollout'],
    });
  });

  it('sends every stored event through the transport', async () => {
    await post({ by: 1 });
    await expect(
      (async () => {
        const deadline = performance.now() + 10_000;
        for (;;) {
          const { rows } = await client.query('SELECT headers FROM bus.message WHERE headers LIKE $1', [
            `%counter-${id}%`,
          ]);
          if (rows.length > 0) return rows.length;
          if (performance.now() > deadline) throw new Error('nothing was sent within 10 s');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })(),
    ).resolves.toBe(1);
  });
});
