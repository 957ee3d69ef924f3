import { describe, expect, it } from '@jest/globals';
import { runChecks } from './index.js';
import {
  context,
  type Edits,
  edited,
  findingsOf,
  type Loose,
  manifest,
  put,
  REGISTERED,
} from './testing/edited-submission.js';

const changed = async (was: Edits, is: Edits) =>
  runChecks(await edited(is), context({ bases: [await edited(was)] }), { checks: ['permission-boundary'] });
const messages = async (was: Edits, is: Edits): Promise<readonly string[]> =>
  findingsOf(await changed(was, is), 'PM204').map(({ message }) => message);

const scope = (more: object): Edits => manifest((m) => put(m['permissions']?.[0]?.['scope'], more));
const grant = (more: object): Edits => manifest((m) => put(m['permissions']?.[0], more));
const data = (more: object): Edits => manifest((m) => put(m['dataAccess']?.[0], more));
const egress = (...hosts: string[]): Edits => manifest((m) => put(m, { network: { egress: hosts } }));
const extension = (...network: string[]): Edits =>
  manifest((m: Loose) =>
    put(m, { extensions: [{ id: 'panel', kind: 'ui', entry: 'docs/workflow.md', sandbox: { network } }] }),
  );

/** From the second to the third it grows; the other way round it does not. */
const GROWS: readonly (readonly [string, Edits, Edits, RegExp])[] = [
  [
    'an action',
    grant({ actions: ['read'] }),
    grant({ actions: ['read', 'update'] }),
    /orders:read.*actions update/,
  ],
  ['a field', scope({ fields: ['id'] }), scope({ fields: ['id', 'address'] }), /fields address/],
  ['all fields', scope({ fields: ['id'] }), scope({ fields: undefined }), /all fields/],
  [
    'a workspace beyond its own',
    scope({ workspace: 'self' }),
    scope({ workspace: 'partner' }),
    /workspace partner/,
  ],
  [
    'more calls a minute',
    grant({ limits: { ratePerMinute: 60 } }),
    grant({ limits: { ratePerMinute: 61 } }),
    /rate 61/,
  ],
  [
    'calls without limit',
    grant({ limits: { ratePerMinute: 60 } }),
    grant({ limits: undefined }),
    /without limit/,
  ],
  [
    'a class of data',
    data({ class: 'internal' }),
    data({ class: 'personal' }),
    /kwanus\.orders.*class personal/,
  ],
  ['a field of data', data({ fields: ['id'] }), data({ fields: ['id', 'status'] }), /fields status/],
  ['a day of keeping', data({ retentionDays: 30 }), data({ retentionDays: 31 }), /kept 31 days/],
  ['keeping without end', data({ retentionDays: 30 }), data({ retentionDays: undefined }), /without end/],
  ['a store', manifest((m) => put(m, { dataAccess: [] })), {}, /kwanus\.orders.*it is new/],
  [
    'a host',
    egress('api.acme.example'),
    egress('api.acme.example', 'x.acme.example'),
    /egress.*hosts x\.acme/,
  ],
  ['a host of an extension', extension(), extension('y.acme.example'), /extension panel.*y\.acme/],
  ['a permission', manifest((m) => put(m, { permissions: [] })), {}, /orders:read.*it is new/],
];

describe('[PB-7.01] [PB-4.09] PM204 fires when a release reaches further than the last one, by', () => {
  it.each(GROWS)('%s', async (_, was, is, expected) =>
    expect(await messages(was, is)).toEqual([expect.stringMatching(expected)]),
  );
});

describe('PM204 is silent when it reaches less far, by', () => {
  it.each(GROWS)('%s', async (_, was, is) => expect(await messages(is, was)).toEqual([]));

  it.each([
    [
      'the same fields in another order',
      scope({ fields: ['id', 'status'] }),
      scope({ fields: ['status', 'id'] }),
    ],
    [
      'the resource that the id names, written out',
      scope({ resource: undefined }),
      scope({ resource: 'orders' }),
    ],
    ['data in two entries that were one', {}, manifest((m) => put(m, { dataAccess: halves(m) }))],
  ])('nothing: %s', async (_, was, is) => expect(await messages(was, is)).toEqual([]));
});

const halves = (m: Loose): object[] => {
  const [all] = m['dataAccess'] as unknown as object[];
  return [
    { ...all, fields: ['id'] },
    { ...all, fields: ['status'] },
  ];
};

describe('PM204 at its boundary', () => {
  it('another resource is another reach, either way', async () => {
    expect(await messages(scope({ resource: 'order' }), scope({ resource: 'refund' }))).toHaveLength(1);
    expect(await messages(scope({ resource: 'refund' }), scope({ resource: 'order' }))).toHaveLength(1);
  });

  it('a policy that changed or went is looked at; one that came only restricts', async () => {
    const policy = (text: string): Edits => ({
      ...grant({ policy: 'policies/orders.cedar' }),
      'policies/orders.cedar': text,
    });
    expect(await messages(policy('permit(a);'), policy('permit(b);'))).toHaveLength(1);
    expect(await messages(policy('permit(a);'), {})).toHaveLength(1);
    expect(await messages(policy('permit(a);'), policy('permit(a);'))).toEqual([]);
    expect(await messages({}, policy('permit(a);'))).toEqual([]);
  });

  it('a scope that grew makes the permission a new one for the risk; data and hosts are seen by their sections', async () => {
    const grown = await changed(scope({ fields: ['id'] }), scope({ fields: ['id', 'address'] }));
    expect(grown.facts.newPermissions).toEqual(['orders:read']);
    const hosts = await changed(egress('a.example'), egress('b.example'));
    expect(hosts.facts.newPermissions).toEqual([]);
    expect(hosts.facts.changedSections).toContain('manifest:network');
  });

  it('says nothing of a first release, whose permissions are all new for the risk', async () => {
    const first = await runChecks(await edited(), context(), { checks: ['permission-boundary'] });
    expect(findingsOf(first, 'PM204')).toEqual([]);
    expect(first.facts.newPermissions).toEqual(['orders:read']);
  });
});

describe('[PB-0.1] [PB-7.01] PM206 goes by the tier that the platform granted', () => {
  const silver = { permissions: [{ ...REGISTERED, tiers: ['silver'] }], version: 3 };
  const judged = async (edits: Edits, tiers: Record<string, string>) =>
    findingsOf(
      await runChecks(await edited(edits), context({ registry: { ...silver, tiers } }), {
        checks: ['permission-boundary'],
      }),
      'PM206',
    );
  const claims = (tier: string | undefined): Edits => manifest((m) => put(m['metadata'], { tier }));

  it.each([
    ['one that only the manifest claims', claims('silver'), { acme: 'gold' }],
    ['none', claims('silver'), {}],
    ['that of another partner', claims('silver'), { globex: 'silver' }],
  ])('and fires with %s', async (_, edits, tiers) => expect(await judged(edits, tiers)).toHaveLength(1));

  it.each([
    ['the granted one', claims('silver')],
    ['the granted one, whatever the manifest claims', claims('bronze')],
    ['the granted one, unclaimed', claims(undefined)],
  ])('and is silent with %s', async (_, edits) =>
    expect(await judged(edits, { acme: 'silver' })).toEqual([]),
  );
});
