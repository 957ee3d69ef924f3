import type { WindowTotals } from './totals.js';

/** Counts of one arm: what was asked, and what of it failed. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

/** Signals that are counted as requests and failures; permissions are judged by grant instead (usage.ts). */
export type CountedSignal = 'api-errors' | 'workflow-reliability' | 'extension-behaviour';

/** What one signal came to; `of` is the workflow or extension, null for all operations together. */
export interface SignalCounts extends Counts {
  readonly signal: CountedSignal;
  readonly of: string | null;
}

export const NO_COUNTS: Counts = { requests: 0, failures: 0 };

/**
 * Turns totals into what objectives are held against. Failed: responses 5xx; workflow runs that failed or timed out (a run that
 * fell back did its work, a cancelled one is nobody's fault and is no request); extension runs that crashed, timed out
 * or called outside their declaration.
 */
export function signalCounts({ operations, workflows, extensions }: WindowTotals): readonly SignalCounts[] {
  const calls = operations.map(
    ({ requests, failures }): SignalCounts => ({ signal: 'api-errors', of: null, requests, failures }),
  );
  const runs = workflows.map(
    ({ name, succeeded, failed, timedOut, fellBack }): SignalCounts => ({
      signal: 'workflow-reliability',
      of: name,
      requests: succeeded + failed + timedOut + fellBack,
      failures: failed + timedOut,
    }),
  );
  const behaviour = extensions.map(
    ({ name, succeeded, crashed, timedOut, denied }): SignalCounts => ({
      signal: 'extension-behaviour',
      of: name,
      requests: succeeded + crashed + timedOut + denied,
      failures: crashed + timedOut + denied,
    }),
  );
  const all: readonly SignalCounts[] = calls.length === 0 ? [] : [calls.reduce(addCounts)];
  return [...all, ...runs, ...behaviour].filter(({ requests }) => requests > 0);
}

/** @returns the sum, with everything else as in the first */
export const addCounts = <C extends Counts>(first: C, second: Counts): C => ({
  ...first,
  requests: first.requests + second.requests,
  failures: first.failures + second.failures,
});
