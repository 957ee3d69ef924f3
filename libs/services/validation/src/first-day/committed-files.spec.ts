import { describe, expect, it } from '@jest/globals';
import { committedPermissions, committedPlatform, parsePermissions } from './committed-files.js';

const parse = (text: string) => parsePermissions(Buffer.from(text), 'p.yaml');
const entry = '{ id: "orders:read", title: t, owner: o, resource: order, actions: [read], reason: r }';
const file = (...entries: readonly string[]): string =>
  `apiVersion: kwanus.dev/permissions/v1\npermissions:\n${entries.map((one) => `  - ${one}\n`).join('')}`;

describe('the files that the service starts from', () => {
  it('[PB-4.09] name every permission with resource, actions, owner and reason', () => {
    const permissions = committedPermissions();
    expect(permissions.map(({ terms }) => terms.id)).toContain('payouts:approve');
    expect(permissions.filter(({ terms }) => terms.privileged).map(({ terms }) => terms.id)).toEqual([
      'payouts:approve',
    ]);
    for (const { reason } of permissions) expect(reason).toMatch(/\w/);
  });

  it('[PB-6.01] [PB-4.05] name the platform versions and events in service', () =>
    expect(committedPlatform()).toEqual({
      events: expect.arrayContaining([{ type: 'kwanus.order.created', versions: ['1.0.0'] }]),
      environment: 'production',
      versions: ['4.2.0', '5.0.0', '5.1.0'],
    }));

  it('are read by their schema', () =>
    expect(parse(file(entry))).toEqual([
      {
        reason: 'r',
        terms: {
          id: 'orders:read',
          title: 't',
          owner: 'o',
          resource: 'order',
          actions: ['read'],
          privileged: false,
          tiers: [],
        },
      },
    ]));

  it.each([
    ['an unknown key', file(entry.replace('title', 'titel')), /p\.yaml[\s\S]*3: \/permissions\/0/],
    ['an id twice', file(entry, entry), /every id stands once/],
    ['an id that is none', file(entry.replace('orders:read', 'orders')), /\/permissions\/0\/id/],
    ['no YAML', 'permissions: [', /can't be used/],
  ])('refuse %s, and say where', (_, text, message) => expect(() => parse(text)).toThrow(message));
});
