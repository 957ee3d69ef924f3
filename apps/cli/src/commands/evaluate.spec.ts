import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { validationHttp } from '@kwanus/contracts';
import { type TestPlatform, testPlatform } from '../testing/platform.js';
import { kwanus } from '../testing/run.js';

const ASK = [
  'permissions',
  'evaluate',
  'acme.parcels',
  'read',
  '--resource',
  'order:o-1',
  '--workspace',
  'w-17',
];

/** A platform that permits reading in one workspace. */
describe('kwanus permissions evaluate', () => {
  let platform: TestPlatform;

  beforeAll(async () => {
    platform = await testPlatform('olga', ({ body }) => {
      const { integrationId, resource, workspace } = validationHttp.PermissionQuestion.parse(body);
      const allowed = resource.workspace === workspace;
      return {
        decision: allowed ? 'allow' : 'deny',
        policies: allowed ? ['orders:read'] : [],
        reason: allowed ? 'Permitted by orders:read.' : 'No permission covers it.',
        integrationId,
        release: '1.0.0',
        registryVersion: 3,
        at: '2026-11-27T10:00:00Z',
      };
    });
  });
  afterAll(() => platform.stop());

  it('[PB-4.11] says that it may, by which policies and which version of the registry', async () => {
    expect(await kwanus(...ASK, '--fields', 'id, status')).toEqual({
      code: 0,
      out: 'allow: Permitted by orders:read.\npolicies: orders:read\nrelease 1.0.0, registry version 3, at 2026-11-27T10:00:00Z\n',
      err: '',
    });
    expect(platform.asked.at(-1)).toEqual({
      method: 'POST',
      url: '/v1/permissions/evaluate',
      body: {
        integrationId: 'acme.parcels',
        workspace: 'w-17',
        action: 'read',
        resource: { type: 'order', id: 'o-1', workspace: 'w-17' },
        fields: ['id', 'status'],
      },
    });
  });

  it('[PB-4.11] exits 1 where it may not, with the decision on stdout', async () => {
    const { code, out, err } = await kwanus(...ASK, '--resource-workspace', 'w-18', '--json');
    expect(JSON.parse(out)).toMatchObject({ decision: 'deny', policies: [], registryVersion: 3 });
    expect({ code, err }).toEqual({ code: 1, err: 'kwanus: acme.parcels may not read order:o-1.\n' });
  });

  it('asks about a release, a moment and a version of the registry', async () => {
    await kwanus(...ASK, '--release', '1.0.0', '--at', '2026-11-01T00:00:00Z');
    expect(platform.asked.at(-1)).toMatchObject({
      url: '/v1/permissions/evaluate?at=2026-11-01T00%3A00%3A00Z',
      body: { release: '1.0.0' },
    });
    await kwanus(...ASK, '--version', '2');
    expect(platform.asked.at(-1)?.url).toBe('/v1/permissions/evaluate?version=2');
  });

  it('says what a resource looks like', async () => {
    const [command, ...rest] = ASK;
    const args = [command ?? '', ...rest].map((arg) => (arg === 'order:o-1' ? 'order' : arg));
    expect(await kwanus(...args)).toEqual({
      code: 2,
      out: '',
      err: 'kwanus: --resource takes type:id, for example order:o-1, not order.\n',
    });
  });
});
