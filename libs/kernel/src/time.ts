/** A moment as RFC 3339 text in UTC, for example `2026-11-23T10:00:00.000000Z`; microseconds are kept. */
export type Timestamp = string;

/** Where the present moment comes from; tests and replays put their own in its place. */
export interface Clock {
  /** @returns milliseconds since 1970-01-01T00:00:00Z */
  now(): number;
}

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() };
