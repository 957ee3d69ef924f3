import { codeLines, databaseIn, isDatabaseDriver, pointerOf } from '@kwanus/checks-kit';
import { namedFiles } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { codeOf } from '../run/extension-code.js';
import { type TextPlace, textsOf } from '../run/strings.js';
import { uniqueByPath } from './unique-by-path.js';

const NEVER = 'This is forbidden and can’t be waived.';

/** FB301: a database instead of an API. */
export async function checkForbiddenDatabase(run: CheckRun): Promise<string> {
  for (const [index, { via, store }] of run.declared.dataAccess.entries())
    if (via !== 'api' && via !== 'event')
      await run.blocks('FB301', {
        pointer: pointerOf('dataAccess', index, 'via'),
        subject: `${store} ${via}`,
        message: `${store} is reached by ${via}.`,
        why: `Data is reached over API or event, where permissions hold. ${NEVER}`,
        remedy: 'Use the API or subscribe to the event, and write via: api or via: event.',
      });
  let places = 0;
  for (const { file, texts } of await declaredTexts(run)) {
    places += texts.length;
    for (const { text, pointer, line } of texts)
      await judgeText(run, {
        file,
        pointer,
        ...(line === undefined ? {} : { line }),
        text: databaseIn(text),
      });
  }
  return `${places + (await judgeExtensions(run))} texts of manifest, contracts, workflows and extensions name no database.`;
}

interface Found {
  readonly file: string;
  readonly pointer: string;
  readonly line?: number | null;
  /** In words; null: nothing. */
  readonly text: string | null;
}

async function judgeText(run: CheckRun, { text, ...place }: Found): Promise<void> {
  if (text !== null)
    await run.blocks('FB301', {
      ...place,
      subject: `${place.pointer} ${text}`,
      message: `Here stands ${text}.`,
      why: `A database is reached over an API, where permissions hold. ${NEVER}`,
      remedy: 'Take it out; use the platform’s API or events.',
    });
}

/** Code that names a database, asks for a driver of one, or was seen to. @returns how many texts were looked at */
async function judgeExtensions(run: CheckRun): Promise<number> {
  let places = 0;
  for (const { path: file, texts, modules, attempts } of await codeOf(run)) {
    places += texts.lines;
    for (const { text, line } of texts.databases) await judgeText(run, { file, pointer: '', line, text });
    const asked = modules.filter(({ text }) => isDatabaseDriver(text));
    for (const { text, line } of asked)
      await judgeText(run, { file, pointer: '', line, text: `the driver of a database (${text})` });
    for (const { capability, target } of attempts) {
      const isDriver =
        capability === 'module' && isDatabaseDriver(target) && !asked.some(({ text }) => text === target);
      const text = isDriver
        ? `the driver of a database (${target}), put together as it runs`
        : databaseIn(target);
      if (!texts.databases.some((known) => known.text === text))
        await judgeText(run, { file, pointer: '', line: null, text });
    }
  }
  return places;
}

/** The texts of everything that is called: manifest, contracts, workflows. */
async function declaredTexts(
  run: CheckRun,
): Promise<readonly { readonly file: string; readonly texts: readonly TextPlace[] }[]> {
  const { manifestPath, manifest } = run.inputs.submission;
  const found = [{ file: manifestPath, texts: textsOf(manifest) }];
  for (const { path } of uniqueByPath(namedFiles(manifest).filter(({ pointer }) => CALLED.test(pointer)))) {
    const document = await run.inspection.document(path);
    if (document?.ok === true && /\.(?:json|ya?ml)$/.test(path))
      found.push({ file: path, texts: textsOf(document.value) });
    else {
      const text = await run.inspection.text(path);
      if (text !== null) found.push({ file: path, texts: linesOf(text) });
    }
  }
  return found;
}

const CALLED = /^\/(?:api|events|workflows|permissions)\//;
const linesOf = (text: string): readonly TextPlace[] =>
  codeLines(text).map((line) => ({ ...line, pointer: '', key: '' }));
