import type { CheckResult } from '@kwanus/checks-kit';
import { own } from '@kwanus/checks-kit';
import { declaredIn } from '../manifest/declared.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import { changedSections, hashSections } from '../submission/sections.js';
import type { RunInputs } from './check-run.js';

/** What the risk of a release is computed from. */
export interface RiskFacts {
  readonly breaking: boolean;
  readonly semver: 'major' | 'minor' | 'patch' | 'none';
  /** New, with more actions, or new to the workflows, since the newest live version; all of them for a first release. */
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
  const now = idsIn((await inputs.inspection.manifest()).manifest);
  const then = idsIn(newest === undefined ? null : (await newest.manifest()).manifest);
  const semver = factOf(results, 'contract-diff', 'semver');
  return {
    breaking: factOf(results, 'contract-diff', 'breaking') === true,
    semver: SEMVER.find((step) => step === semver) ?? 'none',
    newPermissions: [
      ...new Set(
        ['permission-boundary', 'workflow-compatibility'].flatMap((check) =>
          textsIn(factOf(results, check, 'newPermissions')),
        ),
      ),
    ],
    newWorkflows: now.workflows.filter((id) => !then.workflows.includes(id)),
    newExtensions: now.extensions.filter((id) => !then.extensions.includes(id)),
    partnerOnly: now.partnerOnly,
    forbiddenNear: results.some(
      ({ check, findings }) => check.startsWith('forbidden-') && findings.length > 0,
    ),
    changedSections:
      newest === undefined
        ? []
        : changedSections(hashSections(newest.submission), hashSections(inputs.submission)),
  };
}

const SEMVER = ['major', 'minor', 'patch'] as const;

interface Ids {
  readonly workflows: readonly string[];
  readonly extensions: readonly string[];
  readonly partnerOnly: boolean;
}

function idsIn(manifest: Manifest | null): Ids {
  if (manifest === null) return { workflows: [], extensions: [], partnerOnly: false };
  const { workflows, extensions } = declaredIn(manifest);
  return {
    workflows: workflows.map(({ id }) => id),
    extensions: extensions.map(({ id }) => id),
    partnerOnly: manifest.partnerOnly === true,
  };
}

const factOf = (results: readonly CheckResult[], check: string, fact: string): unknown =>
  own(results.find((result) => result.check === check)?.facts, fact);

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
