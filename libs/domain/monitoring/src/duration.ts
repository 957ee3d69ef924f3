import type { Duration } from '@kwanus/domain-playbook';
import { DomainRejection, durationMilliseconds } from '@kwanus/kernel';

/**
 * @param duration ISO 8601 without years and months: `PT1H`, `P3D`
 * @returns milliseconds
 * @throws DomainRejection `duration-unreadable` for anything else, and for zero
 */
export function milliseconds(duration: Duration): number {
  const total = durationMilliseconds(duration) ?? 0;
  if (total > 0) return total;
  throw new DomainRejection(
    'duration-unreadable',
    `"${duration}" is not a duration that monitoring can use; write days or smaller units, for example PT5M or P30D.`,
  );
}
