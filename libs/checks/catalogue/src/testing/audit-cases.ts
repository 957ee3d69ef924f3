import type { CheckContext } from '@kwanus/checks-kit';
import { type Edits, type Loose, yamlEdit } from './edited-submission.js';

/** A submission, what it is compared with, and what is known beside. */
export interface Case {
  readonly is?: Edits;
  /** Live versions, newest first. */
  readonly was?: readonly Edits[];
  /** As what it is submitted, where that is not what its manifest says. */
  readonly as?: { readonly integrationId?: string; readonly release?: string };
  readonly more?: Partial<CheckContext>;
}

/** How a rule is shown to hold: it fires, it stays silent, and both within one step of its boundary. */
export interface Audit {
  readonly fires: Case;
  readonly silent: Case;
  readonly boundary: { readonly fires: Case; readonly silent: Case };
}

const NOTHING = (): void => undefined;

/** @returns a case that edits the manifest, and the workflow where a second edit is given */
export const told = (manifest: (m: Loose) => void, workflow: (w: Loose) => void = NOTHING): Case => ({
  is: {
    'kwanus.yaml': yamlEdit(manifest),
    'workflows/register-parcel.yaml': yamlEdit(workflow),
  },
});

/** @returns a case that edits the workflow */
export const flow = (workflow: (w: Loose) => void): Case => told(NOTHING, workflow);

/** @returns a case that edits the contract */
export const api = (contract: (c: Loose) => void): Case => ({
  is: { 'api/parcels.yaml': yamlEdit(contract) },
});

/** @returns a case of one file */
export const file = (path: string, text: string | Uint8Array | null): Case => ({ is: { [path]: text } });

/** @returns the case against a live version, which the minimal submission is unless another is named */
export const since = (is: Case, ...was: readonly Case[]): Case => ({
  ...is,
  was: was.length === 0 ? [{}] : was.map((one) => one.is ?? {}),
});

/** @returns the case with something else known beside it */
export const knowing = (more: Partial<CheckContext>, is: Case = {}): Case => ({ ...is, more });

/** @returns the row of a rule */
export const row = (fires: Case, silent: Case, boundary: readonly [fires: Case, silent: Case]): Audit => ({
  fires,
  silent,
  boundary: { fires: boundary[0], silent: boundary[1] },
});
