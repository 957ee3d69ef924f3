import type { NeighbourWorkflow } from '@kwanus/checks-kit';
import { type Audit, api, type Case, flow, knowing, row, since, told } from './audit-cases.js';
import { type Loose, push, put, registry } from './edited-submission.js';

const permission = (m: Loose): Loose | undefined => m['permissions']?.[0];
const declares = (more: object): Case => told((m) => put(permission(m), more));
const scoped = (more: object): Case => told((m) => put(permission(m)?.['scope'], more));
const data = (more: object): Case => told((m) => put(m['dataAccess']?.[0], more));
const unused = told((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { permission: undefined }));
const approving = (more: object): Case =>
  told((m) => {
    put(permission(m), { actions: ['create'] });
    push(m['permissions'], { ...permission(m), id: 'orders:second', actions: ['approve'], ...more });
  });
const neighbour: NeighbourWorkflow = {
  integrationId: 'globex.payments',
  release: '2.0.0',
  workflow: 'refund',
  startedBy: 'event:acme.parcel.lost',
  starts: [],
  permissions: ['payouts:create'],
};
const beside = (more: Partial<NeighbourWorkflow>): Case =>
  knowing(
    { neighbours: { workflows: [{ ...neighbour, ...more }], complete: true } },
    told((m) => put(m['events'], { publishes: [{ type: 'acme.parcel.lost' }] })),
  );
const seen = (id: string): Case =>
  knowing({ violations: [{ release: '0.9.0', permission: id, kind: 'bypassed', count: 1 }] });
const rate = (ratePerMinute: number): Case => declares({ limits: { ratePerMinute } });
const policy = (text: string): Case => ({
  is: { ...declares({ policy: 'policies/read.cedar' }).is, 'policies/read.cedar': text },
});
const cedar = ({
  principal = 'principal == Kwanus::Integration::"acme.parcels"',
  action = 'read',
  effect = 'permit',
  fields = '["id", "status"]',
} = {}): string =>
  `${effect} (${principal}, action == Kwanus::Action::"${action}", resource is Kwanus::Order) when { resource.workspace == context.workspace && ${fields}.containsAll(context.fields) };`;
const limiting = (principal: string): string =>
  `${cedar()}\nforbid (${principal}, action == Kwanus::Action::"read", resource is Kwanus::Order) when { context.fields.contains("id") };`;
const egress = (host: string): Case => told((m) => put(m['network'], { egress: [host] }));
const calling = (to: string): Case =>
  api((c) =>
    put(c['paths']?.['/parcels']?.['post'], {
      callbacks: { done: { [to]: { post: { responses: { 200: { description: 'd' } } } } } },
    }),
  );
const referring = ($ref: string): Case => api((c) => put(c['components']?.['schemas'], { Far: { $ref } }));

const passing = (orderId: string): Case =>
  flow((w) => put(w['do']?.[0]?.['register']?.['try']?.[0]?.['send']?.['with'], { parameters: { orderId } }));
const marked = (kind: string): Case => ({
  is: {
    ...told((m) => {
      put(m['events']?.['subscribes']?.[0], { schema: 'events/shipped.json' });
      push(m['dataAccess']?.[0]?.['fields'], 'contact');
    }).is,
    'events/shipped.json': JSON.stringify({
      type: 'object',
      properties: { contact: { 'x-data-class': kind } },
    }),
  },
});

