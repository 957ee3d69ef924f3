import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@kwanus/auth';
import { monitoringHttp, TOPICS } from '@kwanus/contracts';
import { Projections } from '@kwanus/event-store';
import type { HttpApplication } from '@kwanus/http';
import { openPostgresTransport, type PostgresTransport } from '@kwanus/messaging';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { applicationOf, optionsOf, TestIssuer } from '@kwanus/testing-infra/service-under-test';
import { AlertSignals } from './alerts/alert-signals.js';
import { monitoringParts } from './monitoring-parts.js';
import { MonitoringRules } from './monitoring-rules.js';
import { TELEMETRY_GROUP, TelemetryConsumer } from './telemetry/telemetry.consumer.js';
import { TelemetryLog } from './telemetry/telemetry-log.js';
import type { TelemetryEvent } from './telemetry/telemetry-message.js';
import { eventually, RULES, SettableClock } from './testing/monitoring-harness.js';

const TEN = Date.UTC(2026, 10, 23, 10);
const minute = (n: number): number => TEN + n * 60_000;
const issuer = new TestIssuer();
const BATCH = 'application/cloudevents-batch+json';

class MonitoringUnderTest {}

describe('Monitoring over HTTP', () => {
  const clock = new SettableClock(minute(10));
  let database: TestDatabase;
  let transport: PostgresTransport;
  let application: HttpApplication;
  let address: string;

  beforeAll(async () => {
    database = await testDatabase();
    transport = await openPostgresTransport({ url: database.url, leaseMs: 2_000 });
    const rules = new MonitoringRules({ monitoring: RULES, version: '1.0' });
    const parts = monitoringParts(optionsOf(database.url, transport, { clock }), rules);
    application = await applicationOf({ module: MonitoringUnderTest, ...parts }, issuer);
    address = await application.listen();
  });
  afterAll(async () => {
    await application?.stop();
    await transport?.close();
    await database?.drop();
  });

  const token = (roles: readonly Role[], partner?: string): Promise<string> =>
    issuer.tokenOf({
      subject: `${roles.join()} ${partner ?? ''}`,
      roles,
      ...(partner === undefined ? {} : { partner }),
    });
  async function ask(path: string, bearer: string, init: RequestInit = {}) {
    const response = await fetch(`${address}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${bearer}`, ...(init.headers as Record<string, string> | undefined) },
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: text === '' ? null : JSON.parse(text),
      headers: response.headers,
    };
  }
  const post = async (
    body: unknown,
    type = BATCH,
    { bearer, key = randomUUID() }: { bearer?: string; key?: string } = {},
  ) =>
    ask('/v1/telemetry', bearer ?? (await token(['service'])), {
      method: 'POST',
      headers: { 'content-type': type, 'idempotency-key': key },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const call = (integration: string, at: number, status = 200): TelemetryEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'kwanus/gateway',
    type: 'kwanus.telemetry.api-call.v1',
    data: {
      integration,
      release: '1.3.0',
      workspace: 'w-1',
      at: new Date(at).toISOString(),
      operation: 'getOrder',
      status,
      durationMs: 12,
    },
  });
  const sent = async (): Promise<number> => {
    const telemetry = application.app.get(TelemetryLog, { strict: false });
    const [row] = await telemetry.work.query<{ count: string }>(
      'SELECT count(*) FROM bus.message JOIN bus.topic t ON t.id = topic_id WHERE t.name = $1',
      [TOPICS.telemetry.name],
    );
    return Number(row?.count ?? 0);
  };

  it('[PB-2.6] takes a batch, answers 202, and shows it once its windows are sealed', async () => {
    const answer = await post([
      ...[0, 1, 2].map(() => call('acme.orders', minute(0), 200)),
      call('acme.orders', minute(0), 500),
      call('acme.orders', minute(5)),
    ]);
    expect([answer.status, answer.body]).toEqual([202, { accepted: 5 }]);
    const operator = await token(['operator']);
    const usage = await eventually(async () => {
      const found = await ask('/v1/usage/acme.orders', operator);
      return found.status === 200 ? found.body : undefined;
    });
    const page = monitoringHttp.UsagePage.parse(usage);
    expect(page.items).toMatchObject([
      {
        release: '1.3.0',
        observations: 4,
        sealedTo: new Date(minute(1)).toISOString(),
        operations: [{ operation: 'getOrder', requests: 4, failures: 1, errorRate: 0.25 }],
      },
    ]);
  });

  it('[PB-10.01] shows objective, budget and burn per signal; unknown is null', async () => {
    const { body } = await ask('/v1/slos/acme.orders', await token(['operator']));
    expect(monitoringHttp.SloPage.parse(body).items).toMatchObject([
      {
        signal: 'api-errors',
        objective: 0.99,
        counts: { requests: 4, failures: 1 },
        budget: { allowed: expect.closeTo(0.04), consumed: expect.closeTo(25) },
        burn: [
          { rule: 'page-quick', long: expect.closeTo(25), short: null, firing: false, lowTraffic: true },
          {},
          {},
        ],
        accountable: null,
      },
    ]);
  });

  it('takes one event too, and the same Idempotency-Key once', async () => {
    const key = randomUUID();
    const event = call('acme.single', minute(0));
    const before = await sent();
    expect((await post(event, 'application/cloudevents+json', { key })).status).toBe(202);
    expect((await post(event, 'application/cloudevents+json', { key })).body).toEqual({ accepted: 1 });
    expect(await sent()).toBe(before + 1);
  });

  it('names what is wrong with index and pointer, and takes nothing of the batch', async () => {
    const before = await sent();
    const bad = call('acme.bad', minute(0));
    const answer = await post([
      call('acme.bad', minute(0)),
      { ...bad, data: { ...bad.data, status: 700, extra: 1 } },
    ]);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'validation-failed' });
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/1/data/status',
      '/1/data',
    ]);
    expect(await sent()).toBe(before);
  });

  it.each<[string, unknown, string, number]>([
    ['an empty batch', [], BATCH, 422],
    ['more than a thousand', Array.from({ length: 1_001 }, () => 0), BATCH, 422],
    ['a batch that is no list', {}, BATCH, 422],
    ['JSON that says not what it is', [], 'application/json', 415],
    ['what is not JSON', '[{', BATCH, 400],
    ['a body over a megabyte', `["${'x'.repeat(1_100_000)}"]`, BATCH, 413],
    ['U+0000 in a name', JSON.stringify([{ specversion: '1.0', id: 'a\u0000' }]), BATCH, 422],
  ])('refuses %s', async (_case, body, type, status) => {
    const before = await sent();
    expect((await post(body, type)).status).toBe(status);
    expect(await sent()).toBe(before);
  });

  it('takes telemetry from services only, of the platform and not of a partner, and only with a key', async () => {
    expect(
      (
        await post([call('acme.orders', minute(0))], BATCH, {
          bearer: await token(['partner', 'service'], 'acme'),
        })
      ).status,
    ).toBe(403);
    expect(
      (await post([call('acme.orders', minute(0))], BATCH, { bearer: await token(['operator']) })).status,
    ).toBe(403);
    expect(
      (await post([call('acme.orders', minute(0))], BATCH, { bearer: await token(['partner'], 'acme') }))
        .status,
    ).toBe(403);
    const keyless = await ask('/v1/telemetry', await token(['service']), {
      method: 'POST',
      headers: { 'content-type': BATCH },
      body: JSON.stringify([call('acme.orders', minute(0))]),
    });
    expect(keyless.status).toBe(400);
  });

  it('shows a partner its own, and answers for another’s as for what is missing', async () => {
    const acme = await token(['partner'], 'acme');
    const beta = await token(['partner'], 'beta');
    for (const kind of ['usage', 'slos']) {
      expect((await ask(`/v1/${kind}/acme.orders`, acme)).status).toBe(200);
      const anothers = await ask(`/v1/${kind}/acme.orders`, beta);
      const missing = await ask(`/v1/${kind}/acme.nothing`, beta);
      expect(anothers.status).toBe(404);
      expect(withoutPlace(anothers.text)).toBe(withoutPlace(missing.text));
      const { body } = await ask(`/v1/${kind}`, beta);
      expect(body).toEqual({ items: [], next: null });
      expect((await ask(`/v1/${kind}`, acme)).body.items.length).toBeGreaterThan(0);
    }
  });

  describe('alerts', () => {
    let alertId: string;
    beforeAll(async () => {
      const signals = application.app.get(AlertSignals, { strict: false });
      const usage = { bypassedBy: [{ name: 'payouts:create', count: 1 }], outOfScopeBy: [], triedLately: 0 };
      await signals.ofPermissions(
        { integrationId: 'acme.orders', release: '1.3.0', cause: randomUUID() },
        { ...usage, used: 0, denied: 0, outOfScope: 0, bypassed: 1, neverUsed: [], judged: true },
      );
      const operator = await token(['operator']);
      alertId = await eventually(async () => (await ask('/v1/alerts', operator)).body.items[0]?.alertId);
    });
    const act = async (move: string, bearer: string, headers: Record<string, string> = {}) =>
      ask(`/v1/alerts/${alertId}/${move}`, bearer, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
        body: JSON.stringify({ reason: 'seen, the key is revoked' }),
      });

    it('[PB-10.07] are another partner’s to nobody, acknowledged with a reason, then resolved', async () => {
      const operator = await token(['operator']);
      const beta = await token(['partner'], 'beta');
      const acme = await token(['partner'], 'acme');
      expect((await ask(`/v1/alerts/${alertId}`, beta)).status).toBe(404);
      expect((await ask('/v1/alerts', beta)).body.items).toEqual([]);
      expect((await ask(`/v1/alerts/${alertId}`, acme)).status).toBe(200);
      expect((await act('acknowledge', acme)).status).toBe(403);
      expect((await act('acknowledge', operator, { 'if-match': '"7"' })).status).toBe(412);
      const acknowledged = await act('acknowledge', operator, { 'if-match': '"1"' });
      expect([acknowledged.status, acknowledged.body]).toEqual([200, { alertId, version: 2 }]);
      const seen = await ask(`/v1/alerts/${alertId}?minVersion=2`, operator);
      expect(monitoringHttp.AlertView.parse(seen.body)).toMatchObject({
        status: 'acknowledged',
        signal: 'permission-usage',
        acknowledged: { reason: 'seen, the key is revoked' },
      });
      expect((await act('resolve', operator)).body).toEqual({ alertId, version: 3 });
      const ended = await ask(`/v1/alerts/${alertId}?minVersion=3`, operator);
      expect(ended.body).toMatchObject({ status: 'resolved' });
      const refused = await act('acknowledge', operator);
      expect([refused.status, refused.body.rejection]).toEqual([409, 'alert-not-open']);
    });
  });

  it('gives the same answers after all read models were dropped and built again', async () => {
    const operator = await token(['operator']);
    const paths = ['/v1/usage', '/v1/slos', '/v1/alerts', '/v1/usage/acme.orders'];
    await eventually(async () => {
      const lag = await transport.lag(TELEMETRY_GROUP);
      return [...lag.values()].every((behind) => behind === 0) ? true : undefined;
    });
    // Otherwise the consumer's own timer seals it, maybe between the answers that are compared.
    await application.app.get(TelemetryConsumer, { strict: false }).sealOverdue();
    const models = [
      application.app.get(TelemetryLog, { strict: false }).projections,
      application.app.get(Projections, { strict: false }),
    ];
    // A neighbour's open transaction holds the read models back for a while.
    await eventually(async () => {
      const behind = (await Promise.all(models.map((projections) => projections.list()))).flat();
      return behind.every(({ lagEvents }) => lagEvents === 0) ? true : undefined;
    });
    const before = await Promise.all(paths.map(async (path) => (await ask(path, operator)).text));
    for (const projections of models) await projections.rebuild();
    const after = await Promise.all(paths.map(async (path) => (await ask(path, operator)).text));
    expect(after).toEqual(before);
  });
});

const withoutPlace = (text: string): string => text.replace(/"(instance|traceId)":"[^"]*"/g, '');
