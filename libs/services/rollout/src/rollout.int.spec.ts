import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MESSAGE_TYPES, type rolloutHttp, TOPICS } from '@kwanus/contracts';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import type { z } from 'zod';
import {
  eventually,
  OtherService,
  type RunningRollout,
  SettableClock,
  startRollout,
  tokenOf,
} from './testing/rollout-harness.js';

const TEN = Date.UTC(2026, 10, 23, 10);
const MINUTE = 60_000;
type View = z.infer<typeof rolloutHttp.RolloutView>;
type Published = { readonly type: string; readonly stream: string; readonly data: Record<string, unknown> };

interface Said {
  readonly requests?: number;
  readonly failures?: number;
  readonly silentWindows?: number;
  readonly verdict?: 'pass' | 'fail' | 'inconclusive';
  readonly bypassed?: number;
}

const keysOf = (body: Record<string, unknown> | null): readonly string[] =>
  ((body?.['flags'] ?? []) as readonly { key: string }[]).map(({ key }) => key);

describe('The rollout service', () => {
  const clock = new SettableClock(TEN);
  const intake = new OtherService(() => service.transport, TOPICS.integration, clock);
  const monitoring = new OtherService(() => service.transport, TOPICS.monitoring, clock);
  const published: Published[] = [];
  let database: TestDatabase;
  let service: RunningRollout;
  let operator: string;
  let acme: string;

  async function start(): Promise<void> {
    service = await startRollout(database.url, clock);
    await service.transport.subscribe({
      group: 'spec',
      topics: [TOPICS.rollout.name],
      from: 'earliest',
      handler: async (batch) => {
        for (const { headers, body } of batch)
          published.push({
            type: headers['ce_type'] ?? '',
            stream: `${headers['ce_streamid']} ${headers['ce_streamversion']}`,
            data: JSON.parse(Buffer.from(body ?? []).toString()),
          });
      },
    });
  }
  beforeAll(async () => {
    database = await testDatabase();
    [operator, acme] = await Promise.all([tokenOf(), tokenOf('acme')]);
    await start();
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const get = async (
    path: string,
    token = operator,
  ): Promise<{ status: number; etag: string | null; body: unknown }> => {
    const response = await fetch(`${service.base}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, etag: response.headers.get('etag'), body: await response.json() };
  };
  const ask = async (path: string, body: unknown, { token = operator, headers = {} } = {}) => {
    const response = await fetch(`${service.base}/ofrep/v1/evaluate/flags${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>),
    };
  };
  const until = (rolloutId: string, fits: (view: View) => boolean): Promise<View> =>
    eventually(async () => {
      const { status, body } = await get(`/v1/rollouts/${rolloutId}`);
      return status === 200 && fits(body as View) ? (body as View) : undefined;
    });
  const status = (rolloutId: string, wanted: string): Promise<View> =>
    until(rolloutId, (view) => view.status === wanted);
  const release = async (integrationId: string, key: string): Promise<unknown> => {
    const { body } = await ask(`/${integrationId}`, { context: { targetingKey: key } });
    return (body?.['value'] as { release: unknown } | undefined)?.release;
  };

  const of = (rolloutId: string, integrationId = `acme.${rolloutId}`) => ({
    integrationId,
    release: '2.0.0',
    rolloutId,
  });
  const told = (type: string, rolloutId: string, data: object = {}) => {
    const who = of(rolloutId);
    const all = { ...who, reason: 'because', ...data } as { integrationId: string };
    return intake.tell({ type, streamId: `integration-${who.integrationId}`, data: all as never });
  };
  const request = (rolloutId: string, data: object = {}) =>
    told('rollout-requested', rolloutId, {
      previous: '1.0.0',
      type: 'staged',
      risk: { level: 'medium', reasons: ['partner-only'] },
      subject: 'integration',
      record: { contract: 'c'.repeat(64) },
      fallback: [{ for: 'api:orders-v1' }],
      allowList: { internal: ['ws-internal'], partners: [] },
      partnerOnly: false,
      watched: { operations: [], workflows: [], permissions: [], extensions: [], slos: [] },
      accountable: { contact: 'person:contact', sponsor: 'person:sponsor' },
      requestedAt: new Date(clock.value).toISOString(),
      ...data,
    });
  /** Monitoring's verdict of the minute that ends now. */
  const verdict = (rolloutId: string, said: Said = {}) => {
    const { requests = 200, failures = 0, silentWindows = 0, bypassed = 0 } = said;
    const counts = { requests, failures };
    const burning = failures >= 10;
    const window = {
      from: new Date(clock.value - MINUTE).toISOString(),
      to: new Date(clock.value).toISOString(),
    };
    return monitoring.tell({
      type: 'gate-verdict',
      streamId: `gate-${rolloutId}`,
      data: {
        ...of(rolloutId),
        window,
        signals: [
          {
            signal: 'api-errors',
            of: null,
            objective: 0.99,
            canary: counts,
            stable: { requests: 900, failures: 0 },
            canaryWindow: counts,
            stableWindow: { requests: 900, failures: 0 },
            burn: [
              {
                rule: 'page-quick',
                severity: 'page',
                factor: 14.4,
                long: burning ? 30 : 0,
                short: burning ? 30 : 0,
                failuresLong: failures,
                requestsLong: requests,
                firing: burning,
                unreachable: false,
                lowTraffic: false,
              },
            ],
          },
        ],
        permissions: { used: 1, denied: 0, outOfScope: 0, bypassed, neverUsed: [], judged: true },
        silentWindows,
        verdict: said.verdict ?? (burning ? 'fail' : 'pass'),
        reasons: [],
      },
    });
  };
  const later = (minutes: number): void => {
    clock.value += minutes * MINUTE;
  };
  const types = (rolloutId: string): readonly string[] =>
    published
      .filter(({ data }) => data['rolloutId'] === rolloutId)
      .map(({ type }) => type.split('.')[2] ?? '');

  it('[PB-9.02] [PB-2.5] takes a staged rollout from its first step to completion by verdicts and an approval', async () => {
    await request('walk');
    expect(await status('walk', 'running')).toMatchObject({
      step: '10',
      percent: 10,
      policy: { version: '1.0' },
    });
    later(30);
    await verdict('walk');
    await until('walk', ({ requests }) => requests === 200);
    later(31);
    await status('walk', 'held');
    await verdict('walk');
    expect(await status('walk', 'awaiting-gate')).toMatchObject({ awaiting: ['TSC'], percent: 10 });
    await told('rollout-step-approved', 'walk', { step: '50', body: 'TSC' });
    await until('walk', ({ step, status: now }) => step === '50' && now === 'running');
    later(61);
    await status('walk', 'held');
    await verdict('walk');
    expect(await status('walk', 'baking')).toMatchObject({ step: '100', percent: 100, phase: 'bake' });
    later(121);
    await status('walk', 'held');
    await verdict('walk');
    const done = await status('walk', 'completed');
    expect(await release('acme.walk', 'anybody')).toBe('2.0.0');
    await eventually(async () => (types('walk').includes('completed') ? true : undefined));
    expect(types('walk').filter((type) => type !== 'held' && type !== 'resumed')).toEqual([
      'planned',
      'step-started',
      'approval-awaited',
      'step-advanced',
      'step-started',
      'step-advanced',
      'step-started',
      'bake-started',
      'completed',
    ]);
    const then = (await get(`/v1/rollouts/walk?version=${done.version}`)).body;
    expect(then).toEqual(done);
    expect(await get('/v1/rollouts/walk?version=3')).toMatchObject({
      body: { status: 'running', step: '10' },
    });
    expect((await get('/v1/rollouts/walk?at=2020-01-01T00:00:00Z')).status).toBe(404);
  });

  it('[PB-1.1] takes a complete rollout back when a person asks for it', async () => {
    await told('rollout-rollback-requested', 'walk');
    expect((await status('walk', 'rolled-back')).rollback).toMatchObject({
      to: '1.0.0',
      automatic: false,
      code: 'requested',
      overdue: false,
    });
    expect(await release('acme.walk', 'anybody')).toBe('1.0.0');
    await eventually(async () => (types('walk').includes('rolled-back') ? true : undefined));
  });

  const complete = async (rolloutId: string): Promise<void> => {
    await request(rolloutId, { type: 'full', risk: { level: 'low', reasons: [] } });
    await status(rolloutId, 'running');
    for (const [minutes, next] of [
      [61, 'baking'],
      [121, 'completed'],
    ] as const) {
      later(minutes);
      await status(rolloutId, 'held');
      await verdict(rolloutId);
      await status(rolloutId, next);
    }
  };
  const violated = (rolloutId: string) =>
    monitoring.tell({
      type: 'permission-violated',
      streamId: `violations-acme.${rolloutId}@2.0.0`,
      data: {
        integrationId: `acme.${rolloutId}`,
        release: '2.0.0',
        permission: 'orders:delete',
        kind: 'bypassed',
        count: 1,
      },
    });

  it('[PB-7.01] [PB-9.06] a use without a grant takes a rollout under way back at once, and a complete one when intake says so', async () => {
    const bypassed = { automatic: true, code: 'permission-bypassed' };
    await request('at-once', { type: 'full', risk: { level: 'low', reasons: [] } });
    await status('at-once', 'running');
    await violated('at-once');
    expect((await status('at-once', 'rolled-back')).rollback).toMatchObject(bypassed);
    await complete('review');
    await violated('review');
    await told('rollout-rollback-requested', 'review', { code: 'permission-bypassed' });
    expect((await status('review', 'rolled-back')).rollback).toMatchObject({
      ...bypassed,
      reason: 'because',
    });
    await complete('signed');
    await violated('signed');
    await told('rollout-rollback-requested', 'signed');
    expect((await status('signed', 'rolled-back')).rollback).toMatchObject({ code: 'requested' });
  });

  it('[PB-1.1] a complete rollout goes back with its release when that is withdrawn, and stays when the integration is suspended', async () => {
    await complete('withdrawn');
    await told('release-withdrawn', 'withdrawn');
    expect((await status('withdrawn', 'rolled-back')).rollback).toMatchObject({ code: 'release-withdrawn' });
    await complete('standing');
    await told('integration-suspended', 'standing');
    await told('integration-reinstated', 'standing');
    await eventually(async () =>
      (await release('acme.standing', 'anybody')) === '2.0.0' ? true : undefined,
    );
    expect(await get('/v1/rollouts/standing')).toMatchObject({ body: { status: 'completed' } });
  });

  it('[PB-9.06] [PB-1.1] [PB-1.2] rolls back by itself on a burning canary, with the numbers that decided it', async () => {
    await request('burn');
    await status('burn', 'running');
    const key = await eventually(async () => {
      for (let n = 0; n < 200; n++) if ((await release('acme.burn', `ws-${n}`)) === '2.0.0') return `ws-${n}`;
      return undefined;
    });
    later(5);
    await verdict('burn', { requests: 60, failures: 12 });
    const back = await status('burn', 'rolled-back');
    expect(back.rollback).toMatchObject({ to: '1.0.0', automatic: true, code: 'burn-rate', overdue: false });
    expect(await release('acme.burn', key)).toBe('1.0.0');
    const message = await eventually(async () =>
      published.find(
        ({ type, data }) => type === 'kwanus.rollout.rolled-back.v1' && data['rolloutId'] === 'burn',
      ),
    );
    expect(message.data).toMatchObject({
      reasonCode: 'burn-rate',
      to: '1.0.0',
      evidence: {
        withinDeclared: true,
        playbookVersion: '1.0',
        signals: [
          { canary: { requests: 60, failures: 12 }, burn: [{ rule: 'page-quick', failuresLong: 12 }] },
        ],
      },
    });
    expect((await get('/v1/releases/acme.burn/2.0.0')).body).toMatchObject({
      accountable: { contact: 'person:contact', sponsor: 'person:sponsor' },
      rollouts: [{ rolloutId: 'burn' }],
    });
  });

  it('[PB-9.02] is held by silence, asks the bodies, and is left by a recorded waiver', async () => {
    await request('quiet');
    await status('quiet', 'running');
    later(10);
    await verdict('quiet', { requests: 0, silentWindows: 3, verdict: 'inconclusive' });
    expect(await status('quiet', 'held')).toMatchObject({
      hold: { code: 'telemetry-silent', bodiesAsked: false },
    });
    later(241);
    expect(await until('quiet', ({ hold }) => hold?.bodiesAsked === true)).toMatchObject({ status: 'held' });
    await told('rollout-hold-waived', 'quiet', { step: '10', body: 'TSC' });
    expect(await status('quiet', 'awaiting-gate')).toMatchObject({
      step: '10',
      awaiting: ['TSC'],
      waived: true,
    });
    await eventually(async () => (types('quiet').includes('bodies-asked') ? true : undefined));
  });

  it('[PB-9.06] a gate keeps its eyes open: it rolls back while it waits for an approval', async () => {
    await verdict('quiet', { requests: 40, failures: 11 });
    await status('quiet', 'rolled-back');
  });

  it('[PB-1.1] is paused, survives its process, resumes at the same step, and is rolled back when suspended', async () => {
    await request('stop');
    await status('stop', 'running');
    await told('rollout-pause-requested', 'stop');
    await status('stop', 'paused');
    await service.stop();
    later(300);
    await start();
    expect(await status('stop', 'paused')).toMatchObject({ step: '10', percent: 10 });
    await told('rollout-resume-requested', 'stop');
    await status('stop', 'running');
    await told('integration-suspended', 'stop');
    expect((await status('stop', 'rolled-back')).rollback).toMatchObject({ code: 'integration-suspended' });
    expect((await ask('/acme.stop', { context: { targetingKey: 'ws' } })).body).toMatchObject({
      reason: 'DISABLED',
      value: { enabled: false, release: null },
    });
  });

  it('[PB-9.04] refuses the same version with other digests, and a laxer type', async () => {
    await request('same', { record: { contract: 'a'.repeat(64) } });
    await status('same', 'running');
    const again = { ...of('same-again', 'acme.same') };
    await request('same', { ...again, record: { contract: 'b'.repeat(64) } });
    expect(await status('same-again', 'refused')).toMatchObject({ code: 'release-changed' });
    expect((await get('/v1/releases/acme.same/2.0.0')).body).toMatchObject({
      record: { contract: 'a'.repeat(64) },
    });
    await request('lax', { type: 'full' });
    expect(await status('lax', 'refused')).toMatchObject({ code: 'type-too-lax' });
  });

  it('[PB-9.03] waits with a controlled rollout until its bodies have approved; then it is on for listed workspaces only', async () => {
    await request('careful', { type: 'controlled', risk: { level: 'high', reasons: ['new-permission'] } });
    expect(await status('careful', 'awaiting-approval')).toMatchObject({
      awaiting: ['TSC', 'SCO'],
      percent: 0,
    });
    expect(await release('acme.careful', 'ws-internal')).toBe('1.0.0');
    await told('rollout-step-approved', 'careful', { step: 'internal', body: 'TSC' });
    await told('rollout-step-approved', 'careful', { step: 'internal', body: 'SCO' });
    await status('careful', 'running');
    expect(await release('acme.careful', 'ws-internal')).toBe('2.0.0');
    expect(await release('acme.careful', 'ws-other')).toBe('1.0.0');
  });

  it('answers OFREP: value always, errors by their codes, 304 when nothing changed', async () => {
    const context = { targetingKey: 'ws-internal' };
    expect(await ask('/acme.careful', { context })).toMatchObject({
      status: 200,
      body: {
        key: 'acme.careful',
        value: { enabled: true, release: '2.0.0', previous: '1.0.0' },
        reason: 'TARGETING_MATCH',
        metadata: {
          rolloutId: 'careful',
          step: 'internal',
          percent: 0,
          release: '2.0.0',
          policyVersion: '1.0',
        },
      },
    });
    expect(await ask('/acme.nothing', { context })).toMatchObject({
      status: 404,
      body: { errorCode: 'FLAG_NOT_FOUND' },
    });
    expect(await ask('/acme.careful', { context: {} })).toMatchObject({
      status: 400,
      body: { key: 'acme.careful', errorCode: 'TARGETING_KEY_MISSING' },
    });
    expect(await ask('/acme.careful', { context: { targetingKey: 7 } })).toMatchObject({
      status: 400,
      body: { errorCode: 'INVALID_CONTEXT' },
    });
    for (const broken of ['{', '[]', '"x"', '{"context": {"targetingKey": "a\\u0000"}}'])
      expect(await ask('/acme.careful', broken)).toMatchObject({
        status: 400,
        body: { errorCode: 'PARSE_ERROR' },
      });
    const bulk = await ask('', { context });
    expect(bulk.status).toBe(200);
    expect(keysOf(bulk.body)).toContain('acme.careful');
    const headers = { 'if-none-match': bulk.etag ?? '' };
    expect(await ask('', { context }, { headers })).toMatchObject({ status: 304, body: null });
    expect((await ask('', { context: { targetingKey: 'other' } }, { headers })).status).toBe(200);
  });

  it('another partner sees nothing, not even a difference', async () => {
    const globex = await tokenOf('globex');
    for (const [theirs, missing] of [
      ['/v1/rollouts/careful', '/v1/rollouts/nothing'],
      ['/v1/releases/acme.careful/2.0.0', '/v1/releases/acme.nothing/2.0.0'],
    ] as const) {
      const [one, other] = await Promise.all([get(theirs, globex), get(missing, globex)]);
      const without = (answer: { body: unknown }) => ({ ...(answer.body as object), instance: '' });
      expect(one.status).toBe(404);
      expect([one.status, without(one)]).toEqual([other.status, without(other)]);
      expect((await get(theirs, acme)).status).toBe(200);
    }
    expect((await get('/v1/rollouts', globex)).body).toEqual({ items: [], next: null });
    expect((await get('/v1/releases', globex)).body).toEqual({ items: [], next: null });
    const context = { targetingKey: 'ws' };
    expect((await ask('/acme.careful', { context }, { token: globex })).status).toBe(404);
    expect((await ask('', { context }, { token: globex })).body).toEqual({ flags: [] });
  });

  it('pages through rollouts, the latest first', async () => {
    const first = (await get('/v1/rollouts?limit=3')).body as { items: View[]; next: string };
    const second = (await get(`/v1/rollouts?limit=200&cursor=${first.next}`)).body as {
      items: View[];
      next: null;
    };
    const all = [...first.items, ...second.items].map(({ rolloutId }) => rolloutId);
    expect(new Set(all)).toEqual(
      new Set([
        'walk',
        'at-once',
        'review',
        'signed',
        'withdrawn',
        'standing',
        'burn',
        'quiet',
        'stop',
        'same',
        'same-again',
        'lax',
        'careful',
      ]),
    );
    expect(all).toHaveLength(13);
    expect(second.next).toBeNull();
  });

  it('publishes nothing that its contract does not know', () => {
    for (const { type, data } of published) {
      if (type === 'kwanus.rollout.withheld.v1') continue;
      expect(MESSAGE_TYPES[type]?.schema.safeParse(data)).toMatchObject({ success: true });
    }
    expect(published.length).toBeGreaterThan(20);
  });
});
