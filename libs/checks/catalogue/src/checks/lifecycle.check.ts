import { pointerOf } from '@kwanus/checks-kit';
import type { CheckRun } from '../run/check-run.js';
import { type MarkdownText, markdownText } from '../run/compare-text.js';
import { datesByTopic, isDay, type Topic } from '../run/dates-by-topic.js';
import { requiredDocument } from './required-document.js';

type Say = (subject: string, message: string, remedy: string) => Promise<void>;

/** DC805: support window, deprecation and retirement, each with dates that exist, in the right order, still to come. */
export async function checkLifecycleDocumentation(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'lifecycle', 'PB-8.05');
  if (found === null) return '';
  const say: Say = (subject, message, remedy) =>
    run.blocks('DC805', { file: found.path, subject, message, why: 'Users plan by these dates.', remedy });
  const said = datesByTopic(markdownText(found.text));
  for (const date of said.noDays)
    await say(date, `${date} is no date.`, 'Write an existing day as YYYY-MM-DD.');
  await checkWindows(run, said.days, say);
  if (said.days.deprecation.length === 0 && !said.noticeOfDeprecation)
    await say(
      'deprecation',
      'How long ahead something is deprecated is not said: neither a day nor a period.',
      'Say it as a day (YYYY-MM-DD) or a period ("six months ahead").',
    );
  await checkDeprecations(run, found.path, found.text);
  const count = Object.values(said.days).reduce((sum, days) => sum + days.length, 0);
  return `${count} dates, support before retirement.`;
}

type Days = Readonly<Record<Topic, readonly string[]>>;

/** The end of support and the retirement: the latest day that is said of each. */
async function checkWindows(run: CheckRun, days: Days, say: Say): Promise<void> {
  const today = run.context.asOf.slice(0, 10);
  const last = (topic: Topic): string | undefined => [...days[topic]].filter(isDay).sort().at(-1);
  for (const [topic, what] of [
    ['support', 'the end of support'],
    ['retirement', 'the retirement'],
  ] as const) {
    const day = last(topic);
    if (day === undefined)
      await say(
        topic === 'support' ? 'support window' : topic,
        `No day is given for ${what}.`,
        `Give ${what} as YYYY-MM-DD, where it is spoken of.`,
      );
    else if (day < today)
      await say(`${topic} past`, `The day of ${what}, ${day}, is past.`, 'Give a day that is still to come.');
  }
  const [supported, retired] = [last('support'), last('retirement')];
  if (supported !== undefined && retired !== undefined && retired < supported)
    await say(
      'order',
      `It is retired on ${retired}, before support ends on ${supported}.`,
      'Let retirement follow the end of support.',
    );
}

/** What the manifest deprecates stands in the document, with its day. */
async function checkDeprecations(run: CheckRun, file: string, text: string): Promise<void> {
  for (const [index, { ref, sunset }] of (run.manifest.lifecycle.deprecates ?? []).entries()) {
    if (!bodyOf(markdownText(text)).includes(sunset))
      await run.blocks('DC805', {
        file,
        subject: `${ref} ${sunset}`,
        message: `The manifest lets ${ref} end on ${sunset}; the lifecycle documentation does not name that day.`,
        why: 'Users plan by these dates.',
        remedy: `Say that ${ref} is removed on ${sunset}.`,
      });
    if (sunset < run.context.asOf.slice(0, 10))
      await run.warns('DC805', {
        pointer: pointerOf('lifecycle', 'deprecates', index, 'sunset'),
        subject: ref,
        message: `The sunset of ${ref} was on ${sunset}.`,
        why: 'Users plan by these dates.',
        remedy: 'Remove what is past its sunset, or move the date.',
      });
  }
}

const bodyOf = ({ sections }: MarkdownText): string => sections.flatMap(({ prose }) => prose).join('\n');