/** PM, FB, DA: permissions, the forbidden, data. */
export const SECURITY: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  'permission-boundary': {
    PM201: row(data({ store: 'kwanus.invoices' }), data({ store: 'kwanus.invoices', via: 'event' }), [
      declares({ actions: ['read', 'update'] }),
      declares({ actions: ['read'] }),
    ]),
    PM202: row(unused, {}, [
      unused,
      told((m) => {
        put(m['workflows']?.[0]?.['handlers']?.[0], { permission: undefined });
        put(m, {
          extensions: [{ id: 'p', kind: 'ui', entry: 'docs/workflow.md', permissions: ['orders:read'] }],
        });
      }),
    ]),
    PM204: row(since(declares({ actions: ['read', 'update'] })), since({}), [
      since(rate(601), rate(600)),
      since(rate(600), rate(600)),
    ]),
    PM205: row(knowing({ registry: { version: 0, permissions: [], tiers: {} } }), {}, [
      knowing(registry({ status: 'proposed' })),
      knowing(registry({ status: 'active' })),
    ]),
    PM206: row(knowing(registry({ tiers: ['gold'] })), {}, [
      knowing(registry({ tiers: ['silver-plus'] })),
      knowing(registry({ tiers: ['gold', 'silver'] })),
    ]),
    PM207: row(approving({}), approving({ actions: ['read'] }), [
      approving({ scope: { workspace: 'self', resource: 'order', fields: ['id'] } }),
      approving({ scope: { workspace: 'self', resource: 'payout', fields: ['id'] } }),
    ]),
    PM208: row(declares({ expires: undefined }), {}, [
      declares({ expires: '2027-11-25' }),
      declares({ expires: '2027-11-24' }),
    ]),
    PM209: row(beside({}), beside({ permissions: ['orders:read'] }), [
      beside({ startedBy: 'event:acme.parcel.lost' }),
      beside({ startedBy: 'event:acme.parcel.los' }),
    ]),
    PM210: row(seen('orders:write'), knowing({ violations: [] }), [
      seen('orders:reads'),
      seen('orders:read'),
    ]),
  },
  'permission-analysis': {
    PM211: row(policy('permit everything'), policy(cedar()), [
      policy(`${cedar()}\n`.repeat(51)),
      policy(`${cedar()}\n`.repeat(2)),
    ]),
    PM212: row(policy(cedar({ action: 'burn' })), policy(cedar()), [
      policy(cedar({ action: 'reads' })),
      policy(cedar({ action: 'read' })),
    ]),
    PM213: row(policy(limiting('principal')), policy(cedar()), [
      policy(limiting('principal == Kwanus::Integration::"acme.parcel"')),
      policy(limiting('principal == Kwanus::Integration::"acme.parcels"')),
    ]),
    PM214: row(
      policy(cedar({ fields: 'context.now.toTime() < duration("1h") && ["id"]' })),
      policy(cedar()),
      [
        policy(cedar({ fields: 'context.now.offset(duration("1h")) < datetime("2027-01-01") && ["id"]' })),
        policy(cedar({ fields: 'context.now < datetime("2027-01-01") && ["id"]' })),
      ],
    ),
  },
  'forbidden-permissions': {
    PM203: row(scoped({ workspace: '*' }), scoped({ workspace: 'self' }), [
      scoped({ resource: 'any' }),
      scoped({ resource: 'anything' }),
    ]),
    FB303: row(declares({ actions: ['*'] }), {}, [
      scoped({ fields: ['id', '.+'] }),
      scoped({ fields: ['id', '.'] }),
    ]),
  },
  'forbidden-database': {
    FB301: row(data({ via: 'sql' }), data({ via: 'event' }), [
      egress('db.acme.example:5432'),
      egress('db.acme.example:5433'),
    ]),
  },
  'forbidden-internal-api': {
    FB302: row(egress('localhost'), egress('api.acme.example'), [
      egress('172.31.255.255'),
      egress('172.32.0.0'),
    ]),
    FB304: row(calling('{$request.body#/url}'), calling('https://api.acme.example/done'), [
      calling('{$request.body#/url}/done'),
      calling('https://api.acme.example/{$request.body#/id}'),
    ]),
    FB305: row(referring('http://127.0.0.1:9/far.json'), referring('#/components/schemas/Parcel'), [
      referring('other.yaml#/components/schemas/Parcel'),
      referring('#/components/schemas/Parcel'),
    ]),
  },
  'data-access': {
    DA701: row(data({ fields: ['*'] }), {}, [data({ fields: [] }), data({ fields: ['id', 'status'] })]),
    DA702: row(data({ fields: ['id'] }), {}, [
      scoped({ fields: ['id', 'statuses'] }),
      scoped({ fields: ['id', 'status'] }),
    ]),
    DA703: row(data({ class: 'personal', retentionDays: undefined }), data({ class: 'personal' }), [
      data({ class: 'personal', retentionDays: undefined }),
      data({ class: 'confidential', retentionDays: undefined }),
    ]),
    DA705: row(passing('${ .order.email }'), passing('${ .order.id }'), [
      passing('${ .order.ids }'),
      passing('${ .order.id.part }'),
    ]),
    DA706: row(marked('personal'), marked('public'), [marked('confidential'), marked('internal')]),
    DA704: row(
      told((m) => put(m, { dataAccess: [] })),
      {},
      [data({ store: 'kwanus.orderings' }), data({ store: 'kwanus.order' })],
    ),
  },
};
