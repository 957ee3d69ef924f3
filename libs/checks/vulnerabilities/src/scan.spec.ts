import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BillOfMaterials, VulnerabilityScan } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { scanBills } from './index.js';
import {
  affects,
  bill,
  component,
  cycloneDx,
  openVex,
  record,
  TestDatabase,
  withVex,
} from './testing/databases.js';
import { announcing, zipped } from './testing/zip.js';

const AS_OF = '2026-11-27T00:00:00Z';
const FIXED = [{ introduced: '0' }, { fixed: '1.2.3' }];
const VULNERABLE = record('KW-1', { aliases: ['CVE-2026-0001'], affected: [affects('npm', 'left', FIXED)] });

let database: TestDatabase;
beforeEach(() => {
  database = new TestDatabase().put('npm', VULNERABLE);
});
afterEach(() => database.remove());

const scan = (...bills: readonly BillOfMaterials[]): Promise<VulnerabilityScan> =>
  scanBills({ bills, asOf: AS_OF }, { directory: database.directory, maxAgeDays: 14 });
const left = (version: string, more: JsonObject = {}) => component(`npm/left@${version}`, more);
const told = ({ vulnerable }: VulnerabilityScan) =>
  vulnerable.map(({ purl, ids, statement }) => [purl, ids[0], statement?.status ?? null]);

describe('a bill of materials', () => {
  it('[PB-7.03] is held against the database: the place, all names, the fix', async () => {
    const found = await scan(cycloneDx([component('npm/right@1.0.0'), left('1.2.2')]));
    expect(found.vulnerable).toEqual([
      {
        path: 'sbom.json',
        pointer: '/components/1',
        line: 10,
        purl: 'pkg:npm/left@1.2.2',
        ids: ['CVE-2026-0001', 'KW-1'],
        summary: 'Invented for the tests: KW-1',
        severity: null,
        fixes: ['1.2.3'],
        statement: null,
      },
    ]);
    expect(found).toMatchObject({ components: 2, open: [], unreadable: [], unidentified: [] });
  });

  it('[PB-7.03] is silent at the fix', async () => {
    expect(await scan(cycloneDx([left('1.2.3')]))).toMatchObject({ vulnerable: [], open: [] });
  });

  it('[PB-7.03] counts what is nested, in the subject too, and the same package once', async () => {
    const nested = component('npm/outer@1.0.0', {
      components: [component('npm/inner@1.0.0', { components: [left('1.0.0')] })],
    });
    const found = await scan(
      cycloneDx([nested, left('1.0.0')], {
        metadata: { component: { name: 'us', components: [left('0.9.0')] } },
      }),
    );
    expect(found.vulnerable.map(({ pointer }) => pointer)).toEqual([
      '/components/0/components/0/components/0',
      '/metadata/component/components/0',
    ]);
  });

  it('[PB-7.03] may be SPDX, whose subject is the integration itself', async () => {
    const refs = (purl: string) => [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
    ];
    const found = await scan(
      bill('spdx', {
        spdxVersion: 'SPDX-2.3',
        documentDescribes: ['SPDXRef-us'],
        packages: [
          { SPDXID: 'SPDXRef-us', name: 'us' },
          { SPDXID: 'SPDXRef-1', name: 'left', versionInfo: '1.0.0', externalRefs: refs('pkg:npm/left') },
        ],
      }),
    );
    expect(told(found)).toEqual([['pkg:npm/left', 'CVE-2026-0001', null]]);
    expect(found.unidentified).toEqual([]);
  });

  it('[PB-7.03] tells which components nobody can look up', async () => {
    const found = await scan(
      cycloneDx([
        { type: 'library', name: 'nameless' },
        component('npm/left', { name: 'left' }),
        { type: 'library', name: 'odd', purl: 'npm:left@1' },
        { type: 'file', name: 'a file' },
      ]),
    );
    expect(found.unidentified.map(({ name, because }) => `${name} ${because}`)).toEqual([
      'nameless has no package URL',
      'left has no version',
      'odd has a package URL that can’t be read (npm:left@1)',
    ]);
  });

  it.each([
    ['cyclonedx', '{}', 'is no CycloneDX JSON: bomFormat is not CycloneDX'],
    ['cyclonedx', '<bom/>', 'is not JSON'],
    [
      'spdx',
      '{"spdxVersion":"SPDX-1.2"}',
      'is SPDX-1.2; SPDX 2.2 and 2.3 are read as JSON, SPDX 3.0 as JSON-LD',
    ],
    ['spdx', '{}', 'is no SPDX: it has neither spdxVersion nor @context; SPDX 2.2 and 2.3 are read'],
  ] as const)('that is no %s (%s) is refused', async (format, text, message) => {
    expect((await scan(bill(format, text))).unreadable).toEqual([
      { path: 'sbom.json', line: null, message: expect.stringContaining(message) },
    ]);
  });
});

