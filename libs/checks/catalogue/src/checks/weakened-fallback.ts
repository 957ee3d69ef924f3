import type { Manifest } from '../manifest/manifest.schema.js';
import { secondsOf } from '../workflow/duration.js';
import { taskPath } from '../workflow/workflow.js';

type Fallback = NonNullable<Manifest['fallback']>[number];

/** A promise for the day of failure that is smaller than it was. */
export interface Weakened {
  /** `workflow:register-parcel/do/register` */
  readonly fallback: string;
  readonly text: string;
}

/** @returns the fallbacks of workflows that both manifests have, and that cover less, or take longer */
export function weakenedFallbacks(before: Manifest, now: Manifest): readonly Weakened[] {
  const kept = new Set((now.workflows ?? []).map(({ id }) => `workflow:${id}`));
  return (before.fallback ?? [])
    .filter(({ for: what }) => kept.has(what.split('/', 1)[0] ?? ''))
    .flatMap((was) => was.on.flatMap((on) => weakenedCase(was, on, now.fallback ?? [])));
}

function weakenedCase(was: Fallback, on: string, now: readonly Fallback[]): readonly Weakened[] {
  const covering = now.filter((entry) => holds(entry.on, on) && covers(entry.for, was.for));
  if (covering.length === 0) return [{ fallback: was.for, text: `no longer covers ${on}` }];
  const promised = secondsOf(was.maxDelay);
  const shortest = Math.min(...covering.map(({ maxDelay }) => secondsOf(maxDelay)));
  if (shortest <= promised) return [];
  const delay = covering.find(({ maxDelay }) => secondsOf(maxDelay) === shortest)?.maxDelay;
  return [
    {
      fallback: was.for,
      text: `may take ${delay ?? 'any time'} on ${on}, it was ${was.maxDelay ?? 'any time'}`,
    },
  ];
}

/** `error` holds every case. */
const holds = (cases: readonly string[], on: string): boolean =>
  cases.includes(on) || cases.includes('error');

/** What is said of a whole holds for its parts. */
const covers = (whole: string, part: string): boolean =>
  taskPath(part) === taskPath(whole) || taskPath(part).startsWith(`${taskPath(whole)}/`);
