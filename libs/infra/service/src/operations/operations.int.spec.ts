import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStore, type Projection, Projections, UnitOfWork } from '@kwanus/event-store';
import { Command, commandMetadata, type HttpApplication } from '@kwanus/http';
import { Consumers, openPostgresTransport, type PostgresTransport, publishAs } from '@kwanus/messaging';
import { eventually, type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { applicationOf, optionsOf, TestIssuer } from '@kwanus/testing-infra/service-under-test';
import { Controller, type DynamicModule, Get, Injectable, Module, Param, Post } from '@nestjs/common';
import pg from 'pg';
import { ServiceModule, type ServiceOptions } from '../index.js';

const TOPIC = 'kwanus.integration';
const issuer = new TestIssuer();
const PATIENCE = 40_000;
const META = JSON.stringify({
  actor: { id: 'service:intake', kind: 'service' },
  causationId: null,
  commandId: '01890a5d-ac96-774b-bcce-b302099a8057',
  commandIndex: 0,
  correlationId: '01890a5d-ac96-774b-bcce-b302099a8057',
  routingKey: 'acme.unpublishable',
});

/** What the consumer can't handle while it stands here. */
const broken = new Set<string>();
/** Makes a rebuild take as long as a test wants. */
const slow: { until: Promise<void> | null } = { until: null };

const seen: Projection = {
  name: 'withdrawals',
  version: 1,
  tables: { withdrawals: (name) => `CREATE TABLE ${name} (id text PRIMARY KEY, version bigint NOT NULL)` },
  apply: async ({ streamId, version }, write) => {
    if (slow.until !== null) await slow.until;
    await write.query(
      `INSERT INTO ${write.table('withdrawals')} VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET version = excluded.version`,
      [streamId, version],
    );
  },
};

@Injectable()
class IntakeReadModels {
  constructor(projections: Projections) {
    projections.register(seen);
  }
}

@Controller('v1/withdrawals')
class WithdrawalsController {
  constructor(
    private readonly store: EventStore,
    private readonly work: UnitOfWork,
  ) {}

  @Post(':id')
  @Command()
  async withdraw(@Param('id') id: string) {
    const { version } = await this.store.append({
      streamId: `integration-${id}`,
      streamType: 'integration',
      routingKey: id,
      expectedVersion: 'any',
      events: [{ type: 'ReleaseWithdrawn', data: { integrationId: id, release: '1.0.0', reason: 'x' } }],
      metadata: { ...commandMetadata(), playbookVersion: '1.0' },
    });
    return { version };
  }

  @Get(':id')
  async read(@Param('id') id: string) {
    const rows = await this.work.query('SELECT version FROM intake_read.withdrawals WHERE id = $1', [
      `integration-${id}`,
    ]);
    return { rows };
  }
}

@Injectable()
class RolloutDuties {
  constructor(consumers: Consumers, store: EventStore) {
    consumers.register({
      name: 'rollout.integration',
      topic: TOPIC,
      source: 'kwanus/intake',
      handlers: {
        'kwanus.integration.release-withdrawn.v1': async ({ key }, { metadata }) => {
          if (broken.has(key)) throw new TypeError(`${key} is broken`);
          await store.append({
            streamId: `release-${key}`,
            streamType: 'release',
            routingKey: key,
            expectedVersion: 'any',
            events: [{ type: 'Noted', data: { integrationId: key } }],
            metadata,
          });
        },
      },
    });
  }
}

@Module({})
class IntakeModule {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: IntakeModule,
      imports: [ServiceModule.forService({ name: 'intake', publisher: publishAs(TOPIC), options })],
      controllers: [WithdrawalsController],
      providers: [IntakeReadModels],
    };
  }
}

@Module({})
class RolloutModule {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: RolloutModule,
      imports: [ServiceModule.forService({ name: 'rollout', publisher: () => null, options })],
      providers: [RolloutDuties],
    };
  }
}

