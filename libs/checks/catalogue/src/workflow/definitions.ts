import type { Manifest } from '../manifest/manifest.schema.js';
import { fileRefOf } from '../manifest/named-files.js';
import type { Inspection, ReadDocument } from '../run/inspection.js';
import { readWorkflow, type WorkflowDefinition } from './workflow.js';

type Declared = NonNullable<Manifest['workflows']>[number];

/** A workflow of the manifest together with its definition. */
export interface SubmittedWorkflow {
  readonly declared: Declared;
  readonly index: number;
  readonly path: string;
  readonly document: ReadDocument;
  /** null where the definition can't be read. */
  readonly definition: WorkflowDefinition | null;
}

const known = new WeakMap<Inspection, Promise<readonly SubmittedWorkflow[]>>();

/** @returns the workflows of the submission, each definition read once */
export function submittedWorkflows(
  inspection: Inspection,
  manifest: Manifest,
): Promise<readonly SubmittedWorkflow[]> {
  const earlier = known.get(inspection);
  if (earlier !== undefined) return earlier;
  const work = Promise.all(
    (manifest.workflows ?? []).map(async (declared, index) => {
      const path = fileRefOf(declared.definition, '')?.path ?? '';
      const document = await inspection.document(path);
      const definition = document?.ok === true ? readWorkflow(document.value) : null;
      return { declared, index, path, document, definition };
    }),
  );
  known.set(inspection, work);
  return work;
}
