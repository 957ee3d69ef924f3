import { pointerOf } from '@kwanus/checks-kit';
import type { CheckRun } from '../run/check-run.js';
import { requiredDocument } from './required-document.js';

const DAY = /\b(\d{4})-(\d{2})-(\d{2})\b/g;

/** DC805: support window, deprecation and retirement with dates that exist, in the right order, not all past. */
export async function checkLifecycleDocumentation(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'lifecycle', 'PB-8.05');
  if (found === null) return '';
  const say = (subject: string, message: string, remedy: string): Promise<void> =>
    run.blocks('DC805', { file: found.path, subject, message, why: 'Users plan by these dates.', remedy });
  const topics: readonly (readonly [string, RegExp])[] = [
    ['support window', /support/i],
    ['deprecation', /deprecat/i],
    ['retirement', /retire|end[\s-]of[\s-]life|sunset/i],
  ];
  for (const [topic, pattern] of topics)
    if (!pattern.test(found.text))
      await say(topic, `Nothing is said about ${topic}.`, `Say what holds for ${topic}.`);
  const dates = [...found.text.matchAll(DAY)].map(([date]) => date);
  for (const date of new Set(dates))
    if (!isDay(date)) await say(date, `${date} is no date.`, 'Write an existing day as YYYY-MM-DD.');
  const days = dates.filter(isDay);
  const today = run.context.asOf.slice(0, 10);
  if (days.length === 0)
    await say('dates', 'No date is given.', 'Give the end of support and the retirement as YYYY-MM-DD.');
  else if (days.every((date) => date < today))
    await say(
      'dates',
      `All dates are past (the last is ${[...days].sort().at(-1) ?? ''}).`,
      'Give dates that are still to come.',
    );
  await checkOrder(run, found, say);
  return `${days.length} dates, support before retirement.`;
}

type Say = (subject: string, message: string, remedy: string) => Promise<void>;

async function checkOrder(run: CheckRun, { text }: { readonly text: string }, say: Say): Promise<void> {
  const dateOn = (pattern: RegExp): string | undefined =>
    text
      .split('\n')
      .filter((line) => pattern.test(line))
      .flatMap((line) => line.match(DAY) ?? [])
      .filter(isDay)[0];
  const supported = dateOn(/support/i);
  const retired = dateOn(/retire|end[\s-]of[\s-]life/i);
  if (supported !== undefined && retired !== undefined && retired < supported)
    await say(
      'order',
      `It is retired on ${retired}, before support ends on ${supported}.`,
      'Let retirement follow the end of support.',
    );
  for (const [index, { ref, sunset }] of (run.manifest.lifecycle.deprecates ?? []).entries())
    if (sunset < run.context.asOf.slice(0, 10))
      await run.warns('DC805', {
        pointer: pointerOf('lifecycle', 'deprecates', index, 'sunset'),
        subject: ref,
        message: `The sunset of ${ref} was on ${sunset}.`,
        why: 'Users plan by these dates.',
        remedy: 'Remove what is past its sunset, or move the date.',
      });
}

const isDay = (text: string): boolean => {
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
};
