import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BillOfMaterials, VulnerabilityScan } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { scanBills } from './index.js';
import { affects, bill, record, TestDatabase, withVex } from './testing/databases.js';

const database = new TestDatabase();
beforeAll(() => {
  const range = [{ introduced: '0' }, { fixed: '1.2.3' }];
  database.put(
    'npm',
    record('KW-1', { aliases: ['CVE-2026-0001'], affected: [affects('npm', 'left', range)] }),
  );
});
afterAll(() => database.remove());

const scan = (of: BillOfMaterials): Promise<VulnerabilityScan> =>
  scanBills({ bills: [of], asOf: '2026-11-27T00:00:00Z' }, { directory: database.directory, maxAgeDays: 14 });
const told = ({ vulnerable }: VulnerabilityScan) =>
  vulnerable.map(({ purl, statement }) => [purl, statement?.status ?? null]);

const CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld';
const graph = (...nodes: readonly Json[]): JsonObject => ({ '@context': CONTEXT, '@graph': [...nodes] });
const id = (name: string): string => `https://acme.example/spdx/${name}`;
const package_ = (name: string, more: JsonObject = {}): JsonObject => ({
  type: 'software_Package',
  spdxId: id(name),
  name,
  ...more,
});
const relation = (from: string, relationshipType: string, ...to: readonly Json[]): JsonObject => ({
  type: 'Relationship',
  spdxId: id(`${from}-${relationshipType}`),
  from: id(from),
  relationshipType,
  to: [...to],
});
const LEFT = package_('left', { software_packageUrl: 'pkg:npm/left@1.0.0' });
const about = (...roots: readonly string[]): readonly JsonObject[] => [
  { type: 'SpdxDocument', spdxId: id('document'), rootElement: [id('bill')] },
  { type: 'software_Sbom', spdxId: id('bill'), rootElement: roots.map(id) },
];

describe('a bill in SPDX 3.0', () => {
  it('[PB-7.03] lists its packages, but for the one that it is about', async () => {
    const found = await scan(
      bill(
        'spdx',
        graph(...about('us'), package_('us'), LEFT, relation('us', 'dependsOn', id('left')), {
          type: 'software_File',
          spdxId: id('file'),
          name: 'a file',
        }),
      ),
    );
    expect(found.vulnerable).toMatchObject([
      { path: 'sbom.json', pointer: '/@graph/3', line: 23, purl: 'pkg:npm/left@1.0.0', fixes: ['1.2.3'] },
    ]);
    expect(found).toMatchObject({ components: 1, open: [], unreadable: [], unidentified: [] });
  });

  it('[PB-7.03] may name a package by an external identifier, with the version beside it', async () => {
    const externalIdentifier = [
      { type: 'ExternalIdentifier', externalIdentifierType: 'cpe23', identifier: 'cpe:2.3:a:x:left' },
      { type: 'ExternalIdentifier', externalIdentifierType: 'packageUrl', identifier: 'pkg:npm/left' },
    ];
    const at = (software_packageVersion: string) =>
      scan(bill('spdx', graph(package_('left', { software_packageVersion, externalIdentifier }))));
    expect(told(await at('1.2.2'))).toEqual([['pkg:npm/left', null]]);
    expect(await at('1.2.3')).toMatchObject({ components: 1, vulnerable: [], open: [] });
  });

  it('[PB-7.03] may hold packages within other nodes', async () => {
    const found = await scan(bill('spdx', graph(package_('us'), relation('us', 'contains', LEFT))));
    expect(found.vulnerable.map(({ pointer }) => pointer)).toEqual(['/@graph/1/to/0']);
  });

  it('[PB-7.03] that is about several packages is about its parts', async () => {
    const found = await scan(bill('spdx', graph(...about('us', 'left'), package_('us'), LEFT)));
    expect(told(found)).toEqual([['pkg:npm/left@1.0.0', null]]);
    expect(found.unidentified.map(({ name }) => name)).toEqual(['us']);
  });

  it.each<readonly [string, Json]>([
    ['of a version that is not known', { '@context': CONTEXT.replace('3.0.1', '4.0.0'), '@graph': [] }],
    ['under names of its own', { '@context': 'https://acme.example/names.jsonld', '@graph': [LEFT] }],
    ['without a graph', { '@context': CONTEXT, ...LEFT }],
  ])('[PB-7.03] %s is refused, and what is read is said', async (_, value) => {
    expect(await scan(bill('spdx', value))).toMatchObject({
      unreadable: [
        { message: expect.stringMatching(/; SPDX 2\.2 and 2\.3 are read as JSON, SPDX 3\.0 as JSON-LD$/) },
      ],
      components: 0,
    });
  });
});

describe('an assessment in SPDX 3.0', () => {
  const VULNERABILITY = {
    type: 'security_Vulnerability',
    spdxId: id('hole'),
    externalIdentifier: [
      { type: 'ExternalIdentifier', externalIdentifierType: 'cve', identifier: 'CVE-2026-0001' },
    ],
  };
  const assessed = (type: string, more: JsonObject = {}): JsonObject => ({
    type: `security_Vex${type}VulnAssessmentRelationship`,
    spdxId: id(type),
    from: id('hole'),
    to: [id('left')],
    ...more,
  });
  const NOT_AFFECTED = assessed('NotAffected', { security_justificationType: 'componentNotPresent' });
  const statuses = async (...nodes: readonly JsonObject[]) =>
    told(await scan(bill('spdx', graph(LEFT, VULNERABILITY, ...nodes)))).map(([, status]) => status);

  it('[PB-7.03] in the bill lets pass what does no harm or is fixed', async () => {
    expect(await statuses(NOT_AFFECTED)).toEqual(['not_affected']);
    expect(await statuses(assessed('Fixed'))).toEqual(['fixed']);
  });

  it('[PB-7.03] beside the bill may know the package by its URL', async () => {
    const there = { ...LEFT, spdxId: 'urn:other:left' };
    const beside = graph(there, VULNERABILITY, { ...NOT_AFFECTED, to: ['urn:other:left'] });
    const of = withVex(bill('spdx', graph(LEFT)), beside);
    expect((await scan(of)).vulnerable[0]?.statement).toMatchObject({
      path: 'vex.json',
      pointer: '/@graph/2',
      reason: 'componentNotPresent',
    });
  });

  it.each<readonly [string, readonly JsonObject[]]>([
    ['without a reason', [assessed('NotAffected')]],
    ['that was withdrawn', [{ ...NOT_AFFECTED, security_withdrawnTime: '2026-11-20T00:00:00Z' }]],
    ['that another one speaks against', [NOT_AFFECTED, assessed('UnderInvestigation')]],
    ['of another part', [{ ...NOT_AFFECTED, security_assessedElement: id('right') }]],
    ['of a vulnerability that nobody names', [{ ...NOT_AFFECTED, from: id('elsewhere') }]],
  ])('[PB-7.03] %s lets nothing pass', async (_, nodes) => {
    expect(await statuses(...nodes)).toEqual([null]);
  });
});
