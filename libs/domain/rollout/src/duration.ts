import type { Duration } from '@kwanus/domain-playbook';
import { DomainRejection, durationMilliseconds, type Timestamp } from '@kwanus/kernel';

/**
 * @param duration ISO 8601 without years and months; zero is allowed: `PT0S`
 * @returns milliseconds
 * @throws DomainRejection `duration-unreadable`
 */
export function milliseconds(duration: Duration): number {
  const total = durationMilliseconds(duration);
  if (total !== null) return total;
  throw new DomainRejection(
    'duration-unreadable',
    `"${duration}" is not a duration that a rollout can use; write weeks or smaller units, for example PT1H or P3D.`,
  );
}

/** @returns the moment so many milliseconds after another */
export const later = (from: Timestamp, ms: number): Timestamp =>
  new Date(Date.parse(from) + ms).toISOString();

/** @returns milliseconds between two moments; negative when the second is the earlier one */
export const between = (from: Timestamp, to: Timestamp): number => Date.parse(to) - Date.parse(from);
