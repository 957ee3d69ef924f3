import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VulnerabilityScan } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { scanBills } from './index.js';
import { affects, component, cycloneDx, record, TestDatabase, withVex } from './testing/databases.js';

const database = new TestDatabase();
beforeAll(() => {
  const range = [{ introduced: '0' }, { fixed: '1.2.3' }];
  database.put(
    'npm',
    record('KW-1', { aliases: ['CVE-2026-0001'], affected: [affects('npm', 'left', range)] }),
  );
});
afterAll(() => database.remove());

const product = (product_id: string, helper: JsonObject = {}): JsonObject => ({
  name: `Product ${product_id}`,
  product_id,
  product_identification_helper: helper,
});
const PURL = { purl: 'pkg:npm/left@1.0.0' };
const TREE: JsonObject = {
  branches: [
    {
      category: 'vendor',
      name: 'Somebody',
      branches: [{ category: 'product_version', name: '1.0.0', product: product('LEFT', PURL) }],
    },
  ],
  full_product_names: [
    product('US'),
    product('LINKED', {
      x_generic_uris: [{ namespace: 'https://cyclonedx.org', uri: 'urn:cdx:x/1#ref-left' }],
    }),
  ],
  relationships: [
    {
      category: 'default_component_of',
      product_reference: 'LEFT',
      relates_to_product_reference: 'US',
      full_product_name: product('LEFT-IN-US'),
    },
  ],
  product_groups: [{ group_id: 'GROUP', product_ids: ['LEFT', 'LEFT-IN-US'] }],
};
const flagged = (about: JsonObject): JsonObject => ({
  flags: [{ label: 'vulnerable_code_not_in_execute_path', ...about }],
});
const csaf = (product_status: JsonObject, more: JsonObject = {}, document: JsonObject = {}): JsonObject => ({
  document: { category: 'csaf_vex', csaf_version: '2.0', ...document },
  product_tree: TREE,
  vulnerabilities: [{ cve: 'CVE-2026-0001', product_status, ...more }],
});

const scan = (vex: JsonObject): Promise<VulnerabilityScan> => {
  const of = cycloneDx([component('npm/left@1.0.0', { 'bom-ref': 'ref-left' })]);
  return scanBills(
    { bills: [withVex(of, vex)], asOf: '2026-11-27T00:00:00Z' },
    { directory: database.directory, maxAgeDays: 14 },
  );
};
const statementOn = async (vex: JsonObject) => (await scan(vex)).vulnerable[0]?.statement;

describe('a VEX document in CSAF 2.0', () => {
  it('[PB-7.03] lets pass what does no harm, and is shown where it says so', async () => {
    expect(
      await statementOn(csaf({ known_not_affected: ['US', 'LEFT'] }, flagged({ product_ids: ['LEFT'] }))),
    ).toMatchObject({
      path: 'vex.json',
      pointer: '/vulnerabilities/0/product_status/known_not_affected/1',
      status: 'not_affected',
      reason: 'vulnerable_code_not_in_execute_path',
    });
  });

  it.each<readonly [string, JsonObject]>([
    ['fixed', csaf({ fixed: ['LEFT'] })],
    ['under another name', csaf({ fixed: ['LEFT'] }, { cve: 'CVE-2026-0002', ids: [{ text: 'KW-1' }] })],
    ['as part of a product', csaf({ fixed: ['LEFT-IN-US'] })],
    ['by a link into the bill', csaf({ fixed: ['LINKED'] })],
    ['for a group', csaf({ known_not_affected: ['LEFT'] }, flagged({ group_ids: ['GROUP'] }))],
    [
      'with an impact in words',
      csaf(
        { known_not_affected: ['LEFT'] },
        { threats: [{ category: 'impact', details: 'Never called.', product_ids: ['LEFT'] }] },
      ),
    ],
  ])('[PB-7.03] may say it %s', async (_, vex) => {
    expect(await statementOn(vex)).not.toBeNull();
  });

  it.each<readonly [string, JsonObject]>([
    ['speaks of another product', csaf({ fixed: ['US'] })],
    ['speaks of another vulnerability', csaf({ fixed: ['LEFT'] }, { cve: 'CVE-2026-0002' })],
    [
      'gives its reason for another product',
      csaf({ known_not_affected: ['LEFT'] }, flagged({ product_ids: ['US'] })),
    ],
    ['contradicts itself', csaf({ fixed: ['LEFT'], under_investigation: ['LEFT-IN-US'] })],
    ['says that it is affected', csaf({ known_affected: ['LEFT'] })],
  ])('[PB-7.03] that %s lets nothing pass', async (_, vex) => {
    expect(await statementOn(vex)).toBeNull();
  });

  it('[PB-7.03] is told which statements are not taken', async () => {
    const found = await scan(csaf({ known_not_affected: ['LEFT'], fixed: ['US'] }));
    expect(found.unused.map(({ pointer, because }) => `${pointer} ${because}`)).toEqual([
      '/vulnerabilities/0/product_status/known_not_affected/0 gives no reason',
      '/vulnerabilities/0/product_status/fixed/0 names no product',
    ]);
  });

  it.each([
    ['advisory', { category: 'csaf_security_advisory' }],
    ['document of another version', { csaf_version: '2.1' }],
  ])('[PB-7.03] that is an %s is refused, and what is read is said', async (_, document) => {
    expect((await scan(csaf({ fixed: ['LEFT'] }, {}, document))).unreadable).toEqual([
      expect.objectContaining({ message: expect.stringContaining('CSAF 2.0 (of the category csaf_vex)') }),
    ]);
  });
});
