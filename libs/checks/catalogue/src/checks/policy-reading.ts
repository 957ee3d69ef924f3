import { pointerOf } from '@kwanus/checks-kit';
import {
  analysePolicies,
  grantOf,
  misfits,
  type PartnerPolicy,
  type PermissionWords,
  type PolicyAnalysis,
  readPolicies,
  vocabularyOf,
} from '@kwanus/checks-permissions';
import { fileRefOf } from '../manifest/named-files.js';
import type { CheckRun, RunInputs } from '../run/check-run.js';

/** A policy of the submission that nothing can be said of. */
export interface UnusablePolicy {
  readonly ruleId: 'PM211' | 'PM212';
  readonly permission: string;
  readonly path: string;
  /** Of the manifest. */
  readonly pointer: string;
  readonly why: string;
}

/** The policies of a submission, and what is known of them. */
export interface ReadPolicies {
  readonly count: number;
  readonly unusable: readonly UnusablePolicy[];
  /** null while one of them is unusable: they are judged together, or not at all. */
  readonly analysis: PolicyAnalysis | null;
}

const readings = new WeakMap<RunInputs, Promise<ReadPolicies>>();

/** @returns the policies, read and analysed once for all checks of a run */
export function policiesIn(run: CheckRun): Promise<ReadPolicies> {
  const known = readings.get(run.inputs);
  if (known !== undefined) return known;
  const reading = read(run);
  readings.set(run.inputs, reading);
  return reading;
}

async function read(run: CheckRun): Promise<ReadPolicies> {
  const unusable: UnusablePolicy[] = [];
  const policies: PartnerPolicy[] = [];
  for (const [index, { id: permission, policy }] of run.declared.permissions.entries()) {
    const pointer = pointerOf('permissions', index, 'policy');
    const path = fileRefOf(policy, pointer)?.path;
    if (path === undefined) continue;
    const text = await run.inspection.text(path);
    const found =
      text === null ? { refused: 'is not there, or not text' } : readPolicies(text, { path, permission });
    if ('refused' in found) unusable.push({ ruleId: 'PM211', permission, path, pointer, why: found.refused });
    else policies.push(...found);
  }
  if (policies.length === 0) return { count: unusable.length, unusable, analysis: null };
  return { count: policies.length, ...(await judged(run, policies, unusable)) };
}

async function judged(
  run: CheckRun,
  policies: readonly PartnerPolicy[],
  unusable: UnusablePolicy[],
): Promise<Omit<ReadPolicies, 'count'>> {
  const grants = run.declared.permissions.map(grantOf);
  const vocabulary = vocabularyOf([
    ...run.context.registry.permissions,
    ...grants,
  ] as readonly PermissionWords[]);
  for (const { id, why } of misfits(policies, vocabulary)) {
    const policy = policies.find((each) => each.id === id);
    const index = run.declared.permissions.findIndex((each) => each.id === policy?.permission);
    unusable.push({
      ruleId: 'PM212',
      permission: policy?.permission ?? '',
      path: policy?.path ?? '',
      pointer: pointerOf('permissions', index, 'policy'),
      why,
    });
  }
  if (unusable.length > 0) return { unusable, analysis: null };
  const { partner, name } = run.manifest.metadata;
  const integrationId = `${partner}.${name}`;
  return { unusable, analysis: await analysePolicies({ integrationId, policies, grants, vocabulary }) };
}
