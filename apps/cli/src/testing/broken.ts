import type { Fix, PatchOperation } from '@kwanus/checks-kit';

/** How the minimal submission is broken, so that one rule speaks up. */
export interface Break {
  readonly by: readonly Fix[];
  /** What it is compared with: the minimal submission, in its own version. */
  readonly live?: true;
  /** Rules that speak up too and have no fix: somebody has to decide. */
  readonly left?: readonly string[];
}

const manifest = (...patch: readonly PatchOperation[]): Fix => ({ file: 'kwanus.yaml', patch });
const workflow = (...patch: readonly PatchOperation[]): Fix => ({
  file: 'workflows/register-parcel.yaml',
  patch,
});
const set = (path: string, value: Extract<PatchOperation, { value: unknown }>['value']): PatchOperation => ({
  op: 'add',
  path,
  value,
});
const change = (
  path: string,
  value: Extract<PatchOperation, { value: unknown }>['value'],
): PatchOperation => ({
  op: 'replace',
  path,
  value,
});
const remove = (path: string): PatchOperation => ({ op: 'remove', path });
const broken = (...by: readonly Fix[]): Break => ({ by });

const TASK = '/do/0/register';
const SEND = {
  send: {
    call: 'openapi',
    with: {
      document: { endpoint: 'api/parcels.yaml' },
      operationId: 'registerParcel',
      parameters: { orderId: '${ .order.id }' },
    },
  },
};

/** A release that is live, one step further, whose guide says so. */
const nextRelease = (version: string, ...by: readonly Fix[]): Break => ({
  live: true,
  by: [
    manifest(change('/metadata/version', version)),
    { file: 'docs/migration-guide.md', append: 'Nothing to migrate from 1.0.0.' },
    ...by,
  ],
});

/** For each rule whose findings carry a fix, how a valid submission comes to break it. */
export const BREAKS: Readonly<Record<string, Break>> = {
  AD301: broken(manifest(remove('/api/provides/0/audit'))),
  DA701: broken(manifest(change('/dataAccess/0/fields', ['*']))),
  DA702: broken(manifest(change('/dataAccess/0/fields', ['id']))),
  FB303: broken(manifest(change('/permissions/0/scope/workspace', '*'))),
  FD401: broken(manifest(remove('/fallback/1'))),
  FD402: broken(manifest(remove('/fallback/0/do'))),
  FD404: broken(manifest(set('/rollback', { to: '0.9.0' }))),
  FD405: broken(manifest(change('/docs/governance', { path: 'docs/governance.md', sha256: 'a'.repeat(64) }))),
  FD406: { live: true, by: [manifest(change('/metadata/version', '1.0.1'))] },
  MF001: broken(manifest(set('/partneronly', false))),
  MF003: broken(
    manifest(
      set('/api/consumes', Array(2).fill({ id: 'o', api: 'kwanus.orders', version: '^2', operations: [] })),
    ),
  ),
  PM201: broken(manifest(remove('/permissions/0'))),
  PM202: broken(
    manifest(
      set('/permissions/-', {
        id: 'orders:list',
        scope: { workspace: 'self', resource: 'order', fields: ['id'] },
        actions: ['list'],
        reason: 'Once it was needed.',
        expires: '2027-06-30',
      }),
    ),
  ),
  PM208: broken(manifest(remove('/permissions/0/expires'))),
  SV401: { live: true, by: [] },
  SV402: {
    ...nextRelease('1.0.1', {
      file: 'api/parcels.yaml',
      patch: [
        set('/paths/~1parcels/post/requestBody/content/application~1json/schema/properties/colour', {
          type: 'string',
        }),
      ],
    }),
  },
  SV403: nextRelease('1.0.1', manifest(set('/metadata/supersedes', '0.9.0'))),
  VE101: broken(manifest(change('/api/provides/0/basePath', '/partners/acme')), {
    file: 'api/parcels.yaml',
    patch: [change('/servers/0/url', 'https://api.acme.example')],
  }),
  WC105: nextRelease(
    '1.0.1',
    manifest(remove('/workflows/0/inFlight')),
    workflow(change(`${TASK}/catch/do/0`, { parked: { set: { parked: true } } })),
  ),
  WC110: nextRelease(
    '1.0.1',
    manifest(set('/events/publishes', [{ type: 'acme.parcel.registered' }])),
    manifest(set('/workflows/0/handlers/-', { task: '/do/told', uses: 'event:acme.parcel.registered' })),
    workflow(set('/do/-', { told: { emit: { event: { with: { type: 'acme.parcel.registered' } } } } })),
  ),
  WF000: broken(workflow(remove('/document/dsl'))),
  WF005: broken(
    workflow(
      set('/do/-', { choose: { switch: [{ one: { when: '${ .a }' } }] } }),
      set('/do/1/choose/switch/0/one/then', 'end'),
    ),
  ),
  WF006: broken(manifest(change('/events/subscribes', []))),
  WF007: broken(
    manifest(change('/workflows/0/handlers', [])),
    manifest(remove('/permissions/0')),
    manifest(change('/dataAccess', [])),
    workflow(change(`${TASK}/try/0/send/with/parameters/orderId`, 'none')),
  ),
  WF008: broken(manifest(change('/workflows/0/handlers/0/uses', 'api:parcels-v1#sendParcel'))),
  WF009: broken(
    workflow(remove('/do/0'), set('/do/-', SEND)),
    manifest(change('/fallback/0/for', 'workflow:register-parcel/do/other')),
    manifest(change('/workflows/0/handlers/0/task', '/do/send')),
  ),
  WF010: {
    by: [workflow(set(`${TASK}/catch/retry`, { delay: 'PT1S' }))],
    left: ['WF014'],
  },
  WF013: broken(
    workflow(set('/do/-', { told: { emit: { event: { with: { type: 'acme.parcel.registered' } } } } })),
    manifest(set('/workflows/0/handlers/-', { task: '/do/told', uses: 'event:acme.parcel.registered' })),
  ),
  WF018: broken(
    workflow(set(`${TASK}/catch/when`, '${ .maybe }')),
    manifest(change('/fallback/0/on', ['timeout'])),
  ),
};