describe('records', () => {
  it('[PB-7.03] that are withdrawn say nothing', async () => {
    database.put('npm', { ...VULNERABLE, withdrawn: '2026-11-21T00:00:00Z' });
    expect(await scan(cycloneDx([left('1.0.0')]))).toMatchObject({ vulnerable: [], open: [] });
  });

  it('[PB-7.03] that are aliases of one another are one vulnerability', async () => {
    database.put(
      'npm',
      record('KW-2', { aliases: ['KW-3'], affected: [affects('npm', 'left', FIXED)] }),
      record('KW-3', { aliases: ['CVE-2026-0001'], affected: [affects('npm', 'left', FIXED)] }),
      record('KW-4', { affected: [affects('npm', 'left', FIXED)] }),
    );
    expect((await scan(cycloneDx([left('1.0.0')]))).vulnerable.map(({ ids }) => ids)).toEqual([
      ['CVE-2026-0001', 'KW-1', 'KW-2', 'KW-3'],
      ['KW-4'],
    ]);
  });

  it.each([
    ['npm/%40scope/one@1.0.0', 'npm', '@scope/one'],
    ['pypi/Some_Thing@1.0', 'PyPI', 'some-thing'],
    ['pypi/zope-interface@5.0', 'PyPI', 'Zope.Interface'],
    ['maven/org.example/thing@1.0-rc1', 'Maven', 'org.example:thing'],
    ['golang/github.com/Owner/Module@v1.0.0', 'Go', 'github.com/Owner/Module'],
    ['cargo/thing@1.0.0', 'crates.io', 'thing'],
  ])('[PB-7.03] of %s are found under the name of the ecosystem', async (purl, ecosystem, name) => {
    database.put(ecosystem, record('KW-9', { affected: [affects(ecosystem, name, [{ introduced: '0' }])] }));
    expect(await scan(cycloneDx([component(purl)]))).toMatchObject({
      vulnerable: [{ ids: ['KW-9'] }],
      databases: [{ ecosystem, records: expect.any(Number) }],
      open: [],
    });
  });
});

