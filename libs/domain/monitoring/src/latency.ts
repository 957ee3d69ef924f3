/** Upper bounds of the buckets in milliseconds; one more bucket holds what is slower. */
export const LATENCY_BOUNDS = [
  5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
] as const;

/** A histogram of fixed size: merging two is adding them, so order never matters. Times are whole microseconds; a sum stays at the largest whole number that is exact. */
export interface Latency {
  /** One count per bound of LATENCY_BOUNDS, and one for slower ones. */
  readonly buckets: readonly number[];
  readonly sumMicros: number;
  readonly maxMicros: number;
}

/** The histogram of nothing. */
export const NO_LATENCY: Latency = {
  buckets: Array.from({ length: LATENCY_BOUNDS.length + 1 }, () => 0),
  sumMicros: 0,
  maxMicros: 0,
};

/** @returns the histogram of one duration */
export function latencyOf(durationMs: number): Latency {
  const micros = Math.round(durationMs * 1_000);
  const found = LATENCY_BOUNDS.findIndex((bound) => durationMs <= bound);
  const bucket = found === -1 ? LATENCY_BOUNDS.length : found;
  return {
    buckets: NO_LATENCY.buckets.map((_, index) => (index === bucket ? 1 : 0)),
    sumMicros: micros,
    maxMicros: micros,
  };
}

/** @returns the histogram of both */
export const mergeLatency = (first: Latency, second: Latency): Latency => ({
  buckets: first.buckets.map((count, index) => count + (second.buckets[index] ?? 0)),
  sumMicros: Math.min(first.sumMicros + second.sumMicros, Number.MAX_SAFE_INTEGER),
  maxMicros: Math.max(first.maxMicros, second.maxMicros),
});

/**
 * @param share between 0 and 1: 0.99 asks for the 99th percentile
 * @returns milliseconds that this share did not exceed, to the bucket's bound (the slowest bucket: the maximum); null for none
 */
export function percentile({ buckets, maxMicros }: Latency, share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  const bucket = buckets.findIndex((count) => (seen += count) >= rank);
  const max = maxMicros / 1_000;
  return Math.min(LATENCY_BOUNDS[bucket] ?? max, max);
}
