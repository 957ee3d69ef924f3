import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@kwanus/contracts';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { committedPermissions } from './first-day/committed-files.js';
import {
  askedFor,
  eventually,
  finishedRun,
  Intake,
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

  const start = (versions: readonly string[]): Promise<RunningValidation> =>
    startValidation(database.url, { permissions: OWN, platform: { versions, environment: 'production' } });
  beforeAll(async () => {
    database = await testDatabase();
    service = await start(RELEASED);
    token = await tokenOf('olga');
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
    const intake = new Intake(service.transport);
    await intake.tell('validation-requested', askedFor(runId, submission));
    const view = await finishedRun(service, runId, token);
    expect(view.registryVersion).toBe(OWN.length);
    expect(view.checks.find(({ check }) => check === 'permission-boundary')?.outcome).toBe('passed');
    await intake.tell('step-entered', { integrationId: 'acme.parcels', release: '1.0.0', step: 7 });
    await eventually(async () =>
      (await get('/v1/compatibility/acme.parcels')).status === 200 &&
      JSON.stringify((await get('/v1/compatibility/acme.parcels')).body).includes('4.2.0')
        ? true
        : undefined,
    );
  });

  it('[PB-6.01] a later start gives no permission again, and makes released rows stale for a new platform version', async () => {
    const before = new Date().toISOString();
    await service.stop();
    service = await start([...RELEASED, '5.1.0']);
    expect((await get('/v1/permissions')).body).toMatchObject({ registryVersion: OWN.length });
    const row = await eventually(async () => {
      const { body } = await get('/v1/compatibility?integration=acme.parcels');
      return JSON.stringify(body).includes('5.1.0') ? body : undefined;
    });
    expect(row).toMatchObject({
      items: [
        {
          rows: [
            {
              release: '1.0.0',
              cells: [{ state: 'waived' }, { state: 'waived' }, { platformVersion: '5.1.0', state: 'stale' }],
            },
          ],
        },
      ],
      next: null,
    });
    const can = (query: string) => get(`/v1/compatibility/acme.parcels/1.0.0/can-rollout${query}`);
    expect((await can('')).body).toMatchObject({ allowed: false });
    expect((await can('?platform=5.0.0')).body).toMatchObject({ allowed: true, answers: [{}] });
    expect((await can('?platform=5.1.0')).body).toMatchObject({
      allowed: false,
      answers: [{ reason: expect.stringMatching(/^stale: .*run one/) }],
    });
    expect((await can(`?at=${before}`)).body).toMatchObject({ allowed: true, answers: [{}, {}] });
    const then = await get(`/v1/compatibility?at=${before}`);
    expect(JSON.stringify(then.body)).not.toContain('5.1.0');
    expect((await get('/v1/compatibility?at=2020-01-01T00:00:00Z')).body).toEqual({ items: [], next: null });
  });

  it('shows another partner no row, whatever it asks for', async () => {
    const globex = await tokenOf('gus', 'globex');
    expect((await get('/v1/compatibility?integration=acme.parcels', globex)).body).toEqual({
      items: [],
      next: null,
    });
  });
});
