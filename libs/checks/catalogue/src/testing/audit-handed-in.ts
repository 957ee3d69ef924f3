import type { CheckContext, VulnerabilityScan } from '@kwanus/checks-kit';
import { type Audit, type Case, file, knowing, row, told } from './audit-cases.js';
import { type Loose, put } from './edited-submission.js';

const place = { path: 'sbom.json', pointer: '/components/0', line: 1 };
const hole = {
  ...place,
  purl: 'pkg:npm/left@1.2.2',
  ids: ['KW-1'],
  summary: '',
  severity: null,
  fixes: [],
  statement: null,
};
const statement = { ...place, status: 'not_affected', reason: 'not reached' } as const;

const scanning = (found: Partial<VulnerabilityScan>): Partial<CheckContext> => ({
  vulnerabilities: {
    scan: () =>
      Promise.resolve({
        components: 1,
        databases: [],
        vulnerable: [],
        more: 0,
        unidentified: [],
        moreUnidentified: 0,
        unreadable: [],
        unused: [],
        open: [],
        ...found,
      }),
  },
});
const BILL: Case = {
  is: {
    ...told((m) => put(m, { sbom: [{ path: 'sbom.json', format: 'cyclonedx' }] })).is,
    'sbom.json': '{}',
  },
};
/** What the comparison of a bill came to. */
const scanned = (found: Partial<VulnerabilityScan>): Case => knowing(scanning(found), BILL);
const panel = (m: Loose): void =>
  put(m, { extensions: [{ id: 'panel', kind: 'ui', entry: 'docs/workflow.md' }] });

const evidence = (task: string, text: string): Case => file(`preparation/${task}.yaml`, text);
const sandbox = (permissions: string, network: string): Case =>
  evidence('sandbox', `workspace: w\npermissions: [${permissions}]\nnetwork: [${network}]\n`);
const scaffold = (id: string, path = '/parcels/{key}'): Case =>
  evidence(
    'scaffolding',
    `openapi: 3.1.0\npaths: { /parcels: { post: { operationId: ${id} } }, "${path}": { get: {} } }\n`,
  );
const configured = (text: string): Case => ({
  is: {
    ...told((m) => put(m['preparation'], { workflow: 'preparation/workflow.yaml' })).is,
    'preparation/workflow.yaml': text,
  },
});

/** VU and PV: what is handed in beside the submission's own parts. */
export const HANDED_IN: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  'vulnerability-scan': {
    VU701: row(knowing(scanning({}), told(panel)), scanned({}), [
      knowing(scanning({}), { is: { ...BILL.is, 'sbom.json': null } }),
      knowing(scanning({}), BILL),
    ]),
    VU702: row(
      scanned({ unidentified: [{ ...place, name: 'left', because: 'has no package URL' }] }),
      scanned({}),
      [
        scanned({ unidentified: [{ ...place, name: 'left', because: 'has no version' }] }),
        scanned({ vulnerable: [hole] }),
      ],
    ),
    VU703: row(scanned({ vulnerable: [hole] }), scanned({}), [
      scanned({ vulnerable: [hole] }),
      scanned({ vulnerable: [{ ...hole, statement }] }),
    ]),
    VU704: row(scanned({ vulnerable: [{ ...hole, statement }] }), scanned({}), [
      scanned({ vulnerable: [{ ...hole, statement: { ...statement, status: 'fixed' } }] }),
      scanned({ vulnerable: [hole] }),
    ]),
    VU705: row(
      scanned({ unused: [{ ...place, vulnerability: 'KW-1', because: 'gives no reason' }] }),
      scanned({}),
      [
        scanned({ vulnerable: [hole], unused: [{ ...place, vulnerability: 'KW-1', because: 'is old' }] }),
        scanned({ vulnerable: [{ ...hole, statement }] }),
      ],
    ),
  },
  'preparation-scaffolding': {
    PV201: row(file('preparation/scaffolding.yaml', null), {}, [
      evidence('scaffolding', 'a: ['),
      evidence('scaffolding', 'a: []'),
    ]),
    PV202: row(evidence('scaffolding', 'a: 1'), {}, [
      scaffold('registerParcel', '/parcels/key'),
      scaffold('registerParcel'),
    ]),
  },
  'preparation-workflow': {
    PV203: row(configured('workflows: [other]'), {}, [
      configured('workflows: [{ id: register-parcels }]'),
      configured('workflows: [{ id: register-parcel }]'),
    ]),
  },
  'preparation-permissionMapping': {
    PV204: row(file('preparation/permission-mapping.yaml', 'permissions: []'), {}, [
      file('preparation/permission-mapping.yaml', 'permissions: [{ permission: orders:reads }]'),
      file('preparation/permission-mapping.yaml', 'permissions: [{ permission: orders:read }]'),
    ]),
  },
  'preparation-sandbox': {
    PV205: row(sandbox('orders:write', ''), sandbox('orders:read', ''), [
      sandbox('', 'api.acme.example.'),
      sandbox('', 'api.acme.example'),
    ]),
  },
};
