import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS, type validationHttp } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { OtherService } from '@kwanus/testing-infra/service-under-test';
import type { z } from 'zod';
import { committedPermissions } from './first-day/committed-files.js';
import {
  askedFor,
  eventually,
  finishedRun,
  type RunningValidation,
  requestId,
  startValidation,
  tokenOf,
  upload,
} from './testing/validation-harness.js';

const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');
const RELEASED = ['4.2.0', '5.0.0'];
const OWN = committedPermissions();

describe('The first day of the validation service, and the days after', () => {
  const published: JsonObject[] = [];
  let database: TestDatabase;
  let service: RunningValidation;
  let token: string;
  let intake: OtherService;

  const start = (versions: readonly string[]): Promise<RunningValidation> =>
    startValidation(database.url, { permissions: OWN, platform: { versions, environment: 'production' } });
  beforeAll(async () => {
    database = await testDatabase();
    service = await start(RELEASED);
    token = await tokenOf('olga');
    intake = new OtherService(() => service.transport, TOPICS.integration);
    await service.transport.subscribe({
      group: 'spec',
      topics: [TOPICS.validation.name],
      from: 'earliest',
      handler: async (batch) => {
        for (const { headers, body } of batch)
          if (headers['ce_type'] === 'kwanus.validation.permission-registry-changed.v1')
            published.push(JSON.parse(Buffer.from(body ?? []).toString()) as JsonObject);
      },
    });
  });
  afterAll(async () => {
    await service?.stop();
    await database?.drop();
  });

  const get = async (path: string, as = token) => {
    const response = await fetch(`${service.base}${path}`, { headers: { authorization: `Bearer ${as}` } });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };

  const tell = (type: string, data: JsonObject) =>
    intake.tell({ type, streamId: 'integration-acme.parcels', data });
  const can = (query: string) => get(`/v1/compatibility/acme.parcels/1.0.0/can-rollout${query}`);

  it("[PB-4.10] the registry holds the platform's own permissions, active, each a version of its own", async () => {
    const { body } = await get('/v1/permissions');
    expect(body).toMatchObject({ registryVersion: OWN.length });
    expect(body['permissions']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'payouts:approve', status: 'active', privileged: true }),
        expect.objectContaining({ id: 'orders:read', status: 'active', privileged: false }),
      ]),
    );
    expect((await get('/v1/permissions?version=1')).body).toMatchObject({
      registryVersion: 1,
      permissions: [{ id: OWN[0]?.terms.id }],
    });
    await eventually(async () => (published.length === OWN.length ? true : undefined));
    expect(published).toContainEqual({
      registryVersion: 1,
      permission: OWN[0]?.terms.id,
      status: 'active',
    });
  });

  it('[PB-4.11] a run is judged by them, and says which version judged', async () => {
    const runId = requestId();
    const submission = await upload(service.artifacts, MINIMAL);
    await tell('validation-requested', askedFor(runId, submission));
    const view = await finishedRun(service, runId, token);
    expect(view.registryVersion).toBe(OWN.length);
    expect(view.checks.find(({ check }) => check === 'permission-boundary')?.outcome).toBe('passed');
    await tell('step-entered', { integrationId: 'acme.parcels', release: '1.0.0', step: 7 });
    await eventually(async () =>
      (await get('/v1/compatibility/acme.parcels')).status === 200 &&
      JSON.stringify((await get('/v1/compatibility/acme.parcels')).body).includes('4.2.0')
        ? true
        : undefined,
    );
  });

  it('[PB-6.01] a later start gives no permission again, makes released rows stale for a new platform version, and has them judged by itself', async () => {
    const before = new Date().toISOString();
    await service.stop();
    service = await start([...RELEASED, '5.1.0']);
    expect((await get('/v1/permissions')).body).toMatchObject({ registryVersion: OWN.length });
    type Row = {
      rows: { cells: { platformVersion: string; state: string; runId: string }[] }[];
      version: number;
    };
    const row = async (query = ''): Promise<Row> =>
      (await get(`/v1/compatibility/acme.parcels${query}`)).body as Row;
    const ofNew = ({ rows }: Row) =>
      rows[0]?.cells.find(({ platformVersion }) => platformVersion === '5.1.0');
    const judged = await eventually(async () => {
      const now = await row();
      const cell = ofNew(now);
      return cell !== undefined && cell.state !== 'stale' ? { ...cell, version: now.version } : undefined;
    });
    expect(judged.state).toBe('waived');
    const past: (string | undefined)[] = [];
    for (let version = 1; version <= judged.version; version += 1)
      past.push(ofNew(await row(`?version=${version}`))?.state);
    expect(past).toContain('stale');
    expect((await get(`/v1/validations/${judged.runId}`)).body).toMatchObject({
      release: '1.0.0',
      purpose: 'release',
      platformVersions: [...RELEASED, '5.1.0'],
    });
    expect((await can('?platform=5.1.0')).body).toMatchObject({
      allowed: true,
      answers: [{ state: 'waived' }],
    });
    expect((await can('?environment=staging')).body).toMatchObject({
      allowed: false,
      environment: 'staging',
    });
    expect((await can(`?at=${before}`)).body).toMatchObject({ allowed: true, answers: [{}, {}] });
    const then = await get(`/v1/compatibility?at=${before}`);
    expect(JSON.stringify(then.body)).not.toContain('5.1.0');
    expect((await get('/v1/compatibility?at=2020-01-01T00:00:00Z')).body).toEqual({ items: [], next: null });
  });

  it('[PB-6.01] a waiver that ends closes what it let through, in the matrix too', async () => {
    const { body: list } = await get('/v1/validations?integrationId=acme.parcels');
    const [last] = (list as unknown as { items: { runId: string }[] }).items;
    const { body: view } = await get(`/v1/validations/${last?.runId}`);
    const { checks } = view as unknown as z.infer<typeof validationHttp.RunView>;
    const open = checks.find(({ outcome }) => outcome !== 'passed');
    const [finding] = (open?.findings ?? []).filter(({ severity }) => severity === 'blocks');
    const check = open?.check ?? '';
    const of = { integrationId: 'acme.parcels', release: '1.0.0' };
    const grant = (waiverId: string) =>
      tell('waiver-granted', {
        ...of,
        waiverId,
        body: 'SCO',
        target:
          finding === undefined
            ? { kind: 'check', check }
            : { kind: 'finding', check, ruleId: finding.ruleId, fingerprint: finding.fingerprint },
        reason: 'r',
        by: 'sco',
        expiresAt: '2026-12-01T00:00:00Z',
        membershipVersion: 1,
      });
    await grant('w1');
    await tell('waiver-expired', { ...of, waiverId: 'w1' });
    const closed = await eventually(async () => {
      const { body } = await can('');
      return body['allowed'] === true ? undefined : body;
    });
    expect(closed).toMatchObject({ answers: [{ reason: expect.stringContaining(check) }, {}, {}] });
    await grant('w2');
    await eventually(async () => ((await can('')).body['allowed'] === true ? true : undefined));
  });

  it('[PB-6.01] what was never integrated is said to be so to whom it concerns, and does not exist for others', async () => {
    const ask = (token: string) => get('/v1/compatibility/acme.never/1.0.0/can-rollout', token);
    expect(await ask(await tokenOf('ada', 'acme'))).toMatchObject({
      status: 200,
      body: {
        allowed: false,
        answers: [{ state: 'unknown', reason: expect.stringContaining('not integrated') }, {}, {}],
      },
    });
    expect((await ask(await tokenOf('gus', 'globex'))).status).toBe(404);
  });

  it('shows another partner no row, whatever it asks for', async () => {
    const globex = await tokenOf('gus', 'globex');
    expect((await get('/v1/compatibility?integration=acme.parcels', globex)).body).toEqual({
      items: [],
      next: null,
    });
  });
});
