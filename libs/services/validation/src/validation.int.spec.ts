import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MESSAGE_TYPES, TOPICS, type validationHttp } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import type { z } from 'zod';
import {
  actorOf,
  eventually,
  Intake,
  type RunningValidation,
  requestId,
  startValidation,
  tokenOf,
  type Uploaded,
  upload,
} from './testing/validation-harness.js';

type RunView = z.infer<typeof validationHttp.RunView>;
const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');
const AS_OF = '2026-11-23T10:00:00Z';
const PERMISSION = {
  id: 'orders:read',
  title: 'Read orders',
  owner: 'SCO',
  resource: 'order',
  actions: ['read'],
  reason: 'Partners need id and status.',
};

describe('The validation service', () => {
  const published: { readonly type: string; readonly data: JsonObject }[] = [];
  let database: TestDatabase;
  let service: RunningValidation;
  let intake: Intake;
  let first: Uploaded;
  let tokens: Record<'sco1' | 'sco2' | 'olga' | 'acme' | 'globex', string>;

  beforeAll(async () => {
    database = await testDatabase();
    service = await startValidation(database.url);
    intake = new Intake(service.transport);
    const names = ['sco1', 'sco2', 'olga'] as const;
    const [sco1, sco2, olga] = await Promise.all(names.map((name) => tokenOf(name)));
    tokens = {
      sco1: sco1 ?? '',
      sco2: sco2 ?? '',
      olga: olga ?? '',
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
            data: JSON.parse(Buffer.from(body ?? []).toString() || 'null'),
          });
      },
    });
    first = await upload(service.artifacts, MINIMAL);
    await intake.tell('seats-bootstrapped', { seats: { SCO: ['sco1', 'sco2'].map(actorOf), TSC: [] } });
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const get = async (path: string, token: string) => {
    const response = await fetch(`${service.base}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, etag: response.headers.get('etag'), text: await response.text() };
  };
  const post = async (path: string, body: unknown, token: string) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const response = await fetch(`${service.base}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const ask = async (submission: Uploaded, more: JsonObject = {}): Promise<string> => {
    const id = requestId();
    await intake.tell('validation-requested', {
      integrationId: 'acme.parcels',
      release: submission.release,
      requestId: id,
      purpose: 'release',
      task: null,
      submission: submission as unknown as JsonObject,
      bases: [],
      asOf: AS_OF,
      ...more,
    });
    return id;
  };
  const finished = (runId: string): Promise<RunView> =>
    eventually(async () => {
      const { status, text } = await get(`/v1/validations/${runId}`, tokens.olga);
      const view = status === 200 ? (JSON.parse(text) as RunView) : undefined;
      return view?.status === 'finished' ? view : undefined;
    });
  const rulesOf = (view: RunView): readonly string[] =>
    view.checks.flatMap(({ findings }) =>
      findings.filter(({ severity }) => severity === 'blocks').map(({ ruleId }) => ruleId),
    );

  it('[PB-4.09] [PB-4.10] takes proposals of permissions, and answers for every version and moment of the registry', async () => {
    expect((await post('/v1/permissions', PERMISSION, tokens.sco1)).status).toBe(201);
    const before = await get('/v1/permissions?version=1', tokens.acme);
    expect(JSON.parse(before.text)).toMatchObject({
      registryVersion: 1,
      permissions: [{ id: 'orders:read', status: 'proposed' }],
    });
    await eventually(async () => {
      const refused = await post(
        '/v1/permissions/orders:read/decisions',
        { decision: 'activate', reason: 'x' },
        tokens.sco1,
      );
      return refused.body['rejection'] === 'own-proposal' ? true : undefined; // the seats have arrived
    });
    expect(
      await post(
        '/v1/permissions/orders:read/decisions',
        { decision: 'activate', reason: 'mine' },
        tokens.sco1,
      ),
    ).toMatchObject({ status: 409, body: { rejection: 'own-proposal' } });
    expect(
      await post(
        '/v1/permissions/orders:read/decisions',
        { decision: 'activate', reason: 'fine' },
        tokens.olga,
      ),
    ).toMatchObject({ status: 409, body: { rejection: 'not-seated' } });
    expect(
      (
        await post(
          '/v1/permissions/orders:read/decisions',
          { decision: 'activate', reason: 'fine' },
          tokens.sco2,
        )
      ).status,
    ).toBe(200);
    expect(JSON.parse((await get('/v1/permissions', tokens.acme)).text)).toMatchObject({
      registryVersion: 2,
      permissions: [{ status: 'active' }],
    });
    expect(JSON.parse((await get('/v1/permissions?version=1', tokens.acme)).text)).toMatchObject({
      permissions: [{ status: 'proposed' }],
    });
    expect(
      JSON.parse((await get('/v1/permissions?at=2020-01-01T00:00:00Z', tokens.acme)).text),
    ).toMatchObject({ registryVersion: 0, permissions: [] });
    expect(
      (await post('/v1/permissions', { ...PERMISSION, id: 'orders:any', actions: ['*'] }, tokens.sco1))
        .status,
    ).toBe(409);
    expect((await post('/v1/permissions', PERMISSION, tokens.acme)).status).toBe(403);
  });

  it('[PB-2.4] carries out a run that intake asks for, and publishes each check and the verdict', async () => {
    const runId = await ask(first);
    const view = await finished(runId);
    expect(rulesOf(view)).toEqual([]);
    expect(view.outcome).toBe('inconclusive');
    expect(
      view.checks.filter(({ outcome }) => outcome !== 'passed').map(({ check, outcome }) => [check, outcome]),
    ).toEqual([['vulnerability-scan', 'inconclusive']]);
    expect(view).toMatchObject({
      registryVersion: 2,
      ruleset: 'kwanus-checks/1.9.0',
      verdictDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const mine = await eventually(async () => {
      const found = published.filter(({ data }) => data?.['runId'] === runId);
      return found.some(({ type }) => type.endsWith('run-finished.v1')) ? found : undefined;
    });
    for (const { type, data } of mine) expect(() => MESSAGE_TYPES[type]?.schema.parse(data)).not.toThrow();
    expect(mine.filter(({ type }) => type.endsWith('check-finished.v1'))).toHaveLength(view.checks.length);
  });

  it('[PB-6.03] [PB-6.04] stops a release that breaks clients without guide and version', async () => {
    const broken = await upload(service.artifacts, MINIMAL, {
      'kwanus.yaml': (text) => text.replace('version: 1.0.0, tier', 'version: 1.1.0, tier'),
      'api/parcels.yaml': (text) => text.replace(/ {2}\/parcels\/\{id\}:[\s\S]*?(?=components:)/, ''),
    });
    const view = await finished(await ask(broken, { bases: [first] as unknown as JsonObject }));
    expect(view.outcome).toBe('failed');
    expect(rulesOf(view)).toEqual(expect.arrayContaining(['SV402', 'FD403']));
    expect(view.facts).toMatchObject({
      breaking: true,
      semver: 'major',
      changedSections: expect.arrayContaining(['contract']),
    });
  });

  it('[PB-2.2] checks the evidence of a preparation task for real', async () => {
    const good = await finished(await ask(first, { purpose: 'preparation', task: 'scaffolding' }));
    expect(good).toMatchObject({ outcome: 'passed', checks: [{ check: 'preparation-scaffolding' }] });
    const mapped: Uploaded = {
      ...first,
      files: [
        ...first.files,
        ...first.files
          .filter(({ path }) => path === 'preparation/permission-mapping.yaml' || path === 'docs/workflow.md')
          .map((file) => ({ ...file, path: `evidence/permissionMapping/${file.path}` })),
      ],
    };
    expect(
      await finished(await ask(mapped, { purpose: 'preparation', task: 'permissionMapping' })),
    ).toMatchObject({ outcome: 'passed' });
    const claimed = await upload(service.artifacts, MINIMAL, {
      'preparation/sandbox.yaml': (text) => text.replace('orders:read', 'orders:write'),
    });
    const bad = await finished(await ask(claimed, { purpose: 'preparation', task: 'sandbox' }));
    expect(bad).toMatchObject({ outcome: 'failed', checks: [{ findings: [{ ruleId: 'PV205' }] }] });
  });

  it('[PB-0.1] [PB-7.01] entitles by the tier that SCO granted, not by the one that a manifest claims', async () => {
    const id = 'refunds:read';
    const refund = { ...PERMISSION, id, resource: 'refund', tiers: ['gold'] };
    expect((await post('/v1/permissions', refund, tokens.sco1)).status).toBe(201);
    const decision = { decision: 'activate', reason: 'fine' };
    expect((await post(`/v1/permissions/${id}/decisions`, decision, tokens.sco2)).status).toBe(200);
    const claiming = await upload(service.artifacts, MINIMAL, {
      'kwanus.yaml': (text) =>
        text
          .replaceAll('orders:read', id)
          .replace('resource: order', 'resource: refund')
          .replace('store: kwanus.orders', 'store: kwanus.refunds')
          .replace('tier: silver', 'tier: gold'),
    });
    expect(rulesOf(await finished(await ask(claiming)))).toContain('PM206');
    const gold = { tier: 'gold', reason: 'Signed the gold agreement.' };
    expect(await post('/v1/permissions/tiers/acme', gold, tokens.olga)).toMatchObject({
      status: 409,
      body: { rejection: 'not-seated' },
    });
    expect((await post('/v1/permissions/tiers/acme', gold, tokens.acme)).status).toBe(403);
    expect(await post('/v1/permissions/tiers/acme', gold, tokens.sco2)).toMatchObject({
      status: 200,
      body: { partner: 'acme', tier: 'gold' },
    });
    expect(rulesOf(await finished(await ask(claiming)))).not.toContain('PM206');
    const tiersSeenBy = async (token: string) =>
      (JSON.parse((await get('/v1/permissions', token)).text) as { tiers: unknown }).tiers;
    expect(await tiersSeenBy(tokens.acme)).toEqual([{ partner: 'acme', tier: 'gold' }]);
    expect(await tiersSeenBy(tokens.olga)).toEqual([{ partner: 'acme', tier: 'gold' }]);
    expect(await tiersSeenBy(tokens.globex)).toEqual([]);
  });

  it('takes a seat away when the membership stream says so', async () => {
    const id = 'orders:list';
    expect((await post('/v1/permissions', { ...PERMISSION, id }, tokens.sco1)).status).toBe(201);
    const activate = () =>
      post(`/v1/permissions/${id}/decisions`, { decision: 'activate', reason: 'x' }, tokens.sco1);
    expect((await activate()).body['rejection']).toBe('own-proposal');
    await intake.tell('seat-revoked', { proposal: randomUUID(), body: 'SCO', actor: actorOf('sco1') });
    await eventually(async () => ((await activate()).body['rejection'] === 'not-seated' ? true : undefined));
  });

  it('gives the same verdict, byte for byte, to the same inputs', async () => {
    const [one, other] = [await finished(await ask(first)), await finished(await ask(first))];
    expect(one.verdictDigest).toBe(other.verdictDigest);
  });

  it('[PB-6.01] writes the row of the matrix when a release comes to its review, and knows the past', async () => {
    await intake.tell('step-entered', { integrationId: 'acme.parcels', release: '1.0.0', step: 7 });
    const row = await eventually(async () => {
      const { status, text } = await get('/v1/compatibility/acme.parcels', tokens.acme);
      const view =
        status === 200 ? (JSON.parse(text) as { rows: { cells: unknown[] }[]; version: number }) : undefined;
      return view !== undefined && view.rows.length > 0 ? view : undefined;
    });
    expect(row.rows[0]?.cells).toEqual([
      expect.objectContaining({ platformVersion: '4.2.0', state: 'waived', environment: 'production' }),
      expect.objectContaining({ platformVersion: '5.0.0', state: 'waived' }),
    ]);
    const earlier = await get(`/v1/compatibility/acme.parcels?version=${row.version - 1}`, tokens.acme);
    expect(JSON.parse(earlier.text)).toMatchObject({ rows: [] });
    const can = await get('/v1/compatibility/acme.parcels/1.0.0/can-rollout', tokens.olga);
    expect(JSON.parse(can.text)).toMatchObject({ allowed: true });
    const unknown = await get('/v1/compatibility/acme.parcels/9.9.9/can-rollout', tokens.olga);
    expect(JSON.parse(unknown.text)).toMatchObject({
      allowed: false,
      answers: [{ reason: expect.stringContaining('run validation') }, {}],
    });
    await eventually(async () =>
      published.some(({ type }) => type === 'kwanus.validation.matrix-updated.v1') ? true : undefined,
    );
  });

  it('shows another partner nothing, not even a difference in the answer', async () => {
    const runId = await ask(first);
    await finished(runId);
    for (const [there, nowhere] of [
      [`/v1/validations/${runId}`, `/v1/validations/${randomUUID()}`],
      ['/v1/compatibility/acme.parcels', '/v1/compatibility/acme.nothing'],
      [
        '/v1/compatibility/acme.parcels/1.0.0/can-rollout',
        '/v1/compatibility/acme.nothing/1.0.0/can-rollout',
      ],
    ] as const) {
      const [one, other] = [await get(there, tokens.globex), await get(nowhere, tokens.globex)];
      const plain = ({ text }: { text: string }): string =>
        text.replace(/"(?:instance|traceId)":"[^"]*",?/g, '');
      expect(one.status).toBe(404);
      expect(plain(one)).toBe(plain(other));
    }
    expect(JSON.parse((await get('/v1/validations', tokens.globex)).text)).toEqual({ items: [], next: null });
    const page = JSON.parse((await get('/v1/validations?limit=2', tokens.acme)).text) as {
      items: unknown[];
      next: string;
    };
    expect(page.items).toHaveLength(2);
    expect(page.next).toEqual(expect.any(String));
  });
});
