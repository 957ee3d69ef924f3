import { Contract, nameOf, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, pointerOf } from '@kwanus/checks-kit';
import { fileRefOf } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';
import { markdownText } from '../run/compare-text.js';
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
  let operations = 0;
  for (const { root, path } of contracts)
    for (const operation of root === null ? [] : operationsOf(new Contract(root)).values()) {
      operations += 1;
      if (isDescribed(operation, found.text)) continue;
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

function isDescribed(operation: Operation, text: string): boolean {
  const id = own(operation.value, 'operationId');
  return (typeof id === 'string' && mentions(text, id)) || text.includes(nameOf(operation));
}

const mentions = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + word.length] ?? ' ')) return true;
  return false;
};

/** DC802: a workflow, or what it falls back to, that the documentation does not speak of. */
export async function checkWorkflowDocumentation(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'workflow', 'PB-8.02');
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

/** DC806: what governance must change, or that nothing does. */
export async function checkGovernanceUpdate(run: CheckRun): Promise<string> {
  const found = await requiredDocument(run, 'governance', 'PB-8.06');
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