@Module({})
class BothModule {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: BothModule,
      imports: [
        IntakeModule.register(options),
        RolloutModule.register(options),
        ServiceModule.forService({ name: 'monitoring_telemetry', publisher: null, options }),
      ],
    };
  }
}

const tokenOf = (role: string) =>
  issuer.tokenOf({ subject: `a ${role}`, roles: [role], ...(role === 'partner' ? { partner: 'acme' } : {}) });

describe('the routes of an operator', () => {
  let database: TestDatabase;
  let transport: PostgresTransport;
  let http: HttpApplication;
  let base: string;
  let sql: pg.Client;

  beforeAll(async () => {
    database = await testDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    transport = await openPostgresTransport({ url: database.url, pollMs: 50 });
    http = await applicationOf(BothModule.register(optionsOf(database.url, transport)), issuer);
    base = await http.listen();
  });
  afterAll(async () => {
    await http.stop();
    await transport.close();
    await sql.end();
    await database.drop();
  });

  interface Answered {
    status: number;
    headers: Headers;
    // What the schemas of the routes promise is checked field by field.
    body: Record<string, unknown>;
  }
  const request = async (path: string, init: RequestInit, role: string): Promise<Answered> => {
    const headers = {
      authorization: `Bearer ${await tokenOf(role)}`,
      'content-type': 'application/json',
      ...(init.headers as Record<string, string> | undefined),
    };
    const response = await fetch(`${base}${path}`, { ...init, headers });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  const get = (path: string, role = 'operator') => request(path, {}, role);
  const post = (path: string, body: object = {}, key = randomUUID(), role = 'operator') =>
    request(path, { method: 'POST', body: JSON.stringify(body), headers: { 'idempotency-key': key } }, role);
  const withdraw = async (id: string) => (await post(`/v1/withdrawals/${id}`)).body['version'];
  const noted = async (id: string) =>
    (
      await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM rollout.es_event WHERE stream_id = $1', [
        `release-${id}`,
      ])
    ).rows[0]?.n ?? 0;
  const sent = async (id: string) =>
    (
      await sql.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM bus.message WHERE key = $1 AND headers LIKE $2',
        [Buffer.from(id), '%kwanus/intake%'],
      )
    ).rows[0]?.n;
  const parked = async () =>
    (await get('/v1/operations/rollout/parked')).body['items'] as { key: string; messages: number }[];
  const parkedOf = async (id: string) => (await parked()).find(({ key }) => key === id)?.messages ?? 0;
  const skippedEvents = async () =>
    (
      await sql.query<{ data: string; meta: string }>(
        `SELECT data, meta FROM rollout.es_event WHERE type = 'ParkedMessageSkipped' ORDER BY version`,
      )
    ).rows.map(({ data, meta }) => ({ ...JSON.parse(data), actor: JSON.parse(meta).actor }));
  const rebuildOf = async (id: unknown) => {
    const rebuilds = (await get('/v1/operations/intake/projections')).body['rebuilds'] as {
      id: string;
      state: string;
    }[];
    return rebuilds.find((rebuild) => rebuild.id === id);
  };

  it.each(['projections', 'parked', 'parked/rollout.integration/x', 'relay', 'health'])(
    'are for operators and admins: 403 for a partner and a reviewer (GET %s)',
    async (path) => {
      for (const role of ['partner', 'reviewer', 'service'])
        expect((await get(`/v1/operations/rollout/${path}`, role)).body).toMatchObject({
          status: 403,
          code: 'forbidden',
        });
      for (const role of ['operator', 'admin'])
        expect((await get(`/v1/operations/rollout/${path}`, role)).status).not.toBe(403);
    },
  );

  it.each([
    'projections/rebuild',
    'parked/c/k/redrive',
    'parked/c/k/skip',
    'parked/c/gaps/s/skip',
    'relay/republish',
  ])('are for operators and admins: 403 for a partner and a reviewer (POST %s)', async (path) => {
    for (const role of ['partner', 'reviewer'])
      expect((await post(`/v1/operations/rollout/${path}`, {}, randomUUID(), role)).status).toBe(403);
  });

  it('have operation ids of their own for each service', async () => {
    const { paths } = (await (await fetch(`${base}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const ids = Object.values(paths).flatMap((path) => Object.values(path).map((one) => one.operationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/v1/operations/intake/health', '/v1/operations/rollout/health']),
    );
  });

  /** A read of the log stops before what neighbours on the cluster have open: what was written is waited for. */
  const shown = (id: string, version: string): Promise<void> =>
    eventually(
      async () =>
        JSON.stringify((await get(`/v1/withdrawals/${id}`)).body) === `{"rows":[{"version":"${version}"}]}`,
      PATIENCE,
    );

  it('show read models, and rebuild one: 202, and the outcome can be read', async () => {
    await withdraw('acme.rebuilt');
    await shown('acme.rebuilt', '1');
    const answer = await post('/v1/operations/intake/projections/rebuild', { name: 'withdrawals' });
    expect(answer).toMatchObject({ status: 202, body: { projection: 'withdrawals' } });
    await eventually(async () => (await rebuildOf(answer.body['id']))?.state === 'done', PATIENCE);
    const { body } = await get('/v1/operations/intake/projections');
    expect(body['projections']).toEqual([
      { name: 'withdrawals', version: 1, generation: 2, state: 'serving', lagEvents: 0 },
    ]);
  });

  it('ask for one rebuild for one key, and none for a name that is not known', async () => {
    const key = randomUUID();
    const path = '/v1/operations/intake/projections/rebuild';
    const [first, again] = [await post(path, {}, key), await post(path, {}, key)];
    expect(again.body).toEqual(first.body);
    await eventually(async () => (await rebuildOf(first.body['id']))?.state === 'done', PATIENCE);
    const { rows } = await sql.query('SELECT 1 FROM intake.es_job WHERE id = $1', [first.body['id']]);
    expect(rows).toHaveLength(1);
    expect(await post(path, { name: 'nonsense' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/name' }] },
    });
    expect((await post(path, { nmae: 'withdrawals' })).status).toBe(422);
  });

  it('make a read schema anew that was dropped whole; reads say 503 and when to come again meanwhile', async () => {
    await withdraw('acme.dropped');
    await shown('acme.dropped', '1');
    await sql.query('DROP SCHEMA intake_read CASCADE');
    const lost = await get('/v1/withdrawals/acme.dropped');
    expect(lost).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(lost.headers.get('retry-after'))).toBeGreaterThan(0);

    let release: () => void = () => undefined;
    slow.until = new Promise((resolve) => {
      release = resolve;
    });
    const { status, body } = await post('/v1/operations/intake/projections/rebuild');
    expect(status).toBe(202);
    await eventually(async () => {
      const { body: list } = await get('/v1/operations/intake/projections');
      return (list['projections'] as { state: string }[]).some(({ state }) => state === 'building');
    }, PATIENCE);
    expect(await rebuildOf(body['id'])).toMatchObject({ state: 'running', projection: null });
    expect((await get('/v1/withdrawals/acme.dropped')).status).toBe(503);
    slow.until = null;
    release();
    await eventually(async () => (await rebuildOf(body['id']))?.state === 'done', PATIENCE);
    expect((await get('/v1/withdrawals/acme.dropped')).body).toEqual({ rows: [{ version: '1' }] });
    await withdraw('acme.dropped');
    await shown('acme.dropped', '2');
  });

  it('show what is parked and why, whole, and re-drive it in order', async () => {
    const id = 'acme.poison';
    broken.add(id);
    await withdraw(id);
    await withdraw(id);
    await eventually(async () => (await parkedOf(id)) === 2, PATIENCE);
    expect(await parked()).toContainEqual(
      expect.objectContaining({
        consumer: 'rollout.integration',
        key: id,
        error: `TypeError: ${id} is broken`,
      }),
    );
    const path = `/v1/operations/rollout/parked/rollout.integration/${id}`;
    const { body } = await get(path);
    expect(body['items']).toMatchObject([
      {
        topic: TOPIC,
        messageKey: id,
        headers: { ce_streamversion: '1', ce_source: 'kwanus/intake' },
        body: {
          encoding: 'utf8',
          content: JSON.stringify({ integrationId: id, reason: 'x', release: '1.0.0' }),
        },
      },
      { headers: { ce_streamversion: '2' } },
    ]);
    expect((await post(`${path}/redrive`)).body).toEqual({
      handled: 0,
      remaining: 2,
      error: `${id} is broken`,
    });
    expect(await noted(id)).toBe(0);
    broken.delete(id);
    expect((await post(`${path}/redrive`)).body).toEqual({ handled: 2, remaining: 0, error: null });
    expect(await noted(id)).toBe(2);
    expect((await get(path)).status).toBe(404);
    expect((await post(`${path}/redrive`)).status).toBe(404);
  });

  it('skip the first message of a key with a reason, once for one key; an event says who and why', async () => {
    const id = 'acme.skipped';
    broken.add(id);
    await withdraw(id);
    await withdraw(id);
    await eventually(async () => (await parkedOf(id)) === 2, PATIENCE);
    const path = `/v1/operations/rollout/parked/rollout.integration/${id}/skip`;
    expect((await post(path, {})).status).toBe(422);
    expect((await post(path, { reason: ' ' })).status).toBe(422);
    const key = randomUUID();
    expect((await post(path, { reason: 'a double' }, key)).body).toEqual({ remaining: 1 });
    expect((await post(path, { reason: 'a double' }, key)).body).toEqual({ remaining: 1 });
    expect((await skippedEvents()).at(-1)).toMatchObject({
      consumer: 'rollout.integration',
      reason: 'a double',
      streamVersion: 1,
      actor: { kind: 'person', id: expect.stringMatching(/^person:/) },
    });
    broken.delete(id);
    expect((await post(path.replace(/skip$/, 'redrive'))).body).toMatchObject({ handled: 1, remaining: 0 });
    expect(await noted(id)).toBe(1);
  });

  it('give up missing versions of a stream, never backwards; the stopped partition goes on', async () => {
    const id = 'acme.gap';
    await withdraw(id);
    await withdraw(id);
    await eventually(async () => (await noted(id)) === 2, PATIENCE);
    await sql.query('UPDATE rollout.es_stream_pos SET version = 0 WHERE stream_id = $1', [
      `integration-${id}`,
    ]);
    await withdraw(id);
    const path = `/v1/operations/rollout/parked/rollout.integration/gaps/integration-${id}/skip`;
    const body = { throughVersion: 2, reason: 'lost in the fire' };
    expect((await post(path, body)).body).toMatchObject({ throughVersion: 2 });
    await eventually(async () => (await noted(id)) === 3, PATIENCE);
    expect((await skippedEvents()).at(-1)).toMatchObject({ throughVersion: 2, reason: 'lost in the fire' });
    expect((await post(path, body)).body).toMatchObject({ status: 409, rejection: 'nothing-to-skip' });
    expect((await post(path.replace('rollout.integration', 'nobody'), body)).status).toBe(404);
  });

  it('show how far the relay is, and send a stream again, which changes nothing at its consumers', async () => {
    const id = 'acme.again';
    await withdraw(id);
    await withdraw(id);
    await eventually(async () => (await noted(id)) === 2, PATIENCE);
    await eventually(
      async () => (await get('/v1/operations/intake/relay')).body['lagEvents'] === 0,
      PATIENCE,
    );
    expect((await get('/v1/operations/intake/relay')).body).toMatchObject({
      position: { epoch: 1, globalPosition: expect.stringMatching(/^\d+$/) },
      lagSeconds: 0,
      blocked: null,
    });
    const path = '/v1/operations/intake/relay/republish';
    const key = randomUUID();
    const body = { stream: `integration-${id}`, fromVersion: 2 };
    expect((await post(path, body, key)).body).toEqual({ stream: `integration-${id}`, sent: 1 });
    expect((await post(path, body, key)).body).toEqual({ stream: `integration-${id}`, sent: 1 });
    expect(await sent(id)).toBe(3);
    await withdraw(id);
    await eventually(async () => (await noted(id)) === 3, PATIENCE);
    expect((await post(path, { stream: 'integration-none', fromVersion: 1 })).status).toBe(404);
  });

  it('send the whole log again when its relay is rewound, which changes nothing at its consumers', async () => {
    const id = 'acme.rewound';
    await withdraw(id);
    await withdraw(id);
    await eventually(async () => (await noted(id)) === 2, PATIENCE);
    const path = '/v1/operations/intake/relay/rewind';
    expect((await post(path)).status).toBe(422);
    expect((await post(path, { reason: 'x' }, randomUUID(), 'reviewer')).status).toBe(403);
    const key = randomUUID();
    const body = { reason: 'the brokers were restored empty' };
    const { rows } = await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM intake.es_event');
    const answered = { status: 202, body: { lagEvents: (rows[0]?.n ?? 0) + 1 } };
    expect(await post(path, body, key)).toMatchObject(answered);
    expect(await post(path, body, key)).toMatchObject(answered);
    await eventually(async () => (await sent(id)) === 4, PATIENCE);
    await eventually(
      async () => (await get('/v1/operations/intake/relay')).body['lagEvents'] === 0,
      PATIENCE,
    );
    await withdraw(id);
    await eventually(async () => (await noted(id)) === 3, PATIENCE);
    expect(await sent(id)).toBe(5);
  });

  it('know a log that is not relayed', async () => {
    const path = '/v1/operations/monitoring/telemetry';
    expect((await get(`${path}/health`)).body).toMatchObject({
      service: 'monitoring_telemetry',
      relay: null,
    });
    expect((await get(`${path}/relay`)).status).toBe(404);
    expect((await post(`${path}/relay/republish`, { stream: 's', fromVersion: 1 })).status).toBe(404);
    expect((await post(`${path}/relay/rewind`, { reason: 'none' })).status).toBe(404);
    expect((await get(`${path}/parked`)).body).toEqual({ items: [] });
  });

  it('show what holds readers back, with the pid, and how far everything is behind', async () => {
    const holder = new pg.Client({ connectionString: database.url, application_name: 'the holder' });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT pg_current_xact_id()');
      const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await eventually(async () => {
        const { body } = await get('/v1/operations/rollout/health');
        return (body['horizon'] as { pid: number } | null)?.pid === rows[0]?.pid;
      }, PATIENCE);
    } finally {
      await holder.query('ROLLBACK');
      await holder.end();
    }
    expect((await get('/v1/operations/rollout/health')).body).toMatchObject({
      service: 'rollout',
      projectionLag: 0,
      consumerLag: { 'rollout.integration': expect.any(Number) },
      relay: { lagSeconds: expect.any(Number) },
      parked: { keys: expect.any(Number), messages: expect.any(Number) },
    });
  });

  // The last one: nothing that intake appends goes out any more.
  it('name the event that the relay stands before, with the reason and what to do', async () => {
    const stream = 'integration-acme.unpublishable';
    await sql.query(
      `SELECT intake.es_append_one('default', $1, 'integration', $1, -1, $2, $2, NULL, NULL, $3, 'NobodyKnowsThis', 1, '{}', $4)`,
      [stream, randomUUID(), randomUUID(), META],
    );
    const blocked = {
      stream,
      version: 1,
      type: 'NobodyKnowsThis',
      reason: expect.stringContaining('Add its schema'),
    };
    const relay = async () => (await get('/v1/operations/intake/relay')).body;
    await eventually(async () => (await relay())['blocked'] !== null, PATIENCE);
    expect(await relay()).toMatchObject({ lagEvents: 1, blocked });
    expect((await get('/v1/operations/intake/health')).body).toMatchObject({ relay: { blocked } });
  });
});
