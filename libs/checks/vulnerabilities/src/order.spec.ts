import { describe, expect, it } from '@jest/globals';
import { orderOf } from './order.js';

/** Each list goes from the lowest to the highest, as the ecosystem itself publishes it. */
const ASCENDING: Readonly<Record<string, readonly string[]>> = {
  npm: '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1'.split(
    ' ',
  ),
  Go: 'v0.0.0-20190101000000-abcdefabcdef v0.1.0-rc.1 0.1.0 v1.9.0 v1.10.0+incompatible v2.0.0'.split(' '),
  'crates.io': '0.9.9 1.0.0-0 1.0.0-1 1.0.0'.split(' '),
  PyPI: '1.0.dev1 1.0a1.dev2 1.0a1 1.0a12 1.0b2 1.0rc1 1.0 1.0+local 1.0.post1 1.1.dev1 1.1 1!0.1'.split(' '),
  Maven:
    '1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123 1-SNAPSHOT 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123'.split(
      ' ',
    ),
};
const MAVEN_NUMBERS =
  '2.0 2-1 2.0.a 2.0.0.a 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1 2.2 2.123 11.a2 11.a11 11.b2 11.b11 11.m2 11.m11 11 11.a 11b 11c 11m'.split(
    ' ',
  );

const compare = (ecosystem: string, a: string, b: string): number | null | undefined =>
  orderOf(ecosystem)?.(a, b);

describe('the order of versions', () => {
  it.each(Object.entries(ASCENDING))('[PB-7.03] of %s is that of the ecosystem', (ecosystem, versions) => {
    for (const [index, version] of versions.entries())
      for (const higher of versions.slice(index + 1)) {
        expect([version, higher, Math.sign(compare(ecosystem, version, higher) ?? 0)]).toEqual([
          version,
          higher,
          -1,
        ]);
        expect(Math.sign(compare(ecosystem, higher, version) ?? 0)).toBe(1);
      }
  });

  it('[PB-7.03] of Maven puts numbers and qualifiers where Maven puts them', () => {
    for (const [index, version] of MAVEN_NUMBERS.entries())
      for (const higher of MAVEN_NUMBERS.slice(index + 1))
        expect([version, higher, Math.sign(compare('Maven', version, higher) ?? 0)]).toEqual([
          version,
          higher,
          -1,
        ]);
  });

  it.each([
    ['1', '1.0'],
    ['1', '1.0.0'],
    ['1', '1-0'],
    ['1', '1-ga'],
    ['1', '1.final'],
    ['1x', '1.0.0-x'],
    ['1a1', '1-alpha-1'],
    ['1cr', '1rc'],
    ['1-MILESTONE', '1milestone'],
  ])('of Maven takes %s and %s for the same', (a, b) => {
    expect(compare('Maven', a, b)).toBe(0);
  });

  it.each([
    ['npm', '1.2'],
    ['npm', 'latest'],
    ['PyPI', 'banana'],
    ['Maven', 'a b'],
    ['Go', ''],
    ['npm', `1.0.${'1'.repeat(300)}`],
    ['Maven', '1.'.repeat(200)],
  ])('of %s says nothing about %s', (ecosystem, version) => {
    expect(compare(ecosystem, version, '1.0.0')).toBeNull();
  });

  it.each(['NuGet', 'RubyGems', 'Packagist', 'constructor'])('is not known of %s', (ecosystem) => {
    expect(orderOf(ecosystem)).toBeUndefined();
  });
});
