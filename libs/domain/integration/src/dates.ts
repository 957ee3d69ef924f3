const PATTERN =
  /^P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

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
  const parts = PATTERN.exec(duration);
  if (parts === null) throw new DurationInvalid(`${duration} is no ISO 8601 duration.`);
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0) * sign);
  const from = new Date(moment);
  const monthIndex = from.getUTCFullYear() * 12 + from.getUTCMonth() + years * 12 + months;
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
  return new Date(
    start + (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000,
  ).toISOString();
}

/** @returns true when `left` is later than `right`, however many digits their seconds have; false where one is no moment */
export const isAfter = (left: string, right: string): boolean => Date.parse(left) > Date.parse(right);
