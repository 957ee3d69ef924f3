import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { validationHttp } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import type { z } from 'zod';
import {
  actorOf,
  askedFor,
  eventually,
  finishedRun,
  Intake,
  type RunningValidation,
  requestId,
  startValidation,
  tokenOf,
  upload,
} from '../testing/validation-harness.js';

type Decision = z.infer<typeof validationHttp.PermissionDecision>;
const MINIMAL = join(import.meta.dirname, '../../../../../examples/minimal-submission');
const ORDERS_READ = {
  terms: {
    id: 'orders:read',
    title: 'Read orders',
    owner: 'platform',
    resource: 'order',
    actions: ['read'],
    privileged: false,
    tiers: [],
  },
  reason: 'Partners need id and status.',
};
const OF = { integrationId: 'acme.parcels', release: '1.0.0' };
const AT_STEP = { ...OF, rolloutId: 'r1', cause: 'c1', step: 'canary' };
const QUESTION = {
  integrationId: 'acme.parcels',
  workspace: 'w-17',
  action: 'read',
  resource: { type: 'order', id: 'o-1', workspace: 'w-17' },
  fields: ['id', 'status'],
};

describe('Decisions about permissions', () => {
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let tokens: Record<'olga' | 'sco2' | 'acme' | 'globex', string>;

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url, { permissions: [ORDERS_READ] });
    intake = new Intake(service.transport);
    tokens = {
      olga: await tokenOf('olga'),
      sco2: await tokenOf('sco2'),
      acme: await tokenOf('ada', 'acme'),
      globex: await tokenOf('gus', 'globex'),
    };
    await intake.tell('seats-bootstrapped', { seats: { SCO: [actorOf('sco2')] } });
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const ask = async (more: JsonObject = {}, { token = tokens.olga, query = '' } = {}) => {
    const response = await fetch(`${service.base}/v1/permissions/evaluate${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...QUESTION, ...more }),
    });
    return { status: response.status, body: (await response.json()) as Decision };
  };
  const decided = (decision: Decision['decision'], more: JsonObject = {}): Promise<Decision> =>
    eventually(async () => {
      const { body } = await ask(more);
      return body.decision === decision ? body : undefined;
    });

  it('know nothing of an integration that no run has judged, and deny one that is not rolled out', async () => {
    expect((await ask()).status).toBe(404);
    const runId = requestId();
    const submission = await upload(service.artifacts, MINIMAL);
    await intake.tell(
      'validation-requested',
      askedFor(runId, submission, { checks: ['permission-boundary'] }),
    );
    await finishedRun(service, runId, tokens.olga);
    expect((await ask()).body).toMatchObject({ decision: 'deny', policies: [], release: null });
  });

  it('[PB-4.11] are allowed by the permission that covers them once the rollout has begun, and say by which version of the registry', async () => {
    await intake.tell('rollout-step-started', { ...AT_STEP, percent: 5 });
    expect(await decided('allow')).toEqual({
      ...OF,
      decision: 'allow',
      policies: ['orders:read'],
      reason: 'Permitted by orders:read.',
      registryVersion: 1,
      at: expect.stringMatching(/Z$/),
    });
    expect((await ask({ release: '1.0.0' })).body.decision).toBe('allow');
  });

  it.each<[string, JsonObject, RegExp]>([
    ['another workspace', { resource: { ...QUESTION.resource, workspace: 'w-18' } }, /covers/],
    ['another field', { fields: ['id', 'total'] }, /covers/],
    ['another action', { action: 'update' }, /registry has no active permission for update on order/],
    ['another resource', { resource: { ...QUESTION.resource, type: 'payout' } }, /for read on payout/],
    ['another release', { release: '9.0.0' }, /No such release/],
  ])('[PB-6.07] are denied for %s', async (_, more, reason) =>
    expect((await ask(more)).body).toMatchObject({ decision: 'deny', reason: expect.stringMatching(reason) }),
  );

  it('are denied on the day on which the permission has ended', async () => {
    const at = (moment: string) => ask({}, { query: `?at=${moment}` });
    expect((await at('2027-10-30T23:59:59Z')).body.decision).toBe('allow');
    expect((await at('2027-10-31T00:00:00Z')).body.decision).toBe('deny');
    expect((await at('2020-01-01T00:00:00Z')).body).toMatchObject({ decision: 'deny', registryVersion: 0 });
  });

  it('tell a partner of its own integrations only, and of others what they tell of missing ones', async () => {
    expect((await ask({}, { token: tokens.acme })).body.decision).toBe('allow');
    const [foreign, missing] = [
      await ask({}, { token: tokens.globex }),
      await ask({ integrationId: 'acme.nothing' }, { token: tokens.acme }),
    ];
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    expect(foreign.body).toEqual(missing.body);
  });

  it.each<[string, JsonObject, string]>([
    ['no workspace', { workspace: '' }, ''],
    ['a field that nobody knows', { principal: 'x' }, ''],
    ['a version and a moment', {}, '?version=1&at=2026-01-01T00:00:00Z'],
  ])('are refused for %s', async (_, more, query) => expect((await ask(more, { query })).status).toBe(422));

  it('[PB-4.10] [PB-4.11] follow the registry, and stay answerable for each version of it', async () => {
    const headers = {
      authorization: `Bearer ${tokens.sco2}`,
      'content-type': 'application/json',
      'idempotency-key': requestId(),
    };
    const retired = await eventually(async () => {
      const response = await fetch(`${service.base}/v1/permissions/orders:read/decisions`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': requestId() },
        body: JSON.stringify({ decision: 'retire', reason: 'Nobody needs it.' }),
      });
      return response.status === 200 ? response : undefined;
    });
    expect(retired.status).toBe(200);
    expect((await ask()).body).toMatchObject({ decision: 'deny', registryVersion: 2 });
    expect((await ask({}, { query: '?version=1' })).body).toMatchObject({
      decision: 'allow',
      registryVersion: 1,
    });
  });

  it('[PB-7.01] are followed by a finding of the next run where monitoring saw use without a grant', async () => {
    await intake.tell('permission-violated', {
      ...OF,
      cause: 'c2',
      permission: 'payouts:create',
      kind: 'bypassed',
      count: 2,
    });
    const submission = await upload(service.artifacts, MINIMAL);
    const found = await eventually(async () => {
      const runId = requestId();
      await intake.tell(
        'validation-requested',
        askedFor(runId, submission, { checks: ['permission-boundary'] }),
      );
      const { checks, inputs } = await finishedRun(service, runId, tokens.olga);
      const of = checks.flatMap(({ findings }) => findings).find(({ ruleId }) => ruleId === 'PM210');
      return of === undefined ? undefined : { ...of, inputs };
    });
    expect(found).toMatchObject({
      severity: 'blocks',
      message: expect.stringMatching(/1\.0\.0 used payouts:create 2 ×/),
    });
    expect(found.inputs).toHaveProperty('violations');
  });

  it('end with a roll-back, and are suspended with the integration', async () => {
    const version = { query: '?version=1' };
    await intake.tell('integration-suspended', { integrationId: OF.integrationId, reason: 'r' });
    await eventually(async () =>
      (await ask({}, version)).body.reason.includes('suspended') ? true : undefined,
    );
    await intake.tell('integration-reinstated', { integrationId: OF.integrationId, reason: 'r' });
    await eventually(async () => ((await ask({}, version)).body.decision === 'allow' ? true : undefined));
    const before = new Date().toISOString();
    await intake.tell('rolled-back', {
      ...AT_STEP,
      to: null,
      automatic: true,
      reasonCode: 'burn',
      reason: 'r',
      evidence: {},
    });
    await eventually(async () => ((await ask({}, version)).body.decision === 'deny' ? true : undefined));
    expect((await ask({}, { query: `?at=${before}` })).body).toMatchObject({
      reason: expect.stringMatching(/registry/),
    });
    await intake.tell('rollout-step-started', { ...AT_STEP, rolloutId: 'r2', percent: 5 });
    await eventually(async () => ((await ask({}, version)).body.decision === 'allow' ? true : undefined));
    await intake.tell('integration-retired', { integrationId: OF.integrationId, reason: 'r' });
    await eventually(async () => ((await ask({}, version)).body.decision === 'deny' ? true : undefined));
  });
});