describe('a database', () => {
  const component1 = cycloneDx([left('1.2.3')]);

  it('[PB-7.03] has one digest, packed or not, and another when a record changes', async () => {
    const digest = async () => (await scan(component1)).databases[0]?.digest;
    const loose = await digest();
    database.write('npm/all.zip', zipped([['KW-1.json', JSON.stringify(VULNERABLE)]]));
    expect(await digest()).toBe(loose);
    database.write(
      'npm/all.zip',
      zipped([['KW-1.json', JSON.stringify({ ...VULNERABLE, summary: 'other' })]]),
    );
    expect(await digest()).not.toBe(loose);
  });

  it.each<readonly [string, (d: TestDatabase) => void, string]>([
    ['that is missing', (d) => d.remove(), 'The database holds nothing about npm.'],
    [
      'that is empty',
      (d) => d.write('npm/KW-1.json', '').write('npm/all.zip', zipped([])),
      'The database holds no record about npm.',
    ],
    [
      'with a record that is not JSON',
      (d) => d.write('npm/KW-1.json', '{"id"'),
      'npm/KW-1.json is not JSON.',
    ],
    [
      'with a record that is none',
      (d) => d.write('npm/KW-1.json', '{"id":"KW-1"}'),
      'npm/KW-1.json is no OSV record.',
    ],
    [
      'with an archive that was cut off',
      (d) => d.write('npm/all.zip', zipped([['KW-1.json', JSON.stringify(VULNERABLE)]]).subarray(0, 60)),
      'npm/all.zip can’t be read: ',
    ],
    ['with an archive that is none', (d) => d.write('npm/all.zip', 'PK'), 'npm/all.zip can’t be read: '],
    [
      'with an archive that lies about a size',
      (d) => d.write('npm/all.zip', zipped([['KW-1.json', '{}']], { size: 999 })),
      'npm/all.zip can’t be read: ',
    ],
    [
      'with an archive whose bytes were exchanged',
      (d) => d.write('npm/all.zip', zipped([['KW-1.json', JSON.stringify(VULNERABLE)]], { checksum: 1 })),
      'npm/all.zip can’t be read: ',
    ],
    [
      'with an archive that leads out of its folder',
      (d) => d.write('npm/all.zip', zipped([['../../KW-1.json', JSON.stringify(VULNERABLE)]])),
      'npm/all.zip can’t be read: invalid relative path',
    ],
    [
      'with an archive whose files overlap',
      (d) =>
        d.write(
          'npm/all.zip',
          zipped(
            [
              ['KW-1.json', JSON.stringify(VULNERABLE)],
              ['KW-2.json', JSON.stringify(VULNERABLE)],
            ],
            { overlapping: true },
          ),
        ),
      'npm/all.zip can’t be read: holds KW-2.json, which overlaps another file',
    ],
    [
      'with an archive that holds a link',
      (d) => d.write('npm/all.zip', zipped([['KW-1.json', JSON.stringify(VULNERABLE)]], { links: true })),
      'npm/all.zip can’t be read: holds KW-1.json, which is a link',
    ],
    [
      'with an archive that announces a million files and one',
      (d) => d.write('npm/all.zip', announcing(1_000_001)),
      'npm/all.zip can’t be read: holds more than 1000000 files',
    ],
  ])('[PB-7.03] %s gives no whole answer', async (_, spoil, sentence) => {
    spoil(database);
    expect((await scan(component1)).open).toEqual([expect.stringContaining(sentence)]);
  });

  it('[PB-7.03] whose newest record is 14 days old is fresh, a second later it is stale', async () => {
    const aged = async (modified: string) => {
      database.put('npm', { ...VULNERABLE, modified });
      return (await scan(component1)).open;
    };
    expect(await aged('2026-11-13T00:00:00Z')).toEqual([]);
    expect(await aged('2026-11-12T23:59:59Z')).toEqual([
      'What the database says of npm ends on 2026-11-12, more than 14 days before.',
    ]);
  });

  it('[PB-7.03] still finds what it finds, stale or not', async () => {
    database.put('npm', { ...VULNERABLE, modified: '2020-01-01T00:00:00Z' });
    expect(told(await scan(cycloneDx([left('1.0.0')])))).toHaveLength(1);
  });

  it('[PB-7.03] says nothing certain where versions can’t be placed, or the type is unknown', async () => {
    database.put('RubyGems', record('KW-5', { affected: [affects('RubyGems', 'gem', FIXED)] }));
    const found = await scan(
      cycloneDx([
        left('latest'),
        component('gem/gem@1.0'),
        component('gem/other@1.0'),
        component('generic/x@1'),
      ]),
    );
    expect(found.open).toEqual([
      'Packages of the type generic are in no database that is known here.',
      'pkg:gem/gem@1.0 can’t be placed among the versions of RubyGems that KW-5 names.',
      'pkg:npm/left@latest can’t be placed among the versions of npm that KW-1 names.',
    ]);
  });
});

