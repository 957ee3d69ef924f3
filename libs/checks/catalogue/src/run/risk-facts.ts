import type { CheckResult } from '@kwanus/checks-kit';
import { own } from '@kwanus/checks-kit';
import { changedSections, hashSections } from '../submission/sections.js';
import type { RunInputs } from './check-run.js';

/** What the risk of a release is computed from. */
export interface RiskFacts {
  readonly breaking: boolean;
  readonly semver: 'major' | 'minor' | 'patch' | 'none';
  /** New, or with more actions, since the newest live version; all of them for a first release. */
  readonly newPermissions: readonly string[];
  readonly newWorkflows: readonly string[];
  readonly newExtensions: readonly string[];
  readonly partnerOnly: boolean;
  /** Something close to what is forbidden was seen: warnings of the three checks. */
  readonly forbiddenNear: boolean;
  /** Since the newest live version: `manifest:permissions`, `document:lifecycle`, `contract` …; empty for a first release. */
  readonly changedSections: readonly string[];
}

/** @returns the facts, from the results and from the submissions themselves */
export async function riskFacts(inputs: RunInputs, results: readonly CheckResult[]): Promise<RiskFacts> {
  const [newest] = inputs.bases;
  const { manifest } = await inputs.inspection.manifest();
  const before = newest === undefined ? null : (await newest.manifest()).manifest;
  const fresh = (
    now: readonly { readonly id: string }[] | undefined,
    then: readonly { readonly id: string }[] | undefined,
  ): readonly string[] =>
    (now ?? []).map(({ id }) => id).filter((id) => !(then ?? []).some((entry) => entry.id === id));
  const semver = factOf(results, 'contract-diff', 'semver');
  return {
    breaking: factOf(results, 'contract-diff', 'breaking') === true,
    semver: semver === 'major' || semver === 'minor' || semver === 'patch' ? semver : 'none',
    newPermissions: textsIn(factOf(results, 'permission-boundary', 'newPermissions')),
    newWorkflows: fresh(manifest?.workflows, before?.workflows),
    newExtensions: fresh(manifest?.extensions, before?.extensions),
    partnerOnly: manifest?.partnerOnly === true,
    forbiddenNear: results.some(
      ({ check, findings }) => check.startsWith('forbidden-') && findings.length > 0,
    ),
    changedSections:
      newest === undefined
        ? []
        : changedSections(hashSections(newest.submission), hashSections(inputs.submission)),
  };
}

const factOf = (results: readonly CheckResult[], check: string, fact: string): unknown =>
  own(results.find((result) => result.check === check)?.facts, fact);

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
