import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
import { fixesOf, judgeVersion } from './ranges.js';
import { type Affected, readRecord } from './record.js';

const of = (
  events: readonly JsonObject[],
  more: JsonObject = {},
  type = 'SEMVER',
  ecosystem = 'npm',
): Affected => {
  const affected = [{ package: { ecosystem, name: 'p' }, ranges: [{ type, events: [...events] }], ...more }];
  const read = readRecord(
    { id: 'T-1', modified: '2026-01-01T00:00:00Z', affected },
    { ecosystem, has: () => true },
  );
  return read?.affected[0] ?? { name: '', versions: new Set(), ranges: [] };
};
const TWICE = of([{ introduced: '0' }, { fixed: '1.2.3' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }]);
const AGAIN = of([{ introduced: '2.0.0' }, { fixed: '3.0.0' }, { introduced: '1.0.0' }, { fixed: '2.0.0' }]);
const LAST = of([{ introduced: '1.0.0' }, { last_affected: '1.4.0' }]);
const PRERELEASES = of([{ introduced: '1.0.0-0' }, { fixed: '1.0.0-rc.2' }]);
const UNSORTED = of([{ fixed: '1.2.3' }, { introduced: '0' }]);

describe('a range', () => {
  it.each([
    ['the first version of all', TWICE, '0.0.0-alpha', 'affected'],
    ['the last before the fix', TWICE, '1.2.2', 'affected'],
    ['a pre-release of the fix', TWICE, '1.2.3-rc.1', 'affected'],
    ['the fix', TWICE, '1.2.3', 'not-affected'],
    ['between two ranges', TWICE, '1.9.0', 'not-affected'],
    ['introduced again', TWICE, '2.0.0', 'affected'],
    ['fixed again', TWICE, '2.1.0', 'not-affected'],
    ['fixed and introduced again at once', AGAIN, '2.0.0', 'affected'],
    ['the last that is affected', LAST, '1.4.0', 'affected'],
    ['the next after that', LAST, '1.4.1', 'not-affected'],
    ['before it began', LAST, '1.0.0-rc.1', 'not-affected'],
    ['from the very first pre-release', PRERELEASES, '1.0.0-alpha', 'affected'],
    ['until a pre-release that fixes', PRERELEASES, '1.0.0-rc.2', 'not-affected'],
    ['events in any order', UNSORTED, '1.0.0', 'affected'],
    ['a version that is none', TWICE, '1.2', 'undecided'],
  ])('[PB-7.03] %s', (_, affected, version, expected) => {
    expect(judgeVersion(affected, version, 'npm')).toBe(expected);
  });

  it('[PB-7.03] has a limit, which ends it whatever comes after', () => {
    const limited = of([{ introduced: '1.0.0' }, { limit: '1.5.0' }]);
    expect(judgeVersion(limited, '1.4.9', 'npm')).toBe('affected');
    expect(judgeVersion(limited, '1.5.0', 'npm')).toBe('not-affected');
    expect(judgeVersion(of([{ introduced: '1.0.0' }, { limit: '*' }]), '9.0.0', 'npm')).toBe('affected');
  });

  it('[PB-7.03] counts versions that are listed, also where no order is known', () => {
    const listed = of([], { versions: ['1.0.0.Beta'] }, 'GIT', 'RubyGems');
    expect(judgeVersion(listed, '1.0.0.Beta', 'RubyGems')).toBe('affected');
    expect(judgeVersion(listed, '1.0.0', 'RubyGems')).toBe('not-affected');
    expect(judgeVersion(of([{ introduced: '0' }], {}, 'ECOSYSTEM', 'RubyGems'), '1.0.0', 'RubyGems')).toBe(
      'undecided',
    );
    expect(judgeVersion(of([{ introduced: '0' }], {}, 'SEMVER', 'RubyGems'), '1.0.0', 'RubyGems')).toBe(
      'affected',
    );
  });

  it.each([
    ['PyPI', '1.0rc1', 'affected'],
    ['PyPI', '1.0', 'not-affected'],
    ['Maven', '1.0-SNAPSHOT', 'affected'],
    ['Maven', '1.0.Final', 'not-affected'],
  ])('[PB-7.03] of %s places %s by the order of its ecosystem', (ecosystem, version, expected) => {
    const affected = of([{ introduced: '0' }, { fixed: '1.0' }], {}, 'ECOSYSTEM', ecosystem);
    expect(judgeVersion(affected, version, ecosystem)).toBe(expected);
  });

  it('names the nearest fix first, and none that came before', () => {
    expect(fixesOf(TWICE, '1.0.0', 'npm')).toEqual(['1.2.3', '2.1.0']);
    expect(fixesOf(TWICE, '2.0.5', 'npm')).toEqual(['2.1.0']);
    expect(fixesOf(LAST, '1.1.0', 'npm')).toEqual([]);
  });
});
