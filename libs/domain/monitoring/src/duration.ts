import type { Duration } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';

const FORM = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];

/**
 * @param duration ISO 8601 without years and months: `PT1H`, `P3D`
 * @returns milliseconds
 * @throws DomainRejection `duration-unreadable` for anything else, and for zero
 */
export function milliseconds(duration: Duration): number {
  const parts = FORM.exec(duration)?.slice(1) ?? [];
  const total = parts.reduce((sum, part, unit) => sum + Number(part ?? 0) * (UNITS[unit] ?? 0), 0);
  if (total > 0) return Math.round(total);
  throw new DomainRejection(
    'duration-unreadable',
    `"${duration}" is not a duration that monitoring can use; write days or smaller units, for example PT5M or P30D.`,
  );
}
