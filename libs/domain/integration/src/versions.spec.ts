import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAfter } from './dates.js';
import { addDuration, compareVersions, DurationInvalid } from './index.js';

describe('semantic versions', () => {
  /** The order that Semantic Versioning 2.0.0 gives in §11, and what surrounds it. */
  const ORDERED = [
    '0.9.10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0-rc-1.x',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
    '10.0.0',
  ];

  it('compare as their rules say', () => {
    const sorted = fc.sample(fc.shuffledSubarray(ORDERED, { minLength: ORDERED.length }), 50);
    for (const shuffled of sorted) expect(shuffled.toSorted(compareVersions)).toEqual(ORDERED);
    for (const version of ORDERED) expect(compareVersions(version, version)).toBe(0);
  });
});

describe('durations', () => {
  it.each([
    ['2026-11-23T10:00:00.000Z', 'P1Y', '2027-11-23T10:00:00.000Z'],
    ['2028-02-29T10:00:00.000Z', 'P1Y', '2029-02-28T10:00:00.000Z'],
    ['2026-01-31T10:00:00.000Z', 'P1M', '2026-02-28T10:00:00.000Z'],
    ['2026-12-31T23:59:59.000Z', 'P2M', '2027-02-28T23:59:59.000Z'],
    ['2026-11-23T10:00:00.000Z', 'P1W2DT3H4M5.5S', '2026-12-02T13:04:05.500Z'],
    ['2026-11-23T10:00:00.000Z', 'PT0S', '2026-11-23T10:00:00.000Z'],
  ])('%s and %s is %s', (from, duration, to) => {
    expect(addDuration(from, duration)).toBe(to);
  });

  it('go back as well, over the turn of a year', () => {
    expect(addDuration('2027-01-15T10:00:00.000Z', 'P30D', -1)).toBe('2026-12-16T10:00:00.000Z');
    expect(addDuration('2027-01-31T10:00:00.000Z', 'P2M', -1)).toBe('2026-11-30T10:00:00.000Z');
  });

  it('are what ISO 8601 says, or are refused', () => {
    for (const wrong of ['1d', 'P', 'PT', '', 'P1DT'])
      expect(() => addDuration('2026-11-23T10:00:00Z', wrong)).toThrow(DurationInvalid);
  });
});

describe('moments', () => {
  it('compare by time, however many digits their seconds have, and whatever offset', () => {
    expect(isAfter('2026-11-23T10:00:00.5Z', '2026-11-23T10:00:00Z')).toBe(true);
    expect(isAfter('2026-11-23T10:00:00Z', '2026-11-23T10:00:00.000Z')).toBe(false);
    expect(isAfter('2026-11-23T10:00:00Z', '2026-11-23T11:30:00+02:00')).toBe(true);
    expect(isAfter('soon', '2026-11-23T10:00:00Z')).toBe(false);
  });
});
