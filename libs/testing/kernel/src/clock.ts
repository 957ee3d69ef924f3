import type { Clock } from '@kwanus/kernel';

/** A clock that stands still until it is told otherwise. */
export interface FakeClock extends Clock {
  /** @returns the present moment as RFC 3339 in UTC */
  iso(): string;
  /** Lets time pass; a negative number makes the clock go back, as real ones do. */
  advance(milliseconds: number): void;
  /** @param moment RFC 3339 @throws TypeError when it is none */
  set(moment: string): void;
}

const parsed = (moment: string): number => {
  const at = Date.parse(moment);
  if (Number.isNaN(at)) throw new TypeError(`${moment} is no moment. Write it as RFC 3339.`);
  return at;
};

/** @param start RFC 3339 @returns a clock that shows that moment @throws TypeError when it is none */
export function fakeClock(start = '2026-11-23T10:00:00.000Z'): FakeClock {
  let at = parsed(start);
  return {
    now: () => at,
    iso: () => new Date(at).toISOString(),
    advance: (milliseconds) => {
      at += milliseconds;
    },
    set: (moment) => {
      at = parsed(moment);
    },
  };
}
