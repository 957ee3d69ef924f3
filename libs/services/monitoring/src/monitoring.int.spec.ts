import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MESSAGE_TYPES, TOPICS } from '@kwanus/contracts';
import type { StoredEvent } from '@kwanus/event-store';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { signatureOf } from './alerts/deliver-alert.job.js';
import { type TelemetryEvent, toMessage } from './telemetry/telemetry-message.js';
import {
  eventually,
  type Monitoring,
  OtherService,
  SettableClock,
  startMonitoring,
} from './testing/monitoring-harness.js';

const TEN = Date.UTC(2026, 10, 23, 10);
const minute = (n: number): number => TEN + n * 60_000;
const SECRET = 'a secret of sixteen bytes or more';

interface Delivered {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('Monitoring of live rollouts', () => {
  const clock = new SettableClock(TEN);
  const delivered: Delivered[] = [];
  const published: { type: string; data: Record<string, unknown> }[] = [];
  let refusals = 1;
  const webhook = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      delivered.push({ headers: request.headers, body });
      response.writeHead(refusals-- > 0 ? 500 : 204).end();
    });
  });
  let database: TestDatabase;
  let monitoring: Monitoring;
  let intake: OtherService;
  let rollout: OtherService;

  beforeAll(async () => {
    database = await testDatabase();
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
    const { port } = webhook.address() as AddressInfo;
    monitoring = await startMonitoring(database.url, clock, {
      webhook: { url: `http://127.0.0.1:${port}/alerts`, secret: SECRET },
    });
    intake = new OtherService(() => monitoring.transport, TOPICS.integration);
    rollout = new OtherService(() => monitoring.transport, TOPICS.rollout);
    await monitoring.transport.subscribe({
      group: 'spec',
      topics: [TOPICS.monitoring.name],
      from: 'earliest',
      handler: async (batch) => {
        for (const { headers, body } of batch)
          published.push({
            type: headers['ce_type'] ?? '',
            data: JSON.parse(Buffer.from(body ?? []).toString()),
          });
      },
    });
  });
  afterAll(async () => {
    await monitoring?.stop();
    webhook.closeAllConnections();
    webhook.close();
    await database?.drop();
  });

  const events = async (streamId: string): Promise<readonly StoredEvent[]> =>
    (await monitoring.log.store.readStream(streamId)).events;
  const verdicts = (integrationId: string) => events(`gate-rollout-${integrationId}`);

  async function live(integrationId: string, at = TEN): Promise<void> {
    const ofRollout = { integrationId, release: '1.3.0', rolloutId: `rollout-${integrationId}` };
    await intake.tell({
      type: 'rollout-requested',
      streamId: `integration-${integrationId}`,
      data: {
        ...ofRollout,
        previous: '1.2.0',
        type: 'staged',
        risk: { level: 'medium', reasons: [] },
        subject: 'integration',
        record: {},
        fallback: [],
        allowList: { internal: [], partners: [] },
        partnerOnly: false,
        watched: {
          operations: ['getOrder'],
          workflows: [],
          permissions: [{ id: 'orders:read', actions: ['read'] }],
          extensions: [],
          slos: [],
        },
        accountable: { contact: 'person:contact', sponsor: 'person:sponsor' },
        requestedAt: new Date(at).toISOString(),
      },
    });
    const step = { step: 'canary-1', stepIndex: 0, percent: 1 };
    await rollout.tell({
      type: 'step-started',
      streamId: ofRollout.rolloutId,
      data: {
        ...ofRollout,
        ...step,
        at: new Date(at).toISOString(),
      },
    });
    await eventually(async () => ((await events(`watch-${integrationId}`)).length === 2 ? true : undefined));
  }

  const origin = (integration: string, at: number, release = '1.3.0') => ({
    integration,
    release,
    workspace: 'w-1',
    at: new Date(at).toISOString(),
  });
  const call = (
    integration: string,
    at: number,
    { release = '1.3.0', status = 200 } = {},
  ): TelemetryEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'kwanus/gateway',
    type: 'kwanus.telemetry.api-call.v1',
    data: { ...origin(integration, at, release), operation: 'getOrder', status, durationMs: 12 },
  });
  const use = (
    integration: string,
    at: number,
    permission: string,
    decision: 'allowed' | 'denied',
  ): TelemetryEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'kwanus/gateway',
    type: 'kwanus.telemetry.permission-use.v1',
    data: { ...origin(integration, at), permission, resource: 'order/7', decision },
  });
  const send = (...telemetry: readonly TelemetryEvent[]) =>
    monitoring.transport.send(TOPICS.telemetry.name, telemetry.map(toMessage));
  const times = <T>(count: number, make: (n: number) => T): T[] =>
    Array.from({ length: count }, (_, n) => make(n));
  const numbersOf = async (integrationId: string, count: number) =>
    eventually(async () => {
      const found = await verdicts(integrationId);
      return found.length >= count ? found.map(({ data }) => data as Record<string, never>) : undefined;
    });
  const message = (type: string, integrationId: string) =>
    eventually(async () =>
      published.find(
        (each) =>
          each.type === `kwanus.monitoring.${type}.v1` && each.data['integrationId'] === integrationId,
      ),
    );

  it('[PB-2.6] turns traffic into sealed windows, and these into a passing verdict with its numbers', async () => {
    clock.value = minute(6);
    await live('acme.orders');
    await send(
      ...times(20, (n) => call('acme.orders', minute(0) + n * 100)),
      ...times(30, (n) => call('acme.orders', minute(0) + n * 100, { release: '1.2.0' })),
      use('acme.orders', minute(0.5), 'orders:read', 'allowed'),
      ...times(5, (n) => call('acme.orders', minute(1) + n)),
      call('acme.orders', minute(5)),
    );
    const [first, second] = await numbersOf('acme.orders', 2);
    expect(first).toMatchObject({
      rolloutId: 'rollout-acme.orders',
      release: '1.3.0',
      window: { from: '2026-11-23T10:00:00.000Z', to: '2026-11-23T10:01:00.000Z' },
      verdict: 'pass',
      reasons: [],
      silentWindows: 0,
      permissions: { used: 1, bypassed: 0, neverUsed: [], judged: true },
      signals: [
        {
          signal: 'api-errors',
          objective: 0.99,
          canary: { requests: 20, failures: 0 },
          stable: { requests: 30, failures: 0 },
          canaryWindow: { requests: 20, failures: 0 },
        },
      ],
    });
    expect(second).toMatchObject({
      verdict: 'pass',
      signals: [{ canary: { requests: 25 }, canaryWindow: { requests: 5 }, stableWindow: { requests: 0 } }],
    });
    const { data } = await message('gate-verdict', 'acme.orders');
    const schema = MESSAGE_TYPES['kwanus.monitoring.gate-verdict.v1']?.schema;
    expect(schema?.parse(data)).toEqual(data);
  });

  it('[PB-10.03] fails a canary that burns its budget, raises the alert and delivers it signed, until it is taken', async () => {
    clock.value = minute(6);
    await live('acme.bills');
    await send(
      ...times(80, () => call('acme.bills', minute(0))),
      ...times(20, () => call('acme.bills', minute(0), { status: 503 })),
      call('acme.bills', minute(4)),
    );
    const [verdict] = await numbersOf('acme.bills', 1);
    expect(verdict).toMatchObject({
      verdict: 'fail',
      signals: [
        {
          canary: { requests: 100, failures: 20 },
          burn: [
            {
              rule: 'page-quick',
              long: expect.closeTo(20),
              short: expect.closeTo(20),
              factor: expect.closeTo(14.4),
              failuresLong: 20,
              firing: true,
            },
            { rule: 'page-slow', firing: true },
            { rule: 'ticket', firing: true },
          ],
        },
      ],
    });
    expect(verdict?.['reasons']?.[0]).toContain('20 of 100 failed');
    const raised = await message('alert-raised', 'acme.bills');
    expect(raised.data).toMatchObject({ release: '1.3.0', signal: 'api-errors' });
    const taken = await eventually(async () => {
      const ofAlert = delivered.filter(({ body }) => body.includes('acme.bills'));
      const again = ofAlert.find(
        ({ headers }, index) =>
          ofAlert.findIndex((each) => each.headers['kwanus-delivery'] === headers['kwanus-delivery']) < index,
      );
      return again;
    }, 25_000);
    const timestamp = Number(taken.headers['kwanus-timestamp']);
    expect(taken.headers['kwanus-signature']).toBe(signatureOf(SECRET, timestamp, taken.body));
    expect(timestamp).toBe(minute(6) / 1_000);
    await eventually(async () =>
      (
        await monitoring.alerts.list({ partner: 'acme', integrationId: 'acme.bills', after: null, limit: 10 })
      ).every(({ delivery }) => delivery === 'delivered')
        ? true
        : undefined,
    );
  });

  it('[PB-10.07] resolves the burn alerts of a release that was rolled back', async () => {
    await rollout.tell({
      type: 'rolled-back',
      streamId: 'rollout-acme.bills',
      data: {
        integrationId: 'acme.bills',
        release: '1.3.0',
        rolloutId: 'rollout-acme.bills',
        step: 'canary-1',
        stepIndex: 0,
        percent: 0,
        to: '1.2.0',
        automatic: true,
        reasonCode: 'burn',
        reason: 'burns',
        evidence: {},
        decidedAt: new Date(minute(6)).toISOString(),
      },
    });
    const resolved = await message('alert-resolved', 'acme.bills');
    expect(resolved.data['reason']).toBe('the release was rolled back: nobody is meant to meet it any more');
  });

  it('[PB-2.6] says once, by due date, that telemetry fell silent: inconclusive, never a pass', async () => {
    clock.value = minute(0);
    await live('acme.silent');
    clock.value = minute(30);
    const [silent] = await numbersOf('acme.silent', 1);
    expect(silent).toMatchObject({
      verdict: 'inconclusive',
      silentWindows: 3,
      signals: [],
      window: { from: '2026-11-23T10:00:00.000Z', to: '2026-11-23T10:03:00.000Z' },
    });
    expect(silent?.['reasons']).toEqual([
      'no telemetry of the release for 3 windows',
      'no telemetry of the release yet: api-errors',
    ]);
  });

  it('[PB-2.6] seals by the clock when traffic stops', async () => {
    clock.value = minute(31);
    await live('acme.stops', minute(30));
    await send(...times(7, () => call('acme.stops', minute(30))));
    await eventually(async () => {
      const [row] = await monitoring.telemetry.work.query(
        'SELECT 1 FROM monitoring_telemetry.open_window WHERE integration_id = $1',
        ['acme.stops'],
      );
      return row;
    });
    clock.value = minute(35);
    await eventually(async () => {
      await monitoring.consumer.sealOverdue();
      return (await verdicts('acme.stops'))[0];
    });
    expect((await numbersOf('acme.stops', 1))[0]).toMatchObject({
      verdict: 'pass',
      signals: [{ canary: { requests: 7 } }],
    });
  });

  it('[PB-7.01] fails on a permission used without a grant, tells what was violated, and pages', async () => {
    clock.value = minute(36);
    await live('acme.greedy', minute(30));
    await send(
      call('acme.greedy', minute(30)),
      use('acme.greedy', minute(30), 'payouts:create', 'allowed'),
      use('acme.greedy', minute(30), 'payouts:read', 'denied'),
      call('acme.greedy', minute(35)),
    );
    const [verdict] = await numbersOf('acme.greedy', 1);
    expect(verdict).toMatchObject({
      verdict: 'fail',
      permissions: { bypassed: 1, outOfScope: 1, neverUsed: ['orders:read'] },
    });
    expect((await message('permission-violated', 'acme.greedy')).data).toEqual({
      integrationId: 'acme.greedy',
      release: '1.3.0',
      permission: 'payouts:create',
      kind: 'bypassed',
      count: 1,
    });
    const [page] = await eventually(async () => {
      const found = await monitoring.alerts.list({
        partner: 'acme',
        integrationId: 'acme.greedy',
        after: null,
        limit: 10,
      });
      return found.length >= 2 ? found.filter(({ severity }) => severity === 'page') : undefined;
    });
    expect(page).toMatchObject({ signal: 'permission-usage', status: 'open' });
  });
});
