import type { Duration } from '@kwanus/domain-playbook';
import { DomainRejection, type Timestamp } from '@kwanus/kernel';

const FORM = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];

/**
 * @param duration ISO 8601 without years and months; zero is allowed: `PT0S`
 * @returns milliseconds
 * @throws DomainRejection `duration-unreadable`
 */
export function milliseconds(duration: Duration): number {
  const parts = FORM.exec(duration)?.slice(1);
  if (parts === undefined)
    throw new DomainRejection(
      'duration-unreadable',
      `"${duration}" is not a duration that a rollout can use; write weeks or smaller units, for example PT1H or P3D.`,
    );
  return Math.round(parts.reduce((sum, part, unit) => sum + Number(part ?? 0) * (UNITS[unit] ?? 0), 0));
}

/** @returns the moment so many milliseconds after another */
export const later = (from: Timestamp, ms: number): Timestamp =>
  new Date(Date.parse(from) + ms).toISOString();

/** @returns milliseconds between two moments; negative when the second is the earlier one */
export const between = (from: Timestamp, to: Timestamp): number => Date.parse(to) - Date.parse(from);
