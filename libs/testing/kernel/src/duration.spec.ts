import { describe, expect, it } from '@jest/globals';
import { durationMilliseconds, durationParts } from '@kwanus/kernel';

describe('an ISO 8601 duration', () => {
  it('has every part by itself', () =>
    expect(durationParts('P1Y2M3W4DT5H6M7.5S')).toEqual({
      years: 1,
      months: 2,
      weeks: 3,
      days: 4,
      hours: 5,
      minutes: 6,
      seconds: 7.5,
    }));

  it.each([
    ['PT0S', 0],
    ['PT0.0015S', 2],
    ['PT1M', 60_000],
    ['P1DT1H', 90_000_000],
    ['P2W', 1_209_600_000],
  ])('%s comes to %i milliseconds', (text, milliseconds) =>
    expect(durationMilliseconds(text)).toBe(milliseconds),
  );

  it.each(['P1Y', 'P1M'])('of %s differs in length from one time to another', (text) =>
    expect(durationMilliseconds(text)).toBeNull(),
  );

  it.each(['', 'P', 'PT', 'P1DT', '1D', 'P1H', 'PT1D', 'P-1D', 'PT1.5H', 'P1D\n'])('%j is none', (text) =>
    expect(durationParts(text)).toBeNull(),
  );
});
