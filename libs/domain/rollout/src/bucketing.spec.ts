import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUCKETS, bucketOf, isExposed } from './bucketing.js';

const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

describe('Buckets', () => {
  it.each([
    ['ro-1', 'ws-1', 9207],
    ['ro-2', 'ws-1', 5143],
    ['ro-1', 'ünï-✓', 6300],
    ['ro-1', 'ws-🚀', 7712],
    ['', '', 7430],
  ])(
    '[PB-9.02] hash the UTF-8 bytes of %s:%s to %i, as another implementation does',
    (salt, subject, bucket) => {
      expect(bucketOf(salt, subject)).toBe(bucket);
    },
  );

  it('[PB-9.02] only add workspaces when the percentage grows', () => {
    fc.assert(
      fc.property(key, key, percent, percent, (salt, subject, one, other) => {
        const bucket = bucketOf(salt, subject);
        return !isExposed(bucket, Math.min(one, other)) || isExposed(bucket, Math.max(one, other));
      }),
    );
  });

  it('[PB-9.02] stick to a workspace, stay in range, and take nobody at 0 and everybody at 100', () => {
    fc.assert(
      fc.property(key, key, (salt, subject) => {
        const bucket = bucketOf(salt, subject);
        expect(bucketOf(salt, subject)).toBe(bucket);
        expect(bucket).toBeGreaterThanOrEqual(0);
        expect(bucket).toBeLessThan(BUCKETS);
        expect(isExposed(bucket, 0)).toBe(false);
        expect(isExposed(bucket, 100)).toBe(true);
      }),
    );
  });

  it('[PB-9.02] are even: 100,000 workspaces in 100 bins stay below the 99.9 % bound of χ²', () => {
    const bins = Array.from({ length: 100 }, () => 0);
    for (let n = 0; n < 100_000; n++) {
      const bin = Math.floor(bucketOf('ro-even', `workspace-${n}`) / 100);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chi2 = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi2).toBeLessThan(148.2);
  });

  it('[PB-9.02] are independent between rollouts: two at 10 % share about 1 %', () => {
    const subjects = Array.from({ length: 20_000 }, (_, n) => `ws-${n}`);
    const both = subjects.filter(
      (subject) => isExposed(bucketOf('a', subject), 10) && isExposed(bucketOf('b', subject), 10),
    );
    expect(both.length / subjects.length).toBeCloseTo(0.01, 2);
  });

  it('[PB-9.02] keep hundredths of a percent', () => {
    expect([isExposed(28, 0.29), isExposed(29, 0.29)]).toEqual([true, false]);
  });
});
