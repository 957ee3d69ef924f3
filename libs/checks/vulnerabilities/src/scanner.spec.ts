import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BillOfMaterials, VulnerabilityScan } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { openVulnerabilityScanner } from './index.js';
import { affects, bill, component, cycloneDx, record, TestDatabase } from './testing/databases.js';

const NEVER = new AbortController().signal;
const database = new TestDatabase();
const scanner = openVulnerabilityScanner({ directory: database.directory, maxAgeDays: 14 });
const scan = (of: BillOfMaterials, signal = NEVER): Promise<VulnerabilityScan> =>
  scanner.scan({ bills: [of], asOf: '2026-11-27T00:00:00Z' }, signal);

beforeAll(() => {
  database.put(
    'npm',
    record('KW-1', { affected: [affects('npm', 'left', [{ introduced: '0' }, { fixed: '1.2.3' }])] }),
  );
});
afterAll(() => database.remove());

describe('a scan in a thread of its own', () => {
  it('[PB-7.03] takes 20 000 components, most of them odd, without holding up the process', async () => {
    const odd = [
      'pkg:npm/%zz@1',
      'pkg:',
      'pkg://@',
      `pkg:npm/${'a'.repeat(5_000)}@1.0.0`,
      'pkg:npm/left@%00',
      'javascript:1',
    ];
    const components = Array.from(
      { length: 20_000 },
      (_, index): JsonObject =>
        index % 4 === 0
          ? component(`npm/left@1.2.${index % 5}`, { description: 'x'.repeat(300) })
          : { type: 'library', name: `odd-${index}`, purl: odd[index % odd.length] ?? '' },
    );
    const of = cycloneDx(components);
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 1);
    const found = await scan(of);
    clearInterval(turning);
    expect(found.components).toBeGreaterThan(13_000);
    expect(found.vulnerable.map(({ purl }) => purl).sort()).toEqual([
      'pkg:npm/left@1.2.0',
      'pkg:npm/left@1.2.1',
      'pkg:npm/left@1.2.2',
    ]);
    expect(found.unidentified).toHaveLength(100);
    expect(found.moreUnidentified).toBeGreaterThan(10_000);
    expect(turns).toBeGreaterThan(20);
  });

  it('[PB-7.03] lists a thousand and counts the rest', async () => {
    const names = Array.from({ length: 1_200 }, (_, index) => `many-${index}`);
    database.put(
      'npm',
      record('KW-2', { affected: names.map((name) => affects('npm', name, [{ introduced: '0' }])) }),
    );
    const found = await scan(cycloneDx(names.map((name) => component(`npm/${name}@1.0.0`))));
    expect([found.vulnerable.length, found.more]).toEqual([1_000, 200]);
  });

  it.each([
    [
      'with __proto__',
      '{"bomFormat":"CycloneDX","components":[{"__proto__":{"purl":"pkg:npm/left@1.0.0"}}]}',
      '__proto__',
    ],
    [
      'with 100 000 levels',
      `{"bomFormat":"CycloneDX","components":${'[{"components":'.repeat(50_000)}[]${'}]'.repeat(50_000)}}`,
      '200 levels',
    ],
    ['with a key twice', '{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}', 'twice'],
  ])('[PB-7.03] refuses a bill %s', async (_, text, why) => {
    expect((await scan(bill('cyclonedx', text))).unreadable).toEqual([
      expect.objectContaining({ message: expect.stringContaining(why) }),
    ]);
    expect(Object.hasOwn(Object.prototype, 'purl')).toBe(false);
  });

  it.each([
    [
      '__proto__',
      '{"id":"KW-3","modified":"2026-11-20T00:00:00Z","__proto__":{"withdrawn":"x"},"affected":[{"package":{"ecosystem":"npm","name":"left"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0","__proto__":{"fixed":"0"}}]}]}]}',
    ],
    [
      'shapes that are none',
      '{"id":"KW-3","modified":"2026-11-20T00:00:00Z","affected":[null,1,{"package":[],"ranges":{}},{"package":{"ecosystem":"npm","name":"left"},"versions":[1,null,"9.9.9"],"ranges":[[],{"type":"SEMVER","events":[null,{"introduced":1}]}]}]}',
    ],
    [
      '100 000 levels',
      `{"id":"KW-3","modified":"2026-11-20T00:00:00Z","details":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ],
    [
      '100 000 events',
      JSON.stringify(
        record('KW-3', {
          affected: [
            affects(
              'npm',
              'left',
              Array.from({ length: 100_000 }, (_, i) => ({ introduced: `9.${i}.0` })),
            ),
          ],
        }),
      ),
    ],
  ])('[PB-7.03] lives with a record that has %s', async (_, text) => {
    database.write('npm/KW-3.json', text);
    expect((await scan(cycloneDx([component('npm/left@9.9.9')]))).open).toEqual([]);
  });

  it('stops when it is cancelled, and the next one has its turn', async () => {
    const controller = new AbortController();
    const first = scan(cycloneDx([component('npm/left@1.0.0')]), controller.signal);
    const second = scan(cycloneDx([component('npm/left@1.0.0')]));
    controller.abort(new Error('not wanted any more'));
    await expect(first).rejects.toThrow('not wanted any more');
    expect((await second).vulnerable.length).toBeGreaterThan(0);
  });
});
