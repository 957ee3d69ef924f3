import { type Fix, own, ownObject, pointerOf, type SubmissionFile } from '@kwanus/checks-kit';
import { manifestFix } from '../fixes/fixes.js';
import { fileRefOf, namedFiles } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { markdownText, readableText, wordsOf } from '../run/compare-text.js';

const FEW_WORDS = 15;

/** FD405: every file that the manifest names is there, has bytes, and has the digest that was named. */
export async function checkDocumentDigests(run: CheckRun): Promise<string> {
  const { submission } = run.inputs;
  const named = namedFiles(submission.manifest);
  const stored = new Map(submission.files.map((file) => [file.path, file]));
  for (const { path, sha256, pointer } of named) {
    const file = stored.get(path);
    const fault =
      file === undefined
        ? 'is not part of the submission'
        : file.size === 0
          ? 'is empty'
          : sha256 !== null && sha256 !== file.digest
            ? `has the digest ${file.digest}, not the one that is named`
            : null;
    if (fault !== null)
      await run.blocks('FD405', {
        pointer,
        subject: `${path} ${pointer}`,
        message: `${path} ${fault}.`,
        why: 'What was approved must be what is released, byte for byte.',
        remedy:
          file === undefined
            ? 'Add the file, or correct the path.'
            : 'Submit again: `kwanus submit` writes the digests.',
        fix: digestFix(run, pointer, [sha256, file]),
      });
  }
  return `${named.length} files are named; all are there, with their digests.`;
}

function digestFix(
  run: CheckRun,
  pointer: string,
  [sha256, file]: readonly [string | null, SubmissionFile | undefined],
): Fix | null {
  if (file === undefined || file.size === 0 || sha256 === null) return null;
  return manifestFix(run, { op: 'replace', path: `${pointer}/sha256`, value: file.digest });
}

/** Which sections of the manifest's `proposal` are asked for, and what each has to speak of. */
const PROPOSAL: readonly (readonly [id: string, requirement: string, topic: RegExp, words: string])[] = [
  ['expansionProposal', 'PB-3.01', /purpose|goal|value|benefit|summary|why/i, 'purpose, goal or value'],
  ['compatibilityPlan', 'PB-3.02', /platform|version|contract|compatib/i, 'platform, version or contract'],
  [
    'lifecyclePlan',
    'PB-3.03',
    /support|deprecat|retire|sunset|maintenance/i,
    'support, deprecation or retirement',
  ],
  ['riskMitigationPlan', 'PB-3.04', /risk/i, 'risk'],
  [
    'governanceAlignment',
    'PB-3.05',
    /bod(?:y|ies)|TSC|SCO|ERC|CGB|governance/i,
    'the bodies (TSC, SCO, ERC, CGB)',
  ],
];

/** PD301 one of the five documents is missing, PD302 has no structure, PD303 does not speak of what it is for. */
export async function checkProposalDocuments(run: CheckRun): Promise<string> {
  const proposal = ownObject(run.inputs.submission.manifest, 'proposal');
  for (const [id, requirement, topic, words] of PROPOSAL) {
    const pointer = pointerOf('proposal', id);
    const path = fileRefOf(own(proposal, id), pointer)?.path;
    const text = path === undefined ? null : await run.inspection.text(path);
    const why = 'The bodies decide step 1 on it.';
    if (path === undefined || text === null || text.trim() === '')
      await run.blocks('PD301', {
        pointer,
        subject: id,
        message: `${id} is missing (${requirement}).`,
        why,
        remedy: `Write it, and name it under proposal.${id}.`,
      });
    else await checkStructure(run, { id, path, text, topic, words, why });
  }
  return 'The five documents are there, with title and content.';
}

interface Proposed {
  readonly id: string;
  readonly path: string;
  readonly text: string;
  readonly topic: RegExp;
  /** What the topic is called in words. */
  readonly words: string;
  readonly why: string;
}

async function checkStructure(run: CheckRun, proposed: Proposed): Promise<void> {
  const { id, path, text, topic, words, why } = proposed;
  const fault = await structureFault(run, proposed);
  if (fault !== null)
    return run.blocks('PD302', {
      file: path,
      subject: id,
      message: `${path} ${fault}.`,
      why,
      remedy: 'Write Markdown with headings, or a mapping with `title` and one key per section.',
    });
  if (topic.test(readableText(text)) && wordsIn(path, text) >= FEW_WORDS) return;
  await run.blocks('PD303', {
    file: path,
    subject: id,
    message: `${path} does not say what ${id} is for.`,
    why,
    remedy: `Speak of ${words}, in at least ${FEW_WORDS} words below its headings.`,
  });
}

const isData = (path: string): boolean => /\.(?:json|ya?ml)$/.test(path);

/** Of Markdown what stands below the headings counts, without comments. */
const wordsIn = (path: string, text: string): number =>
  isData(path) ? wordsOf(text) : markdownText(text).words;

async function structureFault(run: CheckRun, { path, text }: Proposed): Promise<string | null> {
  if (!isData(path)) return markdownText(text).headings.length === 0 ? 'has no heading' : null;
  const document = await run.inspection.document(path);
  if (document === null || !document.ok) return document?.message ?? 'is not there';
  const title = own(document.value, 'title');
  return typeof title === 'string' && title.trim() !== '' ? null : 'has no `title`';
}
