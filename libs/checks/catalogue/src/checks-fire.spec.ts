import { describe, expect, it } from '@jest/globals';
import {
  contract,
  goesOn,
  judge,
  manifest,
  permission,
  push,
  put,
  type Row,
  registry,
  said,
  shift,
  workflow,
  yamlEdit,
} from './testing/edited-submission.js';

const LOST = 'workflow-compatibility blocks WF018';
const ENDLESS = 'workflow-compatibility blocks WF019';

const FIRES: readonly Row[] = [
  [
    '[PB-2.4] MF001 a field that nobody knows',
    manifest((m) => put(m, { surprise: 1 })),
    ['manifest blocks MF001'],
  ],
  [
    '[PB-2.4] MF003 two workflows with one id',
    manifest((m) => push(m['workflows'], m['workflows']?.[0])),
    ['manifest blocks MF003', 'workflow-triggers blocks WF016'],
  ],
  [
    '[PB-4.02] CD401 a contract that can’t be read',
    { 'api/parcels.yaml': 'a: &x 1\nb: *x\n' },
    ['contract-definition blocks CD401', 'workflow-handlers blocks WF008'],
  ],
  [
    '[PB-4.02] CD402 Swagger 2.0',
    contract((c) => put(c, { openapi: undefined, swagger: '2.0' })),
    ['contract-definition blocks CD402'],
  ],
  [
    '[PB-4.02] CD403 a response without description',
    contract((c) =>
      put(c['paths']?.['/parcels']?.['post']?.['responses']?.['201'], { description: undefined }),
    ),
    ['contract-definition blocks CD403'],
  ],
  [
    '[PB-4.02] CD404 an operation id used twice',
    contract((c) => put(c['paths']?.['/parcels/{id}']?.['get'], { operationId: 'registerParcel' })),
    ['contract-definition blocks CD403', 'contract-definition blocks CD404'],
  ],
  [
    '[PB-4.01] VE101 no version in any address',
    {
      ...manifest((m) => put(m['api']?.['provides']?.[0], { basePath: '/partners/acme' })),
      ...contract((c) => put(c['servers']?.[0], { url: 'https://api.acme.example' })),
    },
    ['versioned-endpoints blocks VE101'],
  ],
  [
    '[PB-4.03] VS202 JSON without a schema',
    contract((c) =>
      put(c['paths']?.['/parcels']?.['post']?.['responses']?.['201']?.['content'], {
        'application/json': {},
      }),
    ),
    ['validation-schemas blocks VS202'],
  ],
  [
    '[PB-4.03] VS203 another media type without one',
    contract((c) =>
      put(c['paths']?.['/parcels']?.['post']?.['responses']?.['201']?.['content'], { 'text/csv': {} }),
    ),
    ['validation-schemas warns VS203'],
  ],
  [
    '[PB-4.04] AD301 a change that nobody can find again',
    manifest((m) => put(m['api']?.['provides']?.[0], { audit: { operations: ['getParcel'] } })),
    ['audit-declaration blocks AD301'],
  ],
  [
    '[PB-6.02] FD401 a workflow without a fallback',
    manifest((m) => shift(m['fallback'])),
    ['fallback blocks FD401'],
  ],
  [
    '[PB-6.02] FD402 a fallback that serves what is not there',
    manifest((m) => put(m['fallback']?.[1], { serve: 'api:parcels-v0' })),
    ['fallback blocks FD402'],
  ],
  [
    '[PB-6.02] FD402 a fallback that serves itself',
    manifest((m) => put(m['fallback']?.[1], { serve: 'api:parcels-v1' })),
    ['fallback blocks FD402'],
  ],
  [
    '[PB-6.02] FD404 a rollback to what was never live',
    manifest((m) => put(m, { rollback: { to: '0.9.0' } })),
    ['fallback blocks FD404'],
  ],
  [
    '[PB-6.01] PC601 a range that holds no platform in service',
    manifest((m) => put(m['compatibility'], { platform: '^6' })),
    ['platform-compatibility blocks PC601'],
  ],
  [
    '[PB-7.01] [PB-6.07] PM201 an action beyond the registered grant',
    permission({ actions: ['read', 'update'] }),
    ['permission-boundary blocks PM201'],
  ],
  [
    '[PB-4.07] PM201 a handler’s permission that is not declared',
    manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { permission: 'orders:write' })),
    [
      'permission-boundary blocks PM201',
      'permission-boundary warns PM202',
      'workflow-permissions blocks PM201',
    ],
  ],
  [
    '[PB-7.01] PM202 a permission that nothing uses',
    manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { permission: undefined })),
    ['permission-boundary warns PM202'],
  ],
  [
    '[PB-7.01] PM202 a privileged one',
    manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { permission: undefined })),
    ['permission-boundary blocks PM202'],
    registry({ privileged: true }),
  ],
  [
    '[PB-4.11] PM205 a permission that is not in the registry',
    {},
    ['permission-boundary blocks PM205'],
    { registry: { version: 0, permissions: [], tiers: {} } },
  ],
  [
    '[PB-4.11] PM205 one that is only proposed',
    {},
    ['permission-boundary blocks PM205'],
    registry({ status: 'proposed' }),
  ],
  [
    '[PB-0.1] PM206 a permission of another tier',
    {},
    ['permission-boundary blocks PM206'],
    registry({ tiers: ['gold'] }),
  ],
  [
    '[PB-7.01] PM207 who makes also approves',
    manifest((m) =>
      push(m['permissions'], {
        id: 'orders:approve',
        scope: { workspace: 'self', resource: 'order', fields: ['id'] },
        actions: ['approve', 'create'],
        reason: 'r',
        expires: '2027-01-01',
      }),
    ),
    [
      'permission-boundary warns PM202',
      'permission-boundary blocks PM205',
      'permission-boundary blocks PM207',
    ],
  ],
  [
    '[PB-7.01] PM208 a permission without end',
    permission({ expires: undefined }),
    ['permission-boundary warns PM208'],
  ],
  [
    '[PB-7.01] PM208 one that has ended',
    permission({ expires: '2026-11-01' }),
    ['permission-boundary blocks PM208'],
  ],
  [
    '[PB-7.05] FB303 (PM203) any action',
    permission({ actions: ['*'] }),
    ['permission-boundary blocks PM201', 'forbidden-permissions blocks FB303'],
  ],
  [
    '[PB-7.05] FB303 (PM203) any resource',
    permission({ scope: { workspace: 'self', resource: 'any', fields: ['id'] } }),
    ['permission-boundary blocks PM201', 'forbidden-permissions blocks FB303', 'data-access warns DA704'],
  ],
  [
    '[PB-7.05] FB303 (PM203) no workspace',
    permission({ scope: { resource: 'order', fields: ['id'] } }),
    ['forbidden-permissions blocks FB303'],
  ],
  [
    '[PB-7.05] FB303 (PM203) no fields on personal data',
    {
      'kwanus.yaml': yamlEdit((m) => {
        put(m['permissions']?.[0], { scope: { workspace: 'self', resource: 'order' } });
        put(m['dataAccess']?.[0], { class: 'personal' });
      }),
    },
    ['forbidden-permissions blocks FB303'],
  ],
  [
    '[PB-7.06] FB301 data over SQL',
    manifest((m) => put(m['dataAccess']?.[0], { via: 'sql' })),
    ['forbidden-database blocks FB301'],
  ],
  [
    '[PB-7.06] FB301 a connection string in the workflow',
    workflow((w) =>
      put(w['do']?.[0]?.['register']?.['try']?.[0]?.['send']?.['with'], {
        db: 'postgres://u:p@db.acme.example/x',
      }),
    ),
    ['forbidden-database blocks FB301'],
  ],
  [
    '[PB-7.06] FB301 a database’s port among the hosts',
    manifest((m) => put(m['network'], { egress: ['db.acme.example:5432'] })),
    ['forbidden-database blocks FB301'],
  ],
  [
    '[PB-7.07] FB302 an internal server',
    contract((c) => put(c['servers']?.[0], { url: 'https://orders.svc.cluster.local/v1' })),
    ['forbidden-internal-api blocks FB302'],
  ],
  [
    '[PB-7.07] FB302 a server variable’s value',
    contract((c) =>
      put(c['servers'], [
        {
          url: 'https://{host}/v1',
          variables: { host: { default: 'api.acme.example', enum: ['api.acme.example', '10.0.0.1'] } },
        },
      ]),
    ),
    ['forbidden-internal-api blocks FB302'],
  ],
  [
    '[PB-7.07] FB302 an operation that is internal',
    contract((c) => put(c['paths']?.['/parcels']?.['post'], { 'x-visibility': 'internal' })),
    ['forbidden-internal-api blocks FB302'],
  ],
  [
    '[PB-7.07] FB302 an internal API that is consumed',
    manifest((m) =>
      put(m['api'], {
        consumes: [{ id: 'i', api: 'kwanus.internal.users', version: '^1', operations: ['x'] }],
      }),
    ),
    ['forbidden-internal-api blocks FB302'],
  ],
  [
    '[PB-7.07] FB302 a host that is built at run time',
    workflow((w) =>
      put(w['do']?.[0]?.['register']?.['try']?.[0]?.['send']?.['with'], { uri: '${ "https://" + .host }' }),
    ),
    ['forbidden-internal-api blocks FB302'],
  ],
  [
    '[PB-7.07] FB304 a callback to where the request says',
    contract((c) =>
      put(c['paths']?.['/parcels']?.['post'], {
        callbacks: {
          done: { '{$request.body#/url}': { post: { responses: { 200: { description: 'd' } } } } },
        },
      }),
    ),
    ['forbidden-internal-api warns FB304'],
  ],
  [
    '[PB-7.07] FB305 a reference that leads outside',
    contract((c) => put(c['components']?.['schemas'], { Far: { $ref: 'http://127.0.0.1:9/far.json' } })),
    ['forbidden-internal-api blocks FB305'],
  ],
  [
    '[PB-7.04] DA701 all fields',
    manifest((m) => put(m['dataAccess']?.[0], { fields: ['*'] })),
    ['data-access blocks DA701', 'data-access blocks DA702', 'data-access blocks DA705'],
  ],
  [
    '[PB-7.04] DA702 a field beyond what is declared',
    permission({ scope: { workspace: 'self', resource: 'order', fields: ['id', 'address'] } }),
    ['data-access blocks DA702'],
  ],
  [
    '[PB-7.04] DA703 personal data for ever',
    {
      'kwanus.yaml': yamlEdit((m) =>
        put(m['dataAccess']?.[0], { class: 'personal', retentionDays: undefined }),
      ),
    },
    ['data-access blocks DA703'],
  ],
  [
    '[PB-2.4] WF001 on to what is not there',
    workflow((w) => put(w['do']?.[0]?.['register'], goesOn('nowhere'))),
    [LOST, 'workflow-definition blocks WF001', 'workflow-definition blocks WF004'],
  ],
  [
    '[PB-6.06] WF002 a step that is never reached',
    workflow((w) => {
      put(w['do']?.[0]?.['register'], goesOn('end'));
      push(w['do'], { late: { set: { a: 1 } } });
    }),
    ['workflow-definition blocks WF002'],
  ],
  [
    '[PB-6.06] WF003 no way leads to the end',
    workflow((w) => {
      push(w['do'], { pause: goesOn('register', { wait: 'PT1S' }) });
    }),
    [ENDLESS, 'workflow-definition blocks WF003'],
  ],
  [
    '[PB-6.06] WF004 a loop without exit',
    workflow((w) => {
      push(w['do'], { again: goesOn('register', { set: { a: 1 } }) });
    }),
    [ENDLESS, 'workflow-definition blocks WF004'],
  ],
  [
    '[PB-2.4] WF005 a switch without default, at the end',
    workflow((w) => {
      push(w['do'], { choose: { switch: [{ one: goesOn('end', { when: '${ .a }' }) }] } });
    }),
    ['workflow-definition blocks WF005'],
  ],
  [
    '[PB-4.05] WF006 an event that nobody subscribes to',
    manifest((m) => put(m['events'], { subscribes: [] })),
    ['workflow-triggers blocks WF006'],
  ],
  [
    '[PB-4.05] WF015 two triggers',
    manifest((m) => put(m['workflows']?.[0]?.['trigger'], { schedule: 'PT1H' })),
    ['workflow-triggers blocks WF015'],
  ],
  [
    '[PB-4.06] WF007 a call without a handler',
    manifest((m) => put(m['workflows']?.[0], { handlers: [] })),
    ['permission-boundary warns PM202', 'workflow-handlers blocks WF007'],
  ],
  [
    '[PB-4.06] WF008 an operation that is in no contract',
    manifest((m) => put(m['workflows']?.[0]?.['handlers']?.[0], { uses: 'api:parcels-v1#sendParcel' })),
    ['workflow-handlers blocks WF008'],
  ],
  [
    '[PB-4.08] WF009 a call with nothing to fall back to',
    {
      ...workflow((w) =>
        put(w, {
          do: [{ register: { do: [{ send: w['do']?.[0]?.['register']?.['try']?.[0]?.['send'] }] } }],
        }),
      ),
      'kwanus.yaml': yamlEdit((m) => {
        put(m['workflows']?.[0]?.['handlers']?.[0], { task: '/do/register/do/send' });
        put(m['fallback']?.[0], { for: 'workflow:register-parcel/do/other' });
      }),
    },
    [LOST, 'workflow-fallback blocks WF009'],
  ],
  [
    '[PB-2.4] WF010 retried without end',
    workflow((w) => put(w['do']?.[0]?.['register']?.['catch'], { retry: { delay: 'PT1S' } })),
    [ENDLESS, 'workflow-definition blocks WF010', 'workflow-fallback warns WF014'],
  ],
  [
    '[PB-4.08] WF011 a fallback to what has just failed',
    {
      ...workflow((w) =>
        put(w['do']?.[0]?.['register']?.['catch'], {
          do: [{ again: w['do']?.[0]?.['register']?.['try']?.[0]?.['send'] }],
        }),
      ),
      'kwanus.yaml': yamlEdit((m) =>
        push(m['workflows']?.[0]?.['handlers'], {
          task: '/do/register/catch/do/again',
          uses: 'api:parcels-v1#registerParcel',
          permission: 'orders:read',
        }),
      ),
    },
    [LOST, 'workflow-fallback blocks WF011'],
  ],
  [
    '[PB-2.4] WF012 a script',
    workflow((w) => push(w['do'], { s: { run: { shell: { command: 'id' } } } })),
    ['workflow-definition blocks WF012'],
  ],
  [
    '[PB-2.4] WF012 a secret in an expression',
    workflow((w) => push(w['do'], { s: { set: { a: '${ $secrets.key }' } } })),
    ['workflow-definition blocks WF012'],
  ],
  [
    '[PB-2.4] WF013 an event that is not published',
    workflow((w) => push(w['do'], { e: { emit: { event: { with: { type: 'acme.x' } } } } })),
    ['workflow-definition blocks WF013', 'workflow-handlers blocks WF007'],
  ],
  [
    '[PB-2.4] WF017 a call of the platform without permission',
    manifest((m) => {
      put(m['api'], {
        consumes: [{ id: 'orders', api: 'kwanus.orders', version: '^2', operations: ['getOrder'] }],
      });
      put(m['workflows']?.[0]?.['handlers']?.[0], { uses: 'api:orders#getOrder', permission: undefined });
    }),
    [
      'permission-boundary warns PM202',
      'workflow-handlers blocks WF008',
      'workflow-permissions blocks WF017',
    ],
  ],
  [
    '[PB-2.4] FD405 a file that is not there',
    { 'docs/governance.md': null },
    ['document-digests blocks FD405', 'governance-update blocks FD405'],
  ],
  [
    '[PB-2.4] FD405 a file with another digest',
    manifest((m) => put(m['docs'], { lifecycle: { path: 'docs/lifecycle.md', sha256: 'a'.repeat(64) } })),
    ['document-digests blocks FD405'],
  ],
  ...[
    'expansionProposal',
    'compatibilityPlan',
    'lifecyclePlan',
    'riskMitigationPlan',
    'governanceAlignment',
  ].map(
    (id, index): Row => [
      `[PB-3.0${index + 1}] PD301 ${id} is missing`,
      manifest((m) => put(m['proposal'], { [id]: undefined })),
      ['proposal-documents blocks PD301'],
    ],
  ),
  [
    '[PB-3.01] PD302 a document without structure',
    { 'proposal/expansion-proposal.md': 'purpose\n'.repeat(20) },
    ['proposal-documents blocks PD302'],
  ],
  [
    '[PB-3.04] PD303 a document that is about something else',
    { 'proposal/risk-mitigation-plan.md': `# Plan\n\n${'word '.repeat(40)}` },
    ['proposal-documents blocks PD303'],
  ],
  [
    '[PB-8.01] DC801 an operation that is not described',
    { 'docs/api-reference.md': '# API reference\n\nregisterParcel' },
    ['api-reference blocks DC801'],
  ],
  [
    '[PB-8.02] DC802 a workflow that is not described',
    { 'docs/workflow.md': '# Workflow\n\n## Fallback\nregister-parcels\n' },
    ['workflow-documentation blocks DC802'],
  ],
  [
    '[PB-8.03] DC803 a link that leads nowhere',
    { 'docs/integration-guide.md': (text) => `${text}\n[more](nowhere.md)` },
    ['integration-guide blocks DC803'],
  ],
  [
    '[PB-8.03] DC803 a link out of the submission',
    { 'docs/integration-guide.md': (text) => `${text}\n[more](../../../etc/passwd)` },
    ['integration-guide blocks DC803'],
  ],
  [
    '[PB-8.04] FD406 a guide that is silent',
    { 'docs/migration-guide.md': '# Migration guide\n\nWelcome.' },
    ['migration-guide blocks FD406'],
  ],
  [
    '[PB-8.05] DC805 no retirement',
    { 'docs/lifecycle.md': '# Lifecycle\n\nSupport until 2028-12-31, deprecation six months ahead.' },
    ['lifecycle-documentation blocks DC805'],
  ],
  [
    '[PB-8.05] DC805 a day that does not exist',
    { 'docs/lifecycle.md': (text) => text.replace('2029-06-30', '2029-06-31') },
    ['lifecycle-documentation blocks DC805'],
  ],
  [
    '[PB-8.05] DC805 retired before support ends',
    { 'docs/lifecycle.md': (text) => text.replace('2029-06-30', '2028-06-30') },
    ['lifecycle-documentation blocks DC805'],
  ],
  [
    '[PB-8.06] DC806 says nothing',
    { 'docs/governance.md': '# Governance\n\nHello.' },
    ['governance-update blocks DC806'],
  ],
];

describe('each check fires', () => {
  it.each(FIRES)('%s', async (...[, edits, expected, more]: Row) =>
    expect([...said(await judge(edits, more))].sort()).toEqual([...expected].sort()),
  );
});
