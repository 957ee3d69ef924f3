import { createHash, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { developmentKeyFile, loadIdentities, signDevelopmentToken } from '@kwanus/auth';
import {
  type AppProcess,
  type Apps,
  buildApps,
  eventually,
  type OtlpReceiver,
  openApps,
  startOtlpReceiver,
  type TestDatabase,
  testDatabase,
} from '@kwanus/testing-infra';
import pg from 'pg';

const PATIENCE = 60_000;
const INTEGRATION = 'acme.traced';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OPENAPI = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Traced', version: '1.0.0' },
  paths: { '/things': { get: { operationId: 'listThings', responses: {} } } },
});
const MANIFEST = `apiVersion: kwanus.integration/v1
kind: Integration
metadata: { partner: acme, name: traced, version: 1.0.0 }
lifecycle: { stability: stable }
compatibility: { platform: ">=4.2 <6" }
api:
  provides: [{ id: traced-v1, openapi: api/traced.json }]
permissions: [{ id: "orders:read", actions: [read], reason: show }]
fallback: [{ for: "api:traced-v1", on: [5xx], do: serve-cached }]
accountable: { contact: { name: Ann Example, email: ann@acme.example }, sponsor: Platform Team }
`;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the services as processes of their own', () => {
  let database: TestDatabase;
  let apps: Apps;
  let sql: pg.Client;
  let intake: AppProcess;
  let monitoring: AppProcess;
  let base: string;
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    buildApps();
    database = await testDatabase();
    apps = openApps(database.url);
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    receiver = await startOtlpReceiver();
    const exporting = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
    };
    intake = apps.start('intake', exporting);
    monitoring = apps.start('monitoring', exporting);
    [base] = await Promise.all([intake.ready, monitoring.ready]);
  }, 240_000);
  afterAll(async () => {
    await apps.close();
    await receiver.close();
    await sql.end();
    await database.drop();
  });

  async function send(
    method: string,
    path: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const people = loadIdentities(join(import.meta.dirname, '..', '..', '..', 'identities.yaml')).people;
    const anna = people.find(({ name }) => name === 'anna');
    if (anna === undefined) throw new TypeError('identities.yaml has no anna');
    const token = await signDevelopmentToken(developmentKeyFile(apps.dataFolder), anna);
    const response = await fetch(`${base}${path}`, {
      method,
      body,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        ...headers,
      },
    });
    return { status: response.status, text: await response.text() };
  }

  async function propose(): Promise<void> {
    const files: Record<string, string> = { 'kwanus.yaml': MANIFEST, 'api/traced.json': OPENAPI };
    const references: { path: string; digest: string; size: number; mediaType: string }[] = [];
    for (const [path, content] of Object.entries(files)) {
      const digest = createHash('sha256').update(content).digest('hex');
      const mediaType = 'text/plain';
      const put = await send('PUT', `/v1/artifacts/${digest}`, content, { 'content-type': mediaType });
      expect(put.status).toBeLessThan(300);
      references.push({ path, digest, size: Buffer.byteLength(content), mediaType });
    }
    const submitted = await send(
      'POST',
      '/v1/integrations',
      JSON.stringify({ manifest: 'kwanus.yaml', files: references }),
    );
    expect(submitted).toMatchObject({ status: 200 });
  }

  const tracesOf = async (schema: string, type: string) => {
    const { rows } = await sql.query<{ meta: string }>(
      `SELECT meta FROM ${schema}.es_event WHERE type = $1 AND routing_key = $2`,
      [type, INTEGRATION],
    );
    return rows.map(({ meta }) => String((JSON.parse(meta) as { traceparent?: string }).traceparent));
  };
  const entries = ({ lines }: AppProcess) => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('[PB-10.05] one trace runs from the HTTP command through log, relay and consumer; the lines about it carry trace and integration', async () => {
    await propose();
    const withdrawn = await send(
      'POST',
      `/v1/integrations/${INTEGRATION}/lifecycle`,
      JSON.stringify({ move: 'withdraw', release: '1.0.0', reason: 'to follow it' }),
      { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
    );
    expect(withdrawn).toMatchObject({ status: 200 });
    const withTrace = expect.stringMatching(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    // The log of intake, the message on its way, the log of monitoring.
    expect(await tracesOf('intake', 'ReleaseWithdrawn')).toEqual([withTrace]);
    await eventually(async () => (await tracesOf('monitoring', 'ReleaseEnded')).length === 1, PATIENCE);
    expect(await tracesOf('monitoring', 'ReleaseEnded')).toEqual([withTrace]);
    const { rows } = await sql.query<{ headers: string }>(
      `SELECT headers FROM bus.message WHERE headers LIKE '%kwanus.integration.release-withdrawn.v1%'`,
    );
    expect(rows.map(({ headers }) => (JSON.parse(headers) as { traceparent: string }).traceparent)).toEqual([
      withTrace,
    ]);

    const told = { trace_id: TRACE, span_id: expect.any(String), integration_id: INTEGRATION };
    await eventually(() => entries(monitoring).some(({ trace_id: id }) => id === TRACE), PATIENCE);
    expect(entries(intake)).toContainEqual(
      expect.objectContaining({
        ...told,
        msg: 'command',
        route: 'LifecycleController.move',
        outcome: 'accepted',
      }),
    );
    expect(entries(monitoring)).toContainEqual(
      expect.objectContaining({
        ...told,
        msg: 'message',
        consumer: 'monitoring.integration',
        message_type: 'kwanus.integration.release-withdrawn.v1',
      }),
    );
    for (const entry of [...entries(intake), ...entries(monitoring)])
      expect(entry).toMatchObject({ level: expect.any(String), time: expect.any(String) });
  }, 120_000);

  it('[PB-10.05] an OTLP receiver gets that trace as one tree, and the metrics of every service', async () => {
    const ofTrace = () => receiver.spans.filter(({ traceId }) => traceId === TRACE);
    const services = () => [...new Set(ofTrace().map(({ service }) => service))].sort();
    await eventually(() => services().length === 2, PATIENCE);
    expect(services()).toEqual(['kwanus-intake', 'kwanus-monitoring']);
    // The command's caller stands outside; every other span has its parent here.
    const orphans = () => {
      const known = new Set(['00f067aa0ba902b7', ...ofTrace().map(({ spanId }) => spanId)]);
      return ofTrace().filter(({ parentId }) => !known.has(parentId));
    };
    await eventually(() => orphans().length === 0, PATIENCE).catch(() => undefined);
    expect(orphans()).toEqual([]);
    for (const metric of ['kwanus-intake kwanus.commands', 'kwanus-monitoring kwanus.consumer.lag'])
      await eventually(() => receiver.metrics.has(metric), PATIENCE);
  }, 120_000);

  it('/metrics shows commands, appends, conflicts, guard firings, lags, the age of the horizon and gate verdicts', async () => {
    await send('POST', `/v1/integrations/${INTEGRATION}/lifecycle`, '{"move":"suspend","reason":"x"}');
    const text = async (process: AppProcess) => (await fetch(`${await process.ready}/metrics`)).text();
    const value = (metric: string) => new RegExp(`^${metric}(\\{[^}]*\\})? [0-9.e+-]+`, 'm');
    const ofIntake = await text(intake);
    for (const metric of [
      'kwanus_commands_total',
      'kwanus_log_appends_total',
      'kwanus_log_conflicts_total',
      'kwanus_log_guard_firings_total',
      'kwanus_relay_lag',
      'kwanus_log_horizon_age',
      'kwanus_consumer_lag',
    ])
      expect({ metric, shown: value(metric).test(ofIntake) }).toEqual({ metric, shown: true });
    expect(ofIntake).toMatch(/kwanus_commands_total\{[^}]*outcome="accepted"[^}]*\} [1-9]/);
    expect(ofIntake).toMatch(/kwanus_log_appends_total\{[^}]*log="intake"[^}]*\} [1-9]/);
    const ofMonitoring = await text(monitoring);
    for (const metric of ['kwanus_gate_verdicts_total', 'kwanus_consumer_lag', 'kwanus_relay_lag'])
      expect({ metric, shown: value(metric).test(ofMonitoring) }).toEqual({ metric, shown: true });
  }, 60_000);

  it.each(['validation', 'rollout'])(
    '%s starts by itself, is ready, and stops when asked: exit 0, nothing left over',
    async (app) => {
      const service = apps.start(app);
      const address = await service.ready;
      expect(await (await fetch(`${address}/readyz`)).json()).toEqual({ status: 'ok', checks: [app] });
      expect((await fetch(`${address}/v1/operations/${app}/health`)).status).toBe(401);
      service.signal('SIGTERM');
      expect(await service.ended).toEqual({ code: 0, signal: null });
      expect(alive(service.pid)).toBe(false);
      const { rows } = await sql.query(
        'SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE $1',
        [`kwanus ${app}%`],
      );
      expect(rows).toEqual([]);
    },
    120_000,
  );

  it('leaves at once at the second signal, though a request is in hand', async () => {
    const service = apps.start('rollout');
    const { port } = new URL(await service.ready);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /v1/operations/rollout/projections/rebuild HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 2\r\n`,
    );
    await eventually(async () => {
      const { rows } = await sql.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kwanus rollout'",
      );
      return rows.length > 0;
    }, PATIENCE);
    service.signal('SIGTERM');
    await eventually(
      () => service.lines.some((line) => line.includes('finishing what is in hand')),
      PATIENCE,
    );
    const began = performance.now();
    service.signal('SIGTERM');
    expect(await service.ended).toEqual({ code: 143, signal: null });
    expect(performance.now() - began).toBeLessThan(2_000);
    socket.destroy();
  }, 120_000);

  it.each([
    [{ KWANUS_DATABASE_URL: '' }, /KWANUS_DATABASE_URL/],
    [{ KWANUS_HOST: '0.0.0.0' }, /development issuer runs on loopback only/],
  ])('does not start with %j: one clear line, exit 2', async (environment, said) => {
    const service = apps.start('rollout', environment);
    expect(await service.ended).toEqual({ code: 2, signal: null });
    expect(service.lines.join('\n')).toMatch(said);
  });

  it('does not start on a port that is taken: exit 2', async () => {
    const service = apps.start('rollout', { KWANUS_PORT: new URL(base).port });
    expect(await service.ended).toEqual({ code: 2, signal: null });
    expect(service.lines.join('\n')).toMatch(/Port \d+ is in use/);
  }, 60_000);
});
