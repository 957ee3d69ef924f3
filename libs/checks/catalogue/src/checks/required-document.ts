import { own, ownObject, pointerOf } from '@kwanus/checks-kit';
import { fileRefOf } from '../manifest/named-files.js';
import type { CheckRun } from '../run/check-run.js';

type DocId = 'apiReference' | 'workflow' | 'integrationGuide' | 'lifecycle' | 'governance';

/** @returns path and text of a document that must be there; the finding is made here when it is not */
export async function requiredDocument(
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
