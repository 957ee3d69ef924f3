import { Contract, nameOf, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, pointerOf } from '@kwanus/checks-kit';
import { fileRefOf, namedFiles } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { type MarkdownText, markdownText } from '../run/compare-text.js';

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
      });
  }
  return `${named.length} files are named; all are there, with their digests.`;
}

/** Which sections of the manifest's `proposal` are asked for, and what each has to speak of. */
const PROPOSAL: readonly (readonly [string, string, RegExp])[] = [
  ['expansionProposal', 'PB-3.01', /purpose|goal|value|benefit|summary|why/i],
  ['compatibilityPlan', 'PB-3.02', /platform|version|contract|compatib/i],
  ['lifecyclePlan', 'PB-3.03', /support|deprecat|retire|sunset|maintenance/i],
  ['riskMitigationPlan', 'PB-3.04', /risk/i],
  ['governanceAlignment', 'PB-3.05', /bod(?:y|ies)|TSC|SCO|ERC|CGB|governance/i],
];

/** PD301 one of the five documents is missing, PD302 has no structure, PD303 does not speak of what it is for. */
export async function checkProposalDocuments(run: CheckRun): Promise<string> {
  const proposal = ownObject(run.inputs.submission.manifest, 'proposal');
  for (const [id, requirement, topic] of PROPOSAL) {
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
    else await checkStructure(run, { id, path, text, topic, why });
  }
  return 'The five documents are there, with title and content.';
}

async function checkStructure(
  run: CheckRun,
  {
    id,
    path,
    text,
    topic,
    why,
  }: {
    readonly id: string;
    readonly path: string;
    readonly text: string;
    readonly topic: RegExp;
    readonly why: string;
  },
): Promise<void> {
  if (/\.(?:json|ya?ml)$/.test(path)) {
    const document = await run.inspection.document(path);
    const title = document?.ok === true ? own(document.value, 'title') : undefined;
    if (document?.ok !== true || typeof title !== 'string' || title.trim() === '')
      return run.blocks('PD302', {
        file: path,
        subject: id,
        message: `${path} ${document?.ok === false ? document.message : 'has no `title`'}.`,
        why,
        remedy: 'Write a mapping with `title` and one key per section.',
      });
  } else if (markdownText(text).headings.length === 0)
    return run.blocks('PD302', {
      file: path,
      subject: id,
      message: `${path} has no heading.`,
      why,
      remedy: 'Begin it with a heading, and give each section one.',
    });
  if (!topic.test(text) || (text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) < FEW_WORDS)
    await run.blocks('PD303', {
      file: path,
      subject: id,
      message: `${path} does not say what ${id} is for.`,
      why,
      remedy: `Speak of ${topic.source.split('|').slice(0, 3).join(', ')}.`,
    });
}

type DocId = 'apiReference' | 'workflow' | 'integrationGuide' | 'lifecycle' | 'governance';

/** @returns path and text of a document that must be there; the finding is made here when it is not */
async function required(
  run: CheckRun,
  id: DocId,
  requirement: string,
): Promise<{ path: string; text: string } | null> {
  const path = fileRefOf(own(ownObject(run.inputs.submission.manifest, 'docs'), id), '')?.path;
  const text = path === undefined ? null : await run.inspection.text(path);
  if (path !== undefined && text !== null && text.trim() !== '') return { path, text };
  await run.blocks('FD405', {
    pointer: pointerOf('docs', id),
    subject: id,
    message: `The document ${id} is missing (${requirement}).`,
    why: 'Six documents are required before an integration is signed off.',
    remedy: `Write it, and name it under docs.${id}.`,
  });
  return null;
}

/** DC801: an operation that the API reference does not name. */
export async function checkApiReference(run: CheckRun): Promise<string> {
  const contracts = await run.inspection.contracts();
  if (contracts.length === 0) return 'No contract is provided, so no reference is needed.';
  const found = await required(run, 'apiReference', 'PB-8.01');
  if (found === null) return '';
  if (contracts.some(({ path }) => path === found.path)) return 'The contract itself is the reference.';
  let operations = 0;
  for (const { root, path } of contracts)
    for (const operation of root === null ? [] : operationsOf(new Contract(root)).values()) {
      operations += 1;
      const id = own(operation.value, 'operationId');
      const byId = typeof id === 'string' && mentions(found.text, id);
      if (byId || found.text.includes(nameOf(operation))) continue;
      await run.blocks('DC801', {
        file: found.path,
        subject: nameOf(operation),
        message: `${nameOf(operation)}${typeof id === 'string' ? ` (${id})` : ''} of ${path} is not in the API reference.`,
        why: 'What is not described is used by guessing.',
        remedy: `Name it, by "${nameOf(operation)}" or its operationId.`,
      });
    }
  await checkLinks(run, found.path, markdownText(found.text));
  return `The API reference names all ${operations} operations.`;
}

const mentions = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + word.length] ?? ' ')) return true;
  return false;
};

