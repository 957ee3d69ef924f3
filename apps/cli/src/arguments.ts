import { InvalidArgumentError } from 'commander';

const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * Reads a moment of the command line: RFC 3339, or a day, which means its first second in UTC.
 * @throws InvalidArgumentError for anything else
 */
export function moment(text: string): string {
  const whole = DAY.test(text) ? `${text}T00:00:00Z` : text;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(whole) || Number.isNaN(Date.parse(whole)))
    throw new InvalidArgumentError('It takes a day or a moment: 2027-03-01, or 2027-03-01T09:30:00Z.');
  return whole;
}

/**
 * Reads a whole number of the command line.
 * @throws InvalidArgumentError for anything else
 */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}
