import { createHash } from 'node:crypto';
import { CATALOGUE, evidenceTaskOf, RULESET, type Verdict, verdictBytes } from '@kwanus/checks-catalogue';
import type { NotedRun, RunRequest, RunVerdict, ValidationRun } from '@kwanus/domain-validation';
import type { JsonObject } from '@kwanus/kernel';
import { checkSummary, roomPerCheck } from './findings.js';

/** @returns what the run performs: the checks that the request names, else the whole catalogue */
export const checksOf = ({ purpose, task, checks }: RunRequest): readonly string[] =>
  purpose === 'preparation'
    ? [`preparation-${evidenceTaskOf(task ?? '') ?? task ?? ''}`]
    : (checks ?? CATALOGUE.map(({ id }) => id));

const kindOf = (check: string): string => CATALOGUE.find(({ id }) => id === check)?.kind ?? 'compatibility';

const verdictOf = (verdict: Verdict, room: number): RunVerdict => ({
  outcome: verdict.outcome,
  checks: verdict.results.map((result) => checkSummary(result, kindOf(result.check), room)),
  facts: verdict.facts as unknown as JsonObject,
  inputs: verdict.inputs,
  ruleset: verdict.ruleset,
  registryVersion: verdict.registryVersion,
  verdictDigest: createHash('sha256').update(verdictBytes(verdict)).digest('hex'),
});

function platformOf({ results }: Verdict): NotedRun['platform'] {
  const platform = results.find(({ check }) => check === 'platform-compatibility')?.facts['platform'];
  return Array.isArray(platform) ? (platform as NotedRun['platform']) : [];
}

/** @returns what did not pass, and by which fingerprints: as the verdict lists them, so that waivers are held against the same */
function openOf({ results }: Verdict, room: number): Pick<NotedRun, 'notPassed' | 'failed' | 'blocking'> {
  const open = results.filter(({ outcome }) => outcome !== 'passed');
  return {
    notPassed: open.map(({ check }) => check),
    failed: open.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check),
    blocking: Object.fromEntries(
      open.map((result) => [
        result.check,
        (checkSummary(result, '', room)['blocking'] as readonly JsonObject[]).map(
          ({ fingerprint }) => fingerprint as string,
        ),
      ]),
    ),
  };
}

/** The verdict of a release as it is recorded, and what the matrix notes of it. */
export interface JudgedRelease {
  readonly verdict: RunVerdict;
  readonly noted: NotedRun;
}

/** @param performed the checks of the run, as it was pinned */
export function judgedRelease(
  { release, runId }: RunRequest,
  performed: readonly string[],
  verdict: Verdict,
): JudgedRelease {
  const room = roomPerCheck(verdict.results);
  return {
    verdict: verdictOf(verdict, room),
    noted: {
      release,
      runId,
      outcome: verdict.outcome,
      breaking: verdict.facts.breaking,
      platform: platformOf(verdict),
      ...openOf(verdict, room),
      performed,
    },
  };
}

export const NO_FACTS = {
  breaking: false,
  semver: 'none',
  newPermissions: [],
  newWorkflows: [],
  newExtensions: [],
  partnerOnly: false,
  forbiddenNear: false,
  changedSections: [],
};

export const inputsOf = ({ submission }: RunRequest): Readonly<Record<string, string>> => ({
  submission: createHash('sha256')
    .update(JSON.stringify(submission.files.map(({ path, digest }) => [path, digest])))
    .digest('hex'),
});

/** @returns the verdict of a run that was given up. No check of it passes: what changed is unknown, so nothing may rest on it. */
export function abandoned(state: ValidationRun, error: unknown): RunVerdict {
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const finished = new Map(state.checks.map((check) => [check.check, check]));
  const checks = (state.pins?.checks ?? []).map((check): JsonObject => {
    const done = finished.get(check);
    const summary = `The run could not be carried out: ${why}`;
    return {
      check,
      kind: done?.kind ?? kindOf(check),
      outcome: done?.outcome === 'failed' ? 'failed' : 'inconclusive',
      summary: summary.slice(0, 500),
      blocking: [],
      warnings: 0,
    };
  });
  return {
    outcome: 'inconclusive',
    checks,
    facts: NO_FACTS,
    inputs: {},
    ruleset: state.pins?.ruleset ?? RULESET,
    registryVersion: state.pins?.registryVersion ?? 0,
    verdictDigest: null,
  };
}
