import { type ContractDiff, ContractTooComplex, diffContracts } from '@kwanus/checks-contract-diff';
import type { RunInputs } from '../run/check-run.js';
import type { ProvidedContract } from '../run/inspection.js';

/** What became of one contract since one live version. */
export interface ContractChange {
  readonly contract: string;
  /** Path of the contract in the submission; of the base where it is no longer provided. */
  readonly path: string;
  readonly from: string;
  readonly diff: ContractDiff;
}

/** All changes against all live versions, or why they can't be told. */
export type ContractChanges =
  | { readonly known: true; readonly changes: readonly ContractChange[] }
  | { readonly known: false; readonly because: string };

const known = new WeakMap<RunInputs, Promise<ContractChanges>>();

/** @returns the changes of every provided contract against every live version; worked out once per run */
export function contractChanges(inputs: RunInputs): Promise<ContractChanges> {
  const earlier = known.get(inputs);
  if (earlier !== undefined) return earlier;
  const work = compareAll(inputs);
  known.set(inputs, work);
  return work;
}

async function compareAll(inputs: RunInputs): Promise<ContractChanges> {
  const now = await inputs.inspection.contracts();
  const changes: ContractChange[] = [];
  for (const base of inputs.bases) {
    const from = base.submission.release;
    if ((await base.manifest()).manifest === null)
      return unknown(`The manifest of ${from} can’t be read any more.`);
    for (const before of await base.contracts()) {
      if (before.root === null)
        return unknown(`The contract ${before.id} of ${from} can’t be read any more.`);
      const after = now.find(({ id }) => id === before.id);
      if (after !== undefined && after.root === null)
        return unknown(`The contract ${after.id} can’t be read.`);
      const change = compareOne(inputs, before, after, from);
      if (typeof change === 'string') return unknown(change);
      changes.push(change);
    }
  }
  return { known: true, changes };
}

const unknown = (because: string): ContractChanges => ({ known: false, because });

function compareOne(
  { context }: RunInputs,
  before: ProvidedContract,
  after: ProvidedContract | undefined,
  from: string,
): ContractChange | string {
  try {
    const gone = { ...before.root, paths: {} };
    const diff = diffContracts(before.root ?? {}, after === undefined ? gone : (after.root ?? {}), {
      profile: context.profile,
      asOf: context.asOf,
    });
    return { contract: before.id, path: after?.path ?? before.path, from, diff };
  } catch (error) {
    if (error instanceof ContractTooComplex) return `${before.id}: ${error.message}`;
    throw error;
  }
}