/** DC802: a workflow, or what it falls back to, that the documentation does not speak of. */
export async function checkWorkflowDocumentation(run: CheckRun): Promise<string> {
  const found = await required(run, 'workflow', 'PB-8.02');
  if (found === null) return '';
  for (const [index, { id }] of run.declared.workflows.entries())
    if (!mentions(found.text, id))
      await run.blocks('DC802', {
        file: found.path,
        subject: id,
        message: `The workflow ${id} (workflows/${index}) is not described.`,
        why: 'Whoever is called at night must know what it does.',
        remedy: `Describe ${id}: trigger, steps, fallback.`,
      });
  if (run.declared.workflows.length > 0 && !/fall(?:s|ing)?[\s-]?back/i.test(found.text))
    await run.blocks('DC802', {
      file: found.path,
      subject: 'fallback',
      message: 'The fallback of the workflows is not described.',
      why: 'Whoever is called at night must know what happens when it fails.',
      remedy: 'Describe what happens when a step fails, under a heading "Fallback".',
    });
  await checkLinks(run, found.path, markdownText(found.text));
  return `${run.declared.workflows.length} workflows and their fallback are described.`;
}

/** DC803: no content, or links that lead nowhere. */
export async function checkIntegrationGuide(run: CheckRun): Promise<string> {
  const found = await required(run, 'integrationGuide', 'PB-8.03');
  if (found === null) return '';
  const guide = markdownText(found.text);
  if (guide.words < FEW_WORDS)
    await run.blocks('DC803', {
      file: found.path,
      subject: 'content',
      message: `The integration guide has ${guide.words} words.`,
      why: 'A guide leads somebody through the integration.',
      remedy: 'Describe how to switch it on, set it up, see that it works, and switch it off.',
    });
  await checkLinks(run, found.path, guide);
  return `${guide.links.length} links, all resolve inside the submission or lead to the web (these are never fetched).`;
}

/** Links into the submission must lead to a file, and to an anchor that is there. */
async function checkLinks(run: CheckRun, file: string, { links, anchors }: MarkdownText): Promise<void> {
  for (const { target } of links) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) continue;
    const [path = '', anchor] = target.split('#', 2);
    const resolved = resolveInside(file, decode(path));
    const fault = await linkFault(run, { file, resolved, anchor, anchors, isHere: path === '' });
    if (fault !== null)
      await run.blocks('DC803', {
        file,
        subject: target,
        message: `The link ${target} ${fault}.`,
        why: 'Readers follow it.',
        remedy: 'Correct it, or add what it leads to.',
      });
  }
}

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** @returns the path from the root of the submission, null when it leads out of it */
function resolveInside(from: string, path: string): string | null {
  const parts = path.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

async function linkFault(
  run: CheckRun,
  {
    resolved,
    anchor,
    anchors,
    isHere,
  }: {
    readonly file: string;
    readonly resolved: string | null;
    readonly anchor: string | undefined;
    readonly anchors: ReadonlySet<string>;
    readonly isHere: boolean;
  },
): Promise<string | null> {
  if (isHere)
    return anchor === undefined || anchor === '' || anchors.has(anchor)
      ? null
      : 'leads to a heading that is not there';
  if (resolved === null) return 'leads out of the submission';
  const isFolder = run.inputs.submission.files.some(({ path }) => path.startsWith(`${resolved}/`));
  if (isFolder) return null;
  if (!run.inputs.submission.files.some(({ path }) => path === resolved))
    return 'leads to a file that is not in the submission';
  if (anchor === undefined || anchor === '' || !resolved.endsWith('.md')) return null;
  const text = await run.inspection.text(resolved);
  return text !== null && markdownText(text).anchors.has(anchor)
    ? null
    : `leads to a heading that is not in ${resolved}`;
}

const DAY = /\b(\d{4})-(\d{2})-(\d{2})\b/g;

/** DC805: support window, deprecation and retirement with dates that exist, in the right order, not all past. */
export async function checkLifecycleDocumentation(run: CheckRun): Promise<string> {
  const found = await required(run, 'lifecycle', 'PB-8.05');
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

/** DC806: what governance must change, or that nothing does. */
export async function checkGovernanceUpdate(run: CheckRun): Promise<string> {
  const found = await required(run, 'governance', 'PB-8.06');
  if (found === null) return '';
  if (!/nothing|no change|change|update|new/i.test(found.text))
    await run.blocks('DC806', {
      file: found.path,
      subject: 'change',
      message: 'It says neither what governance must change nor that nothing does.',
      why: 'The bodies act on it.',
      remedy: 'Write what changes for TSC, SCO, ERC and CGB, or "Nothing changes".',
    });
  await checkLinks(run, found.path, markdownText(found.text));
  return 'The governance update says what changes.';
}

/** Reported when present, never blocking. */
export async function checkOptionalDocuments(run: CheckRun): Promise<string> {
  const docs = ownObject(run.inputs.submission.manifest, 'docs');
  const present: string[] = [];
  for (const [id, requirement] of [
    ['tutorials', 'PB-8.07'],
    ['onboarding', 'PB-8.08'],
  ] as const) {
    const path = fileRefOf(own(docs, id), '')?.path;
    if (path === undefined) continue;
    present.push(id);
    await run.informs('DC807', {
      pointer: pointerOf('docs', id),
      subject: id,
      message: `${id}: ${path} (${requirement}).`,
      why: 'It helps whoever comes next.',
      remedy: 'Nothing has to be done.',
    });
  }
  run.facts['present'] = present;
  return present.length === 0 ? 'There are none; none are required.' : `There are ${present.join(' and ')}.`;
}
