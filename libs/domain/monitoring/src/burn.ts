import type { BurnRule } from '@kwanus/domain-playbook';
import { milliseconds } from './duration.js';
import { type Counts, NO_COUNTS } from './signals.js';

/** A promise about one signal: this share of requests does not fail, over this period. */
export interface Objective {
  readonly objective: number;
  readonly period: string;
}

/** Counts of the time that ends now, by its length in milliseconds. */
export type Spans = ReadonlyMap<number, Counts>;

/** One burn rule held against one objective, with its numbers. */
export interface Burn {
  readonly rule: string;
  readonly severity: 'page' | 'ticket';
  /** Rates above this fire: budget × period ÷ long. */
  readonly factor: number;
  /** Burn rates of the two windows; 0 with no request in them, which is unknown, not fine. */
  readonly long: number;
  readonly short: number;
  readonly failuresLong: number;
  readonly requestsLong: number;
  readonly firing: boolean;
  /** factor × (1 − objective) > 1: not even a full outage burns this fast. */
  readonly unreachable: boolean;
  /** Less than one failure of budget in the long window: one failure would look like an outage, so the count decides. */
  readonly lowTraffic: boolean;
}

/** One failure proves nothing, however small the budget. */
const LEAST_FAILURES = 2;
/** An objective of exactly 1 leaves no budget to divide by. */
const STRICTEST = 0.999_999_9;

/** @returns budget × period ÷ long, never a factor borrowed from another period */
export const burnFactor = ({ budget, long }: BurnRule, period: string): number =>
  rounded((budget * milliseconds(period)) / milliseconds(long));

/** Binary fractions leave 0.5 % as 0.0050000000000000044; a rate that equals its factor must not be over it for that. */
const rounded = (value: number): number => Number(value.toFixed(9));
const budgetOf = (objective: number): number => rounded(1 - Math.min(objective, STRICTEST));

/** @returns error ratio ÷ (1 − objective), to nine decimals; null with no request: unknown, never 0 errors */
export const burnRate = ({ requests, failures }: Counts, objective: number): number | null =>
  requests === 0 ? null : rounded(failures / requests / budgetOf(objective));

/** @returns the lengths, in milliseconds, of all spans that the rules look at */
export const spansOf = (rules: readonly BurnRule[]): readonly number[] => [
  ...new Set(rules.flatMap(({ long, short }) => [milliseconds(long), milliseconds(short)])),
];

/**
 * Holds one rule against an objective. It fires iff both windows burn faster than the factor and the long one saw at least
 * `minFailures` failures (never fewer than two).
 */
export function evaluateBurn(
  rule: BurnRule,
  { objective, period }: Objective,
  spans: Spans,
  minFailures: number,
): Burn {
  const factor = burnFactor(rule, period);
  const inLong = spans.get(milliseconds(rule.long)) ?? NO_COUNTS;
  const long = burnRate(inLong, objective) ?? 0;
  const short = burnRate(spans.get(milliseconds(rule.short)) ?? NO_COUNTS, objective) ?? 0;
  const enough = inLong.failures >= Math.max(LEAST_FAILURES, minFailures);
  return {
    rule: rule.id,
    severity: rule.severity,
    factor,
    long,
    short,
    failuresLong: inLong.failures,
    requestsLong: inLong.requests,
    firing: enough && long > factor && short > factor,
    unreachable: factor * budgetOf(objective) > 1,
    lowTraffic: inLong.requests * budgetOf(objective) < 1,
  };
}

/** What is left of an error budget; everything null while nothing is known. */
export interface ErrorBudget {
  /** Failures that the objective allows for the requests seen: N × (1 − objective). */
  readonly allowed: number | null;
  /** Share used: failures ÷ allowed; over 1 when it is overdrawn. */
  readonly consumed: number | null;
  readonly left: number | null;
  /** Milliseconds until nothing is left at the present rate; null: unknown, or not burning. */
  readonly exhaustedInMs: number | null;
}

/**
 * @param period counts over the objective's whole period
 * @param recent counts that show the present rate of burning
 */
export function errorBudget(promise: Objective, period: Counts, recent: Counts): ErrorBudget {
  if (period.requests === 0) return { allowed: null, consumed: null, left: null, exhaustedInMs: null };
  const allowed = rounded(period.requests * budgetOf(promise.objective));
  const consumed = period.failures / allowed;
  const left = 1 - consumed;
  const rate = burnRate(recent, promise.objective);
  const burning = rate !== null && rate > 0;
  const exhaustedInMs = burning
    ? Math.max(0, Math.round((left * milliseconds(promise.period)) / rate))
    : null;
  return { allowed, consumed, left, exhaustedInMs };
}