describe('a statement', () => {
  const vulnerable = cycloneDx([left('1.0.0', { 'bom-ref': 'ref-left' })]);
  const says = (status: string, more: JsonObject = {}): JsonObject => ({
    vulnerability: { name: 'CVE-2026-0001' },
    products: [{ '@id': 'pkg:npm/left@1.0.0' }],
    status,
    ...more,
  });
  const why = { justification: 'vulnerable_code_not_in_execute_path' };
  const statuses = async (...statements: readonly JsonObject[]) =>
    (await scan(withVex(vulnerable, openVex(...statements)))).vulnerable.map(
      ({ statement }) => statement?.status ?? null,
    );

  it('[PB-7.03] lets pass what does no harm or is fixed, by any of its names, and stays in sight', async () => {
    const found = await scan(
      withVex(vulnerable, openVex(says('not_affected', { ...why, vulnerability: 'KW-1' }))),
    );
    expect(found.vulnerable[0]?.statement).toEqual({
      path: 'vex.json',
      pointer: '/statements/0',
      line: 4,
      status: 'not_affected',
      reason: 'vulnerable_code_not_in_execute_path',
    });
    expect(await statuses(says('fixed'))).toEqual(['fixed']);
  });

  it.each([
    ['about another version', { products: [{ '@id': 'pkg:npm/left@1.0.1' }] }],
    ['about another vulnerability', { vulnerability: { name: 'CVE-2026-0002' } }],
    [
      'about a part that it is not',
      { products: [{ '@id': 'us', subcomponents: [{ '@id': 'pkg:npm/right@1.0.0' }] }] },
    ],
  ])('[PB-7.03] %s lets nothing pass', async (_, more) => {
    expect(await statuses(says('not_affected', { ...why, ...more }))).toEqual([null]);
  });

  it.each([
    ['of every version', { products: [{ '@id': 'pkg:npm/left' }] }],
    ['of a part', { products: [{ '@id': 'us', subcomponents: [{ '@id': 'pkg:npm/left@1.0.0' }] }] }],
    ['under an identifier', { products: [{ identifiers: { purl: 'pkg:npm/left@1.0.0' } }] }],
  ])('[PB-7.03] may speak %s', async (_, more) => {
    expect(await statuses(says('not_affected', { ...why, ...more }))).toEqual(['not_affected']);
  });

  it('[PB-7.03] that something speaks against lets nothing pass', async () => {
    expect(await statuses(says('not_affected', why), says('under_investigation'))).toEqual([null]);
    expect(await statuses(says('affected'))).toEqual([null]);
  });

  it('[PB-7.03] without a reason or a product is not taken', async () => {
    const found = await scan(
      withVex(
        vulnerable,
        openVex(says('not_affected'), says('fixed', { products: [] }), says('fixed', { vulnerability: {} })),
      ),
    );
    expect(told(found)).toEqual([['pkg:npm/left@1.0.0', 'CVE-2026-0001', null]]);
    expect(found.unused.map(({ because }) => because)).toEqual([
      'gives no reason',
      'names no product',
      'names no vulnerability',
    ]);
  });

  it('[PB-7.03] may be CycloneDX, in the bill or beside it', async () => {
    const vulnerabilities = [
      {
        id: 'KW-1',
        analysis: { state: 'false_positive', detail: 'Never called.' },
        affects: [{ ref: 'urn:cdx:x/1#ref-left' }],
      },
    ];
    const beside = withVex(vulnerable, { bomFormat: 'CycloneDX', vulnerabilities });
    expect(told(await scan(beside))).toEqual([['pkg:npm/left@1.0.0', 'CVE-2026-0001', 'not_affected']]);
    const inside = cycloneDx([left('1.0.0', { 'bom-ref': 'ref-left' })], { vulnerabilities });
    expect(told(await scan(inside))).toEqual([['pkg:npm/left@1.0.0', 'CVE-2026-0001', 'not_affected']]);
    const listed = cycloneDx([left('1.0.0', { 'bom-ref': 'ref-left' })], {
      vulnerabilities: [{ id: 'KW-1', affects: [{ ref: 'ref-left' }] }],
    });
    expect(told(await scan(listed))).toEqual([['pkg:npm/left@1.0.0', 'CVE-2026-0001', null]]);
  });

  it('that is no VEX is refused', async () => {
    expect((await scan(withVex(vulnerable, { statements: [] }))).unreadable).toEqual([
      {
        path: 'vex.json',
        line: null,
        message:
          'is none of OpenVEX, CSAF 2.0 (of the category csaf_vex), CycloneDX JSON and SPDX 3.0 JSON-LD',
      },
    ]);
  });
});
