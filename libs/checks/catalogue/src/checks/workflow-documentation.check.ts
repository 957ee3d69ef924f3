import type { Declared } from '../manifest/declared.js';
import type { CheckRun } from '../run/check-run.js';
import {
  type MarkdownSection,
  type MarkdownText,
  markdownText,
  mentions,
  withSubsections,
  wordsOf,
} from '../run/compare-text.js';
import { checkLinks } from './links.js';
import { requiredDocument } from './required-document.js';

type Fallback = Declared['fallback'][number];

const FEW_WORDS = 8;
const WHY = 'Whoever is called at night must know what it does, and what happens when it fails.';

/** DC802: a workflow, or what it falls back to, that the documentation does not speak of. Headings alone say nothing. */
export async function checkWorkflowDocumentation(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'workflow', 'PB-8.02');
  if (found === null) return '';
  const document = markdownText(found.text);
  const { workflows } = run.declared;
  for (const { id } of workflows) {
    const about = textAbout(document, id, workflows.length === 1);
    if (about === null || wordsOf(about) < FEW_WORDS) await notDescribed(run, found.path, id);
    else await checkFallbacks(run, found.path, [id, about]);
  }
  await checkLinks(run, found.path, document);
  return `${workflows.length} workflows and their fallback are described.`;
}

const notDescribed = (run: CheckRun, file: string, id: string): Promise<void> =>
  run.blocks('DC802', {
    file,
    subject: id,
    message: `The workflow ${id} is not described.`,
    why: WHY,
    remedy: `Describe ${id}: trigger, steps, fallback. A heading alone is no description.`,
  });

/**
 * @returns what is said about a workflow, without headings: the sections that name it, with everything under a heading that does; all of
 * the document where it is the only one; null where it is named nowhere
 */
function textAbout(document: MarkdownText, id: string, only: boolean): string | null {
  const named = document.sections.flatMap((section) => {
    if (mentions(section.heading, id)) return withSubsections(document, section);
    return mentions(section.prose.join('\n'), id) ? [section] : [];
  });
  if (named.length === 0) return null;
  const sections: ReadonlySet<MarkdownSection> = new Set(only ? document.sections : named);
  return [...sections].flatMap(({ prose }) => prose).join('\n');
}

/** By which words what the manifest says is recognised again. */
const SPOKEN: Readonly<Record<NonNullable<Fallback['do']>, RegExp>> = {
  park: /\bpark/i,
  retry: /\bretr(?:y|ie)|\btried again\b|\btries again\b/i,
  skip: /\bskip|\bleft out\b|\bpassed over\b/i,
  compensate: /\bcompensat|\bundo(?:es|ne)?\b|\brevers|\btaken back\b/i,
  'serve-cached': /\bcache/i,
  disable: /\bdisabl|\b(?:switch|turn)(?:ed|es|s)? (?:it )?off\b/i,
};

async function checkFallbacks(
  run: CheckRun,
  file: string,
  [id, about]: readonly [string, string],
): Promise<void> {
  const own = run.declared.fallback.filter(
    ({ for: what }) => what === `workflow:${id}` || what.startsWith(`workflow:${id}/`),
  );
  for (const fallback of own) {
    const unsaid = unsaidOf(fallback, about);
    if (unsaid !== null)
      await run.blocks('DC802', {
        file,
        subject: `${fallback.for} ${unsaid}`,
        message: `The fallback of ${fallback.for} (${unsaid}) is not described where ${id} is.`,
        why: WHY,
        remedy: `Say that ${fallback.for} falls back to ${unsaid} on ${fallback.on.join(', ')}, and what becomes of the work.`,
      });
  }
}

function unsaidOf({ do: what, serve }: Fallback, about: string): string | null {
  if (what !== undefined && !SPOKEN[what].test(about)) return what;
  const served = serve?.replace(/^[a-z]+:/, '');
  return served !== undefined && !mentions(about, served) ? served : null;
}
