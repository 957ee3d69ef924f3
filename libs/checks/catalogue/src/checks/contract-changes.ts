import {
  type ContractDiff,
  type ContractFinding,
  ContractTooComplex,
  diffContracts,
} from '@kwanus/checks-contract-diff';
import type { JsonObject } from '@kwanus/kernel';
import type { RunInputs } from '../run/check-run.js';
import type { ProvidedContract } from '../run/inspection.js';
import { eventChanges } from './event-changes.js';

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

/** @returns the changes of every provided contract and published event against every live version; worked out once per run */
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
    const { release } = base.submission;
    const { manifest } = await base.manifest();
    if (manifest === null) return unknown(`The manifest of ${release} can’t be read any more.`);
    const current = (await inputs.inspection.manifest()).manifest;
    for (const change of [
      ...sinceOne(inputs, [await base.contracts(), now], release),
      ...(await eventChanges(inputs, base, [manifest, current])),
    ]) {
      if (typeof change === 'string') return unknown(change);
      changes.push(change);
    }
  }
  return { known: true, changes };
}

/** @returns what became of each contract of a live version, and what came in addition; a text where nobody can tell */
const sinceOne = (
  inputs: RunInputs,
  [before, now]: readonly [readonly ProvidedContract[], readonly ProvidedContract[]],
  from: string,
): readonly (ContractChange | string)[] => [
  ...before.map((contract) =>
    contract.root === null
      ? `The contract ${contract.id} of ${from} can’t be read any more.`
      : compareOne(
          inputs,
          contract,
          now.find(({ id }) => id === contract.id),
          from,
        ),
  ),
  ...now
    .filter(({ id }) => !before.some((contract) => contract.id === id))
    .map((contract) => whollyNew(contract, from)),
];

const unknown = (because: string): ContractChanges => ({ known: false, because });

function compareOne(
  { context }: RunInputs,
  before: ProvidedContract,
  after: ProvidedContract | undefined,
  from: string,
): ContractChange | string {
  if (after?.root === null) return `The contract ${after.id} can’t be read.`;
  const revision = after?.root ?? emptied(before);
  try {
    const { profile, asOf } = context;
    const diff = diffContracts(before.root ?? {}, revision, { profile, asOf });
    return after === undefined
      ? { contract: before.id, path: before.path, from, diff }
      : { contract: before.id, path: after.path, from, diff: withBasePath(diff, before, after) };
  } catch (error) {
    if (error instanceof ContractTooComplex) return `${before.id}: ${error.message}`;
    throw error;
  }
}

/** What is left when nothing is provided any more: neither operations nor webhooks. */
const emptied = ({ root }: ProvidedContract): JsonObject => ({ ...root, paths: {}, webhooks: {} });

/** An API that the base had not is an addition to it, whatever it holds. */
function whollyNew({ id, path, root }: ProvidedContract, from: string): ContractChange | string {
  if (root === null) return `The contract ${id} can’t be read.`;
  const finding: ContractFinding = {
    id: 'api-added',
    level: 'info',
    operation: '',
    pointer: '',
    side: 'revision',
    subject: id,
    text: `the API ${id} is new`,
  };
  return { contract: id, path, from, diff: { breaking: false, findings: [finding], semver: 'minor' } };
}

const trimmed = (basePath: string | null): string | null => basePath?.replace(/(?<=.)\/+$/, '') ?? null;

/** Where the manifest says under which path it is served, another one is another address. */
function withBasePath(diff: ContractDiff, before: ProvidedContract, after: ProvidedContract): ContractDiff {
  const [was, is] = [trimmed(before.basePath), trimmed(after.basePath)];
  if (was === is) return diff;
  const breaks = was !== null && is !== null;
  const shown = (path: string | null): string => path ?? 'the servers of the contract';
  const finding: ContractFinding = {
    id: 'api-base-path-changed',
    level: breaks ? 'error' : 'warning',
    operation: '',
    pointer: '',
    side: 'revision',
    subject: `${shown(was)} ${shown(is)}`,
    text: `it was served under ${shown(was)} and is now under ${shown(is)}`,
  };
  const grown = diff.semver === 'patch' ? 'minor' : diff.semver;
  return {
    breaking: diff.breaking || breaks,
    findings: [...diff.findings, finding],
    semver: breaks ? 'major' : grown,
  };
}
