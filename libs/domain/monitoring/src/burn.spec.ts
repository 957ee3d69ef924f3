import { describe, expect, it } from '@jest/globals';
import { burnFactor, burnRate, errorBudget, evaluateBurn, spansOf } from './burn.js';
import { milliseconds } from './duration.js';
import { PAGE_QUICK, PAGE_SLOW, TICKET } from './telemetry.fixtures.js';

const HOUR = 3_600_000;
const FIVE_MINUTES = 300_000;
const spans = (requests: number, failures: number, short = failures) =>
  new Map([
    [HOUR, { requests, failures }],
    [FIVE_MINUTES, { requests: requests / 12, failures: short / 12 }],
  ]);
const slo = { objective: 0.999, period: 'P30D' };

describe('Burn rates', () => {
  it.each([
    ['P30D', 14.4, 6, 1],
    ['P28D', 13.44, 5.6, 0.9333],
  ])(
    '[PB-10.01] compute their factors from the period %s, never borrow them',
    (period, quick, slow, ticket) => {
      expect(burnFactor(PAGE_QUICK, period)).toBeCloseTo(quick, 4);
      expect(burnFactor(PAGE_SLOW, period)).toBeCloseTo(slow, 4);
      expect(burnFactor(TICKET, period)).toBeCloseTo(ticket, 4);
      expect(burnFactor({ ...PAGE_QUICK, budget: 0.08 }, 'P7D')).toBeCloseTo(13.44, 4);
    },
  );

  it('fire only when the long and the short window burn faster than the factor', () => {
    expect(evaluateBurn(PAGE_QUICK, slo, spans(10_000, 145), 10)).toMatchObject({
      firing: true,
      failuresLong: 145,
    });
    expect(evaluateBurn(PAGE_QUICK, slo, spans(10_000, 143), 10).firing).toBe(false);
    expect(evaluateBurn(PAGE_QUICK, slo, spans(10_000, 145, 12), 10).firing).toBe(false);
  });

  it('need enough failures, and never fewer than two', () => {
    expect(evaluateBurn(PAGE_QUICK, slo, spans(12, 9), 10)).toMatchObject({
      firing: false,
      lowTraffic: true,
    });
    expect(evaluateBurn(PAGE_QUICK, slo, spans(12, 10), 10).firing).toBe(true);
    expect(evaluateBurn(PAGE_QUICK, slo, spans(12, 1), 0).firing).toBe(false);
  });

  it('say so when a rule can never fire for an objective', () => {
    const ninety = evaluateBurn(PAGE_QUICK, { objective: 0.9, period: 'P30D' }, spans(1_000, 1_000), 10);
    expect(ninety).toMatchObject({ unreachable: true, firing: false });
    expect(evaluateBurn(PAGE_QUICK, { ...slo, objective: 0.95 }, spans(1_000, 1_000), 10)).toMatchObject({
      unreachable: false,
      firing: true,
    });
  });

  it('are unknown without requests, not zero', () => {
    expect(burnRate({ requests: 0, failures: 0 }, 0.999)).toBeNull();
    expect(evaluateBurn(PAGE_QUICK, slo, new Map(), 10)).toMatchObject({ requestsLong: 0, firing: false });
  });

  it('look at the spans that the rules name, once each', () => {
    expect(spansOf([PAGE_QUICK, { ...PAGE_QUICK, id: 'again' }])).toEqual([HOUR, FIVE_MINUTES]);
  });
});

describe('The error budget', () => {
  it('[PB-10.01] says what is allowed, used, left, and when it will be gone', () => {
    const budget = errorBudget(slo, { requests: 100_000, failures: 25 }, { requests: 1_000, failures: 2 });
    expect(budget.allowed).toBeCloseTo(100);
    expect(budget.consumed).toBeCloseTo(0.25);
    expect(budget.left).toBeCloseTo(0.75);
    expect(budget.exhaustedInMs).toBeCloseTo((0.75 * milliseconds('P30D')) / 2, -1);
  });

  it('is unknown without data, and does not run out while nothing fails', () => {
    expect(errorBudget(slo, { requests: 0, failures: 0 }, { requests: 0, failures: 0 }).left).toBeNull();
    expect(
      errorBudget(slo, { requests: 10, failures: 0 }, { requests: 10, failures: 0 }).exhaustedInMs,
    ).toBeNull();
  });
});

describe('Durations', () => {
  it.each(['P1Y', 'P1M', 'PT0S', '', 'P', 'PT', '5m'])('refuse %p', (text) => {
    expect(() => milliseconds(text)).toThrow(expect.objectContaining({ code: 'duration-unreadable' }));
  });
  it('read weeks to fractions of a second', () => {
    expect(milliseconds('P1W')).toBe(604_800_000);
    expect(milliseconds('P1DT2H3M4.5S')).toBe(93_784_500);
  });
});
