import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS, type validationHttp } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { OtherService } from '@kwanus/testing-infra/service-under-test';
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

type View = z.infer<typeof validationHttp.RevocationView>;
const MINIMAL = join(import.meta.dirname, '../../../../../examples/minimal-submission');
const OF = { integrationId: 'acme.parcels', release: '1.0.0' };
const UNUSED = {
  ...OF,
  permission: 'orders:read',
  grantedAt: '2026-01-01T00:00:00.000Z',
  lastUsedAt: null,
  window: { from: '2026-01-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' },
};
const PATH = '/v1/permissions/revocations';
const DECISIONS = `${PATH}/acme.parcels/orders:read/decisions`;

describe('Permissions that should be taken away', () => {
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let monitoring: OtherService;
  let tokens: Record<'sco2' | 'olga' | 'acme' | 'globex', string>;
  const published: { type: string; data: JsonObject }[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url, {
      permissions: [
        {
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
        },
      ],
    });
    intake = new Intake(service.transport);
    monitoring = new OtherService(() => service.transport, TOPICS.monitoring);
    tokens = {
      sco2: await tokenOf('sco2'),
      olga: await tokenOf('olga'),
      acme: await tokenOf('ada', 'acme'),
      globex: await tokenOf('gus', 'globex'),
    };
    await service.transport.subscribe({
      group: 'spec',
      topics: [TOPICS.validation.name],
      from: 'earliest',
      handler: async (batch) => {
        for (const { headers, body } of batch)
          published.push({
            type: headers['ce_type'] ?? '',
            data: JSON.parse(Buffer.from(body ?? []).toString()) as JsonObject,
          });
      },
    });
    await intake.tell('seats-bootstrapped', { seats: { SCO: [actorOf('sco2')] } });
    const runId = requestId();
    const early = requestId();
    const later = await upload(service.artifacts, MINIMAL, {
      'kwanus.yaml': (text) => text.replace('version: 1.0.0, tier', 'version: 1.0.1, tier'),
    });
    await intake.tell('validation-requested', askedFor(early, later, { checks: ['permission-boundary'] }));
    await finishedRun(service, early, tokens.olga);
    const submission = await upload(service.artifacts, MINIMAL);
    const asked = askedFor(runId, submission, { checks: ['permission-boundary'] });
    await intake.tell('validation-requested', asked);
    await finishedRun(service, runId, tokens.olga);
    await intake.tell('rollout-step-started', {
      ...OF,
      rolloutId: 'r1',
      cause: 'c1',
      step: 'canary',
      percent: 5,
    });
    await eventually(async () => ((await allowed()) ? true : undefined));
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const get = async (path: string, token = tokens.sco2) => {
    const response = await fetch(`${service.base}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, body: (await response.json()) as { items: View[]; detail?: string } };
  };
  const decide = async (body: JsonObject, token = tokens.sco2, key = requestId()) => {
    const response = await fetch(`${service.base}${DECISIONS}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ release: '1.0.0', reason: 'for a reason', ...body }),
    });
    return {
      status: response.status,
      body: (await response.json()) as View & { code?: string; rejection?: string },
    };
  };
  const open = () =>
    eventually(async () => {
      const { items } = (await get(`${PATH}?status=open`)).body;
      return items.length > 0 ? items : undefined;
    });
  const allowed = async (query = ''): Promise<boolean> => {
    const response = await fetch(`${service.base}/v1/permissions/evaluate${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.olga}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        integrationId: 'acme.parcels',
        workspace: 'w-17',
        action: 'read',
        resource: { type: 'order', id: 'o-1', workspace: 'w-17' },
        fields: ['id'],
      }),
    });
    return ((await response.json()) as { decision: string }).decision === 'allow';
  };
  const tell = (type: string, data: JsonObject) =>
    monitoring.tell({ type, streamId: 'disuse-acme.parcels', data });

  it('[PB-7.01] are proposed by what monitoring has seen, once, and shown with the evidence to whom they concern', async () => {
    const message = await tell('permission-unused', UNUSED);
    await monitoring.again(message);
    const proposal = {
      ...UNUSED,
      ground: 'unused',
      count: 0,
      status: 'open',
      reason: null,
      by: null,
      decidedAt: null,
      askAgainFrom: null,
      releases: [],
    };
    expect(await open()).toEqual([proposal]);
    expect((await get(`${PATH}/acme.parcels`, tokens.acme)).body.items).toEqual([proposal]);
    expect((await get(PATH, tokens.globex)).body.items).toEqual([]);
    const [foreign, missing] = [
      await get(`${PATH}/acme.parcels`, tokens.globex),
      await get(`${PATH}/acme.nothing`, tokens.acme),
    ];
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    const told = await eventually(async () =>
      published.find(({ type }) => type === 'kwanus.validation.revocation-proposed.v1'),
    );
    expect(told.data).toEqual({ ...UNUSED, ground: 'unused', count: 0 });
  });

  it('[PB-7.01] are decided by a seat in the registry’s body, and by nobody else', async () => {
    expect((await decide({ decision: 'accepted' }, tokens.olga)).body.rejection).toBe('not-seated');
    expect((await decide({ decision: 'accepted' }, tokens.acme)).status).toBe(403);
    expect((await decide({ decision: 'accepted', release: '9.0.0' })).status).toBe(404);
    expect((await decide({ decision: 'accepted', reason: '' })).status).toBe(422);
  });

  it('[PB-7.01] stay where it was decided so, for another 90 days whatever is told', async () => {
    const kept = await decide({ decision: 'rejected' });
    expect(kept).toMatchObject({ status: 200, body: { status: 'rejected', reason: 'for a reason' } });
    const until = Date.parse(kept.body.askAgainFrom ?? '');
    expect(until - Date.parse(kept.body.decidedAt ?? '')).toBe(90 * 86_400_000);
    expect((await decide({ decision: 'accepted' })).body.rejection).toBe('revocation-decided');
    const of = (to: number) => ({
      ...UNUSED,
      window: { from: new Date(to - 90 * 86_400_000).toISOString(), to: new Date(to).toISOString() },
    });
    await tell('permission-unused', of(until - 1));
    await tell('permission-unused', of(until));
    const asked = await eventually(async () =>
      (await open()).find(({ window }) => window?.to !== UNUSED.window.to),
    );
    expect(asked.window?.to).toBe(new Date(until).toISOString());
    expect(await allowed()).toBe(true);
  });

  it('lapse when use is told of late', async () => {
    const [proposal] = await open();
    const lastUsedAt = proposal?.window?.to ?? '';
    await tell('permission-used-again', { ...OF, permission: 'orders:read', lastUsedAt });
    await eventually(async () =>
      (await get(`${PATH}?status=open`)).body.items.length === 0 ? true : undefined,
    );
    expect((await decide({ decision: 'accepted' })).body.rejection).toBe('revocation-decided');
    const from = lastUsedAt;
    const to = new Date(Date.parse(from) + 90 * 86_400_000).toISOString();
    await tell('permission-unused', { ...UNUSED, lastUsedAt, window: { from, to } });
    await open();
  });

  it('[PB-7.01] are gone when it was decided so: for decisions from then on, in the registry’s history, and for the next run', async () => {
    const before = new Date().toISOString();
    const key = requestId();
    const taken = await decide({ decision: 'accepted' }, tokens.sco2, key);
    expect(taken).toMatchObject({ status: 200, body: { status: 'accepted', releases: ['1.0.0'] } });
    expect(await decide({ decision: 'accepted' }, tokens.sco2, key)).toEqual(taken);
    expect(await allowed()).toBe(false);
    expect(await allowed(`?at=${before}`)).toBe(true);
    expect((await get(`${PATH}/acme.parcels?at=${before}`)).body.items).toMatchObject([{ status: 'open' }]);
    const told = await eventually(async () => published.find(({ data }) => data['decision'] === 'accepted'));
    expect(told).toMatchObject({
      type: 'kwanus.validation.revocation-decided.v1',
      data: { permission: 'orders:read', releases: ['1.0.0'], ground: 'unused' },
    });
    const runId = requestId();
    const next = await upload(service.artifacts, MINIMAL, {
      'kwanus.yaml': (text) => text.replace('version: 1.0.0, tier', 'version: 1.1.0, tier'),
    });
    await intake.tell('validation-requested', askedFor(runId, next, { checks: ['permission-boundary'] }));
    const { checks, release } = await finishedRun(service, runId, tokens.olga);
    const found = checks.flatMap(({ findings }) => findings).find(({ ruleId }) => ruleId === 'PM210');
    expect([release, found?.severity]).toEqual(['1.1.0', 'blocks']);
  });

  it('[PB-7.01] are gone from a release, too, that was judged before and is rolled out afterwards', async () => {
    const begun = { ...OF, release: '1.0.1', rolloutId: 'r2', cause: 'c3', step: 'canary', percent: 5 };
    await intake.tell('rollout-step-started', begun);
    const told = await eventually(async () =>
      published.find(({ data }) => (data['releases'] as string[] | undefined)?.includes('1.0.1')),
    );
    expect(told.data).toMatchObject({ decision: 'accepted', permission: 'orders:read', release: '1.0.0' });
    expect(await allowed()).toBe(false);
  });

  it('[PB-7.01] are proposed where something was used and is not held', async () => {
    await intake.tell('permission-violated', {
      ...OF,
      cause: 'c2',
      permission: 'payouts:create',
      kind: 'bypassed',
      count: 2,
    });
    expect(await open()).toMatchObject([
      { permission: 'payouts:create', ground: 'undeclared', grantedAt: null, count: 2 },
    ]);
  });
});
