import { setTimeout as delay } from 'node:timers/promises';

const SHORTEST_MS = 10;
const LONGEST_MS = 200;

/**
 * Waits before the next look at whether something came: an eighth of what it took so far, 10 to 200 ms. A look takes processor
 * time from what is waited for.
 * @param begun when the waiting began, by `performance.now()`
 */
export function pauseSince(begun: number): Promise<void> {
  return delay(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (performance.now() - begun) / 8)));
}
