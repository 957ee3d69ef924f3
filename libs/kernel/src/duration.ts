const FORM =
  /^P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** The parts of an ISO 8601 duration; what is not named is 0. */
export interface DurationParts {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** @returns the parts of an ISO 8601 duration, for example `P1Y` or `PT1H`; null for what is none */
export function durationParts(text: string): DurationParts | null {
  const parts = FORM.exec(text);
  if (parts === null) return null;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  return { years, months, weeks, days, hours, minutes, seconds };
}

/** @returns the milliseconds of weeks and what is shorter; years and months, whose lengths differ, are left out */
export const millisecondsOf = ({ weeks, days, hours, minutes, seconds }: DurationParts): number =>
  Math.round((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000);

/** @returns milliseconds; null for what is no duration, or one with years or months */
export function durationMilliseconds(text: string): number | null {
  const parts = durationParts(text);
  return parts === null || parts.years > 0 || parts.months > 0 ? null : millisecondsOf(parts);
}
