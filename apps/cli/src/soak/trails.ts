import type { KwanusClient } from '@kwanus/platform-client';
import { collect } from '../collect.js';
import type { Applicant } from './applicant.js';

/** They follow the clock and the telemetry, which a disturbed platform meets at other moments. */
const OF_THE_CLOCK = /^(?:RolloutHeld|AlertRaised|AlertResolved|DueDate\w*|Reminder\w*)$/;
const PARTICULAR = /\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{12,64}\b…?|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g;

/** @returns what was said of the integration, without its name, ids and times, sorted */
export async function trailOf(client: KwanusClient, { id }: Applicant): Promise<string[]> {
  const events = await collect(client.integrations.events(id));
  return events
    .filter(({ type }) => !OF_THE_CLOCK.test(type))
    .map(({ type, sentence }) => `${type}: ${sentence}`.replaceAll(id, 'ID').replaceAll(PARTICULAR, '…'))
    .sort();
}

/** @returns what one trail says more often than the other, `+` before what is too much and `-` before what is missing */
export function difference(expected: readonly string[], found: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of found) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts].flatMap(([line, count]) =>
    count === 0 ? [] : [`${count > 0 ? '+' : '-'}${Math.abs(count)} ${line}`],
  );
}
