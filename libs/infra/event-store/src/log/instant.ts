import { microseconds } from '@kwanus/canonical';
import { timestampOf } from './rows.js';

const FIRST = microseconds('0001-01-01T00:00:00Z');
const LAST = microseconds('9999-12-31T23:59:59.999999Z');

/**
 * @param text RFC 3339, with any offset: PostgreSQL itself takes less than sixteen hours
 * @returns the same moment in UTC, as the log writes it
 * @throws RangeError when it is no time, or not of the years 1 to 9999
 */
export function instant(text: string): string {
  const moment = microseconds(text);
  if (moment < FIRST || moment > LAST) throw new RangeError(`Not of the years 1 to 9999: ${text}`);
  return timestampOf(moment);
}
