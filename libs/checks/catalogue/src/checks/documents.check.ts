import { Contract, nameOf, type Operation, operationsOf, templateOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, pointerOf } from '@kwanus/checks-kit';
import { fileRefOf } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { type MarkdownSection, markdownText, mentions, readableText, wordsOf } from '../run/compare-text.js';
import { checkLinks } from './links.js';
import { requiredDocument } from './required-document.js';

const FEW_WORDS = 15;

/** DC801: an operation that the API reference does not name. */
export async function checkApiReference(run: CheckRun): Promise<string> {
  const contracts = await run.inspection.contracts();
  if (contracts.length === 0) return 'No contract is provided, so no reference is needed.';
  const found = await requiredDocument(run, 'apiReference', 'PB-8.01');
  if (found === null) return '';
  if (contracts.some(({ path }) => path === found.path)) return 'The contract itself is the reference.';
  const reference = referenceOf(found.text);
  let operations = 0;
  for (const { root, path } of contracts)
    for (const operation of root === null ? [] : operationsOf(new Contract(root)).values()) {
      operations += 1;
      if (isDescribed(operation, reference)) continue;
      await run.blocks('DC801', {
        file: found.path,
        subject: nameOf(operation),
        message: `${nameOf(operation)} of ${path} is not in the API reference.`,
        why: 'What is not described is used by guessing.',
        remedy: `Name it, by "${nameOf(operation)}" or its operationId.`,
      });
    }
  await checkLinks(run, found.path, markdownText(found.text));
  return `The API reference names all ${operations} operations.`;
}

/** What a reference names: its text, and the methods with their paths, whatever the path parameters are called. */
interface Reference {
  readonly text: string;
  readonly operations: ReadonlySet<string>;
}

const OPERATION = /\b(GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE|QUERY)\s+(\/[^\s<>()[\]",;]*)/g;

function referenceOf(text: string): Reference {
  const readable = readableText(text);
  const named = [...readable.matchAll(OPERATION)].map(
    ([, method, path]) => `${method} ${templateOf((path ?? '').replace(/[.:]+$/, ''))}`,
  );
  return { text: readable, operations: new Set(named) };
}

function isDescribed(operation: Operation, { text, operations }: Reference): boolean {
  const id = own(operation.value, 'operationId');
  if (typeof id === 'string' && id !== '' && mentions(text, id)) return true;
  return operations.has(`${operation.method.toUpperCase()} ${templateOf(operation.path)}`);
}

/** DC803: no content, or links that lead nowhere. */
export async function checkIntegrationGuide(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'integrationGuide', 'PB-8.03');
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

const NOTHING = /\bnothing\s+(?:\S+\s+){0,4}?chang|\bno\s+(?:\S+\s+){0,4}?changes?\b|\bunchanged\b/i;
const BODY =
  /\b(?:TSC|SCO|ERC|CGB|Technical Steering Committee|Security and Compliance Office|Experience and Reliability Council|Community Governance Board)\b/i;
const FEW_OF_A_CHANGE = 6;

/** DC806: which body must change what, or that nothing does; a heading alone says neither. */
export async function checkGovernanceUpdate(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'governance', 'PB-8.06');
  if (found === null) return '';
  const governance = markdownText(found.text);
  const nothing = governance.sections.some(({ prose }) => NOTHING.test(prose.join(' ')));
  const changes = governance.sections.filter(isChange).length;
  if (!nothing && changes === 0)
    await run.blocks('DC806', {
      file: found.path,
      subject: 'change',
      message: 'It says neither which body must change what nor that nothing changes.',
      why: 'The bodies act on it.',
      remedy: 'Write what changes for TSC, SCO, ERC or CGB, or "Nothing changes".',
    });
  await checkLinks(run, found.path, governance);
  return nothing
    ? 'The governance update says that nothing changes.'
    : `The governance update says in ${changes} places what changes.`;
}

/** A body that is named in the heading or in the text, and something said about it. */
const isChange = ({ heading, prose }: MarkdownSection): boolean =>
  BODY.test(`${heading}\n${prose.join('\n')}`) && wordsOf(prose.join(' ')) >= FEW_OF_A_CHANGE;

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
