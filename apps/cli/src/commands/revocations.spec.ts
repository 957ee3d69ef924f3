import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestPlatform, testPlatform } from '../testing/platform.js';
import { kwanus } from '../testing/run.js';

const PROPOSAL = {
  integrationId: 'acme.orders',
  release: '1.3.0',
  permission: 'orders:write',
  ground: 'unused',
  grantedAt: '2026-01-01T00:00:00Z',
  lastUsedAt: null,
  window: { from: '2026-02-01T00:00:00Z', to: '2026-05-02T00:00:00Z' },
  count: 0,
  status: 'open',
  reason: null,
  by: null,
  decidedAt: null,
  askAgainFrom: null,
  releases: [],
};
const UNDECLARED = {
  ...PROPOSAL,
  permission: 'payouts:create',
  ground: 'undeclared',
  window: null,
  count: 2,
};

/** A platform with two proposals. */
describe('kwanus permissions revocations', () => {
  let platform: TestPlatform;

  beforeAll(async () => {
    platform = await testPlatform('sam', ({ method, url }) => {
      if (method === 'POST')
        return { ...PROPOSAL, status: 'accepted', reason: 'r', releases: ['1.3.0'], version: 4 };
      const items = [PROPOSAL, UNDECLARED];
      const isOne = url.startsWith('/v1/permissions/revocations/');
      return isOne ? { integrationId: 'acme.orders', items, version: 3 } : { items, next: null };
    });
  });
  afterAll(() => platform.stop());

  it('[PB-7.01] names permission, release, last use and what was looked at', async () => {
    const { code, out } = await kwanus('permissions', 'revocations', 'acme.orders', '--status', 'open');
    expect(code).toBe(0);
    expect(out).toMatch(
      /acme\.orders +1\.3\.0 +orders:write +open +not used from 2026-02-01 to 2026-05-02, last used never/,
    );
    expect(out).toMatch(/payouts:create +open +used 2 × without being held/);
    expect(platform.asked.at(-1)?.url).toContain('integration=acme.orders');
    expect(platform.asked.at(-1)?.url).toContain('status=open');
  });

  it('shows what was proposed at a moment, from the stream', async () => {
    const { out } = await kwanus('permissions', 'revocations', 'acme.orders', '--at', '2026-06-01', '--json');
    expect(JSON.parse(out)).toEqual([PROPOSAL, UNDECLARED]);
    expect(platform.asked.at(-1)?.url).toMatch(/^\/v1\/permissions\/revocations\/acme\.orders\?at=/);
  });

  it.each([
    ['revoke', 'accepted'],
    ['keep', 'rejected'],
  ])('[PB-7.01] decides: %s', async (name, decision) => {
    const decide = [
      'permissions',
      name,
      'acme.orders',
      'orders:write',
      '--release',
      '1.3.0',
      '--reason',
      'r',
    ];
    expect(await kwanus(...decide)).toMatchObject({
      code: 0,
      out: 'orders:write is taken from acme.orders 1.3.0.\n',
    });
    expect(platform.asked.at(-1)).toEqual({
      method: 'POST',
      url: '/v1/permissions/revocations/acme.orders/orders%3Awrite/decisions',
      body: { release: '1.3.0', decision, reason: 'r' },
    });
  });
});
