import { durationParts, millisecondsOf } from '@kwanus/kernel';

const DAY = 86_400;

/** @returns the seconds of an ISO 8601 duration, a year as 365 days and a month as 30; what is none, or missing, has no end */
export function secondsOf(duration: string | undefined): number {
  const parts = durationParts(duration ?? '');
  if (parts === null) return Number.POSITIVE_INFINITY;
  return (parts.years * 365 + parts.months * 30) * DAY + millisecondsOf(parts) / 1_000;
}
