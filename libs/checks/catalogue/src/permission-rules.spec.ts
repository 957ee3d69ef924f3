import { describe, expect, it } from '@jest/globals';
import type { CheckContext } from '@kwanus/checks-kit';
import {
  contract,
  type Edits,
  findingsOf,
  judge,
  manifest,
  permission,
  push,
  put,
  REGISTERED,
  registry,
} from './testing/edited-submission.js';

type More = Partial<CheckContext>;
/** Something that the rule must see, and the same thing one step away, which it must not. */
type Step = readonly [title: string, fires: readonly [Edits, More?], silent: readonly [Edits, More?]];

const scopes = (...names: readonly string[]): Edits =>
  contract((c) =>
    put(c, {
      components: {
        ...(c['components'] as unknown as object),
        securitySchemes: {
          oauth: {
            type: 'oauth2',
            flows: {
              clientCredentials: {
                tokenUrl: 'https://login.acme.example/token',
                scopes: Object.fromEntries(names.map((name) => [name, 'd'])),
              },
            },
          },
        },
      },
    }),
  );
const both: More = {
  registry: {
    version: 3,
    permissions: [REGISTERED, { ...REGISTERED, id: 'orders:write', actions: ['create'] }],
    tiers: {},
  },
};
const data = (more: object): Edits => manifest((m) => put(m['dataAccess']?.[0], more));
const second = (actions: readonly string[], resource = 'order'): Edits =>
  manifest((m) =>
    push(m['permissions'], {
      id: 'orders:second',
      scope: { workspace: 'self', resource, fields: ['id'] },
      actions,
      reason: 'r',
      expires: '2027-01-01',
    }),
  );
const makesAnd = (actions: readonly string[], resource?: string): Edits => ({
  'kwanus.yaml': (text) => {
    const one = permission({ actions: ['create'] })['kwanus.yaml'] as (text: string) => string;
    const other = second(actions, resource)['kwanus.yaml'] as (text: string) => string;
    return other(one(text));
  },
});
const unused = manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { permission: undefined }));

const seen = (kind: string, permission = 'orders:write'): More => ({
  violations: [{ release: '0.9.0', permission, kind, count: 3 }],
});

const RULES: Readonly<Record<string, readonly Step[]>> = {
  PM201: [
    [
      'a scope of a contract that is a permission of the platform',
      [scopes('orders:write'), both],
      [scopes('orders:read'), both],
    ],
    ['a scope that is the partner’s own', [scopes('orders:write'), both], [scopes('parcels:write'), both]],
    [
      'data of the platform without a permission on it',
      [data({ store: 'kwanus.invoices' })],
      [data({ store: 'kwanus.orders' })],
    ],
    [
      'data that is fetched, not sent',
      [data({ store: 'kwanus.invoices' })],
      [data({ store: 'kwanus.invoices', via: 'event' })],
    ],
    [
      'data of the platform, not its own',
      [data({ store: 'kwanus.invoices' })],
      [data({ store: 'acme.invoices' })],
    ],
    [
      'another resource than the registered one',
      [permission({ scope: { workspace: 'self', resource: 'payout', fields: ['id'] } })],
      [permission({ scope: { workspace: 'self', resource: 'order', fields: ['id'] } })],
    ],
    [
      'one action more than is registered',
      [permission({ actions: ['read', 'update'] })],
      [permission({ actions: ['read'] })],
    ],
  ],
  PM202: [['a permission that nothing uses', [unused], [{}]]],
  PM205: [
    [
      'a permission that is not active',
      [{}, registry({ status: 'proposed' })],
      [{}, registry({ status: 'active' })],
    ],
    ['a permission that was retired', [{}, registry({ status: 'retired' })], [{}]],
  ],
  PM206: [
    [
      'a tier that is not among those entitled',
      [{}, registry({ tiers: ['gold'] })],
      [{}, registry({ tiers: ['gold', 'silver'] })],
    ],
    [
      'a permission that is for tiers, where the partner has none',
      [{}, { registry: { version: 3, permissions: [{ ...REGISTERED, tiers: ['silver'] }], tiers: {} } }],
      [{}, { registry: { version: 3, permissions: [REGISTERED], tiers: {} } }],
    ],
  ],
  PM207: [
    ['who makes also approves', [makesAnd(['approve'])], [makesAnd(['read'])]],
    ['the same thing, not another', [makesAnd(['approve'])], [makesAnd(['approve'], 'payout')]],
  ],
  PM208: [
    [
      'a permission that ends after more than twelve months',
      [permission({ expires: '2027-11-25' })],
      [permission({ expires: '2027-11-24' })],
    ],
    [
      'a permission that has ended',
      [permission({ expires: '2026-11-23' })],
      [permission({ expires: '2026-11-24' })],
    ],
    ['no end at all', [permission({ expires: undefined })], [{}]],
  ],
  PM210: [
    ['use without a grant', [{}, seen('bypassed')], [{}, seen('bypassed', 'orders:read')]],
    ['an attempt that was refused', [{}, seen('out-of-scope')], [{}, { violations: [] }]],
  ],
};

const taken = (...releases: readonly string[]): More => ({
  revocations: [{ permission: 'orders:read', releases, ground: 'unused', reason: 'Nobody needs it.' }],
});

describe('the rules about permissions', () => {
  it('[PB-7.01] PM210 blocks what was taken away and is declared again, warns of it in the release itself, and is silent where it is left out', async () => {
    const found = async (edits: Edits, more: More) =>
      findingsOf(await judge(edits, more), 'PM210').map(({ severity, pointer }) => [severity, pointer]);
    expect(await found({}, taken('0.9.0'))).toEqual([['blocks', '/permissions/0']]);
    expect(await found({}, taken('0.9.0', '1.0.0'))).toEqual([['warns', '/permissions/0']]);
    expect(await found(permission({ id: 'orders:other' }), taken('0.9.0'))).toEqual([]);
    expect(Object.keys((await judge({}, taken('0.9.0'))).inputs)).toContain('revocations');
  });

  for (const [rule, steps] of Object.entries(RULES))
    it.each(steps)(`[PB-7.01] ${rule} fires, and is silent one step away: %s`, async (_, fires, silent) => {
      expect(findingsOf(await judge(...fires), rule)).not.toEqual([]);
      expect(findingsOf(await judge(...silent), rule)).toEqual([]);
    });

  it('[PB-7.01] PM210 blocks what was allowed, warns of what was refused, and is an input of the verdict', async () => {
    const severities = async (kind: string) =>
      findingsOf(await judge({}, seen(kind)), 'PM210').map(({ severity }) => severity);
    expect(await severities('bypassed')).toEqual(['blocks']);
    expect(await severities('out-of-scope')).toEqual(['warns']);
    const [known, unknown] = [await judge({}, { violations: [] }), await judge()];
    expect(Object.keys(known.inputs)).toContain('violations');
    expect(Object.keys(unknown.inputs)).not.toContain('violations');
  });
});
