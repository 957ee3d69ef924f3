import { Contract, nameOf, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import type { CheckRun } from '../run/check-run.js';
import { checkSamples } from './samples.js';

const WHY = 'What has no schema can be neither validated nor compared.';
const NO_BODY = new Set(['204', '205', '304', '1XX', '3XX', '301', '302', '303', '307', '308']);

/** VS201 response without content informs, VS202 JSON without a schema blocks, VS203 another media type without one warns; then the samples. */
export async function checkValidationSchemas(run: CheckRun): Promise<string> {
  let bodies = 0;
  for (const { root, path } of await run.inspection.contracts()) {
    if (root === null) continue;
    const contract = new Contract(root);
    for (const operation of operationsOf(contract).values())
      bodies += await checkOperation(run, contract, operation, path);
  }
  const samples = await checkSamples(run);
  return `${bodies} bodies were looked at; every JSON body has a schema. ${samples} samples were held against theirs.`;
}

async function checkOperation(
  run: CheckRun,
  contract: Contract,
  operation: Operation,
  file: string,
): Promise<number> {
  let bodies = 0;
  const body = own(operation.value, 'requestBody');
  if (body !== undefined) {
    const { value, pointer } = contract.resolve(body, `${operation.pointer}/requestBody`);
    bodies += await checkContent(run, value, { file, pointer, what: `${nameOf(operation)}, request` });
  }
  for (const [status, raw] of Object.entries(ownObject(operation.value, 'responses'))) {
    const { value, pointer } = contract.resolve(raw, operation.pointer + pointerOf('responses', status));
    const what = `${nameOf(operation)}, response ${status}`;
    if (Object.keys(ownObject(value, 'content')).length > 0)
      bodies += await checkContent(run, value, { file, pointer, what });
    else if (!NO_BODY.has(status.toUpperCase()) && operation.method !== 'head')
      await run.informs('VS201', {
        file,
        pointer,
        subject: what,
        message: `${what}: nothing is said about its body.`,
        why: WHY,
        remedy: 'Describe the body under `content`, or answer with 204.',
      });
  }
  return bodies;
}

async function checkContent(
  run: CheckRun,
  holder: JsonObject,
  { file, pointer, what }: { readonly file: string; readonly pointer: string; readonly what: string },
): Promise<number> {
  const content = Object.entries(ownObject(holder, 'content'));
  for (const [type, media] of content) {
    if (own(media, 'schema') !== undefined) continue;
    const json = /^[^;]*[/+]json\s*(?:;|$)/i.test(type);
    await run.add(json ? 'blocks' : 'warns', json ? 'VS202' : 'VS203', {
      file,
      pointer: pointer + pointerOf('content', type),
      subject: `${what} ${type}`,
      message: `${what}: ${type} has no schema.`,
      why: WHY,
      remedy: 'Add `schema`.',
    });
  }
  return content.length;
}
