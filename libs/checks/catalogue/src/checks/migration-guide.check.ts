import { templateOf } from '@kwanus/checks-contract-diff';
import { fileRefOf } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import {
  type MarkdownSection,
  type MarkdownText,
  markdownText,
  mentions,
  slugOf,
  withSubsections,
  wordsOf,
} from '../run/compare-text.js';
import { type ContractChange, contractChanges } from './contract-changes.js';

const WHY = 'Whoever uses the integration must know what to change, and where, before it changes under them.';
const NOTHING =
  /nothing\s+(?:(?:has|needs)\s+)?to\s+(?:be\s+)?migrated?|no\s+migration\s+(?:is\s+)?(?:needed|necessary|required)/i;
const FIRST = /first\s+release|no\s+predecessor|initial\s+release/i;

/** FD403 every breaking change is named by an anchor; FD406 where nothing breaks, the guide says so, and since which version. */
export async function checkMigrationGuide(run: CheckRun): Promise<string> {
  const guide = await guideOf(run);
  if (guide === null && run.inputs.bases.length === 0) return 'There is no migration guide.';
  const found = await contractChanges(run.inputs);
  if (!found.known) {
    run.inconclusive(found.because);
    return found.because;
  }
  const breaking = found.changes.filter(({ diff }) => diff.breaking);
  if (breaking.length > 0) return nameEachChange(run, breaking, guide);
  if (guide !== null) await saysNothingToMigrate(run, guide);
  return run.inputs.bases.length === 0
    ? 'A first release: nothing to migrate, and the guide says so.'
    : 'Nothing breaks, and the guide says so.';
}

interface Guide {
  readonly path: string;
  readonly text: string;
}

async function guideOf(run: CheckRun): Promise<Guide | null> {
  const path = fileRefOf(run.manifest.docs?.migrationGuide, '')?.path;
  const text = path === undefined ? null : await run.inspection.text(path);
  if (path !== undefined && text !== null && text.trim() !== '') return { path, text };
  await run.blocks('FD405', {
    pointer: '/docs/migrationGuide',
    subject: 'migrationGuide',
    message: 'There is no migration guide.',
    why: WHY,
    remedy:
      'Write one and name it under docs.migrationGuide; a first release says that there is nothing to migrate.',
  });
  return null;
}

async function nameEachChange(
  run: CheckRun,
  changes: readonly ContractChange[],
  guide: Guide | null,
): Promise<string> {
  let named = 0;
  const file = guide?.path ?? run.inputs.submission.manifestPath;
  const markdown = markdownText(guide?.text ?? '');
  for (const { contract, from, diff } of changes)
    for (const { level, operation, id, text, subject } of diff.findings) {
      if (level !== 'error') continue;
      const anchor = operation === '' ? id : operation;
      if (names(markdown, anchor)) {
        named += 1;
        continue;
      }
      await run.blocks('FD403', {
        file,
        subject: `${from} ${anchor} ${id} ${subject}`,
        message: `${anchor}: ${text} (since ${from}), and the migration guide does not name it.`,
        why: WHY,
        remedy: `Add a heading "${anchor}" (anchor #${slugOf(anchor)}) and say under it what clients must do.`,
        facts: { operation, anchor: slugOf(anchor), contract, from, breakingRule: id },
      });
    }
  return `The migration guide names all ${named} breaking changes.`;
}

/** A section that is about the operation, by heading or anchor, and in which something is said; what path parameters are called does not count. */
const names = (markdown: MarkdownText, operation: string): boolean =>
  markdown.sections.some(
    (section) => isAbout(section, operation) && saysSomething(withSubsections(markdown, section)),
  );

function isAbout({ anchors, heading }: MarkdownSection, operation: string): boolean {
  if (anchors.has(slugOf(operation))) return true;
  const wanted = templateOf(operation).toLowerCase();
  return [...heading.replaceAll('`', '').matchAll(/[A-Za-z-]+(?:\s+\/\S*)?/g)].some(
    ([part]) => templateOf(part.replace(/\s+/, ' ')).toLowerCase() === wanted,
  );
}

const FEW_WORDS = 3;

/** A heading alone tells nobody what to do. */
const saysSomething = (sections: readonly MarkdownSection[]): boolean =>
  sections.reduce(
    (words, { prose, code }) => words + wordsOf(prose.join(' ')) + wordsOf(code.join(' ')),
    0,
  ) >= FEW_WORDS;

async function saysNothingToMigrate(run: CheckRun, { path: file, text }: Guide): Promise<void> {
  const releases = run.inputs.bases.map(({ submission }) => submission.release);
  const [newest] = releases;
  const said = markdownText(text)
    .sections.flatMap(({ prose }) => prose)
    .join(' ');
  const saysSo =
    NOTHING.test(said) &&
    (newest === undefined ? FIRST.test(said) : releases.some((release) => mentions(said, release)));
  if (saysSo) return;
  const expected =
    newest === undefined
      ? 'this is the first release, there is no predecessor'
      : `nothing to migrate from ${newest}`;
  await run.blocks('FD406', {
    file,
    subject: 'nothing to migrate',
    message: `The migration guide does not say that there is nothing to migrate${newest === undefined ? '' : ` and from which version (${releases.join(', ')})`}.`,
    why: 'Silence can’t be told from a guide that was forgotten.',
    remedy: `Write "Nothing to migrate: ${expected}."`,
    fix: { file, append: `Nothing to migrate: ${expected}.` },
  });
}
