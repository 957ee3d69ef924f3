import { durationParts, millisecondsOf } from '@kwanus/kernel';

/** A duration that is not written as ISO 8601 says. */
export class DurationInvalid extends Error {
  override readonly name = 'DurationInvalid';
}

/**
 * Calendar arithmetic in UTC (ISO 8601 durations); a day that a shorter month lacks becomes that month's last one.
 * @param moment RFC 3339 in UTC
 * @param sign -1 takes the duration off
 * @returns RFC 3339 in UTC with milliseconds
 */
export function addDuration(moment: string, duration: string, sign: 1 | -1 = 1): string {
  const parts = durationParts(duration);
  if (parts === null) throw new DurationInvalid(`${duration} is no ISO 8601 duration.`);
  const from = new Date(moment);
  const monthIndex =
    from.getUTCFullYear() * 12 + from.getUTCMonth() + sign * (parts.years * 12 + parts.months);
  const lastDay = new Date(Date.UTC(Math.floor(monthIndex / 12), (monthIndex % 12) + 1, 0)).getUTCDate();
  const start = Date.UTC(
    Math.floor(monthIndex / 12),
    monthIndex % 12,
    Math.min(from.getUTCDate(), lastDay),
    from.getUTCHours(),
    from.getUTCMinutes(),
    from.getUTCSeconds(),
    from.getUTCMilliseconds(),
  );
  return new Date(start + sign * millisecondsOf(parts)).toISOString();
}

/** @returns true when `left` is later than `right`, however many digits their seconds have; false where one is no moment */
export const isAfter = (left: string, right: string): boolean => Date.parse(left) > Date.parse(right);
