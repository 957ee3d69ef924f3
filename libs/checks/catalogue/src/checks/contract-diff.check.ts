import type { ContractFinding } from '@kwanus/checks-contract-diff';
import type { Severity } from '@kwanus/checks-kit';
import semver from 'semver';
import { memberFix, versionFix } from '../fixes/fixes.js';
import type { CheckRun } from '../run/check-run.js';
import { nextVersion, STEPS, stepBetween, suffices, type VersionStep } from '../run/version-step.js';
import { type ContractChange, contractChanges } from './contract-changes.js';

const SEVERITIES: Readonly<Record<ContractFinding['level'], Severity>> = {
  error: 'warns',
  warning: 'warns',
  info: 'informs',
};

/**
 * Lists every change. A breaking one does not block here: it is allowed with the right version (SV402) and a guide that names it (FD403),
 * and these two checks block.
 */
export async function checkContractDiff(run: CheckRun): Promise<string> {
  const found = await contractChanges(run.inputs);
  if (!found.known) {
    run.inconclusive(found.because);
    return found.because;
  }
  for (const change of found.changes)
    for (const finding of change.diff.findings) await report(run, change, finding);
  const breaking = found.changes.some(({ diff }) => diff.breaking);
  const step = widest(found.changes.map(({ diff }) => diff.semver));
  run.facts['breaking'] = breaking;
  run.facts['semver'] = run.inputs.bases.length === 0 ? 'none' : step;
  if (run.inputs.bases.length === 0) return 'This is the first release; there is nothing to compare with.';
  const count = found.changes.reduce((sum, { diff }) => sum + diff.findings.length, 0);
  const broken = found.changes.reduce(
    (sum, { diff }) => sum + diff.findings.filter(({ level }) => level === 'error').length,
    0,
  );
  return `${count} changes against ${run.inputs.bases.map(({ submission }) => submission.release).join(', ')}; ${broken} break clients.`;
}

async function report(
  run: CheckRun,
  { contract, path, from }: ContractChange,
  found: ContractFinding,
): Promise<void> {
  const breaking = found.level === 'error';
  const place = found.operation === '' ? contract : found.operation;
  await run.add(SEVERITIES[found.level], found.id, {
    file: path,
    pointer: found.pointer,
    subject: `${from} ${found.operation} ${found.subject}`,
    message: `${place}: ${found.text} (since ${from}).`,
    why: breaking
      ? `A client that was written for ${from} can notice it and break.`
      : found.level === 'warning'
        ? 'Some clients may notice it.'
        : 'No client that kept to the old contract can break by it.',
    remedy: breaking
      ? 'Take it back, or raise the major version and name the operation in the migration guide.'
      : 'Nothing has to be done.',
    facts: { operation: found.operation, breaking, contract, from, side: found.side },
  });
}

const widest = (steps: readonly VersionStep[]): VersionStep =>
  steps.reduce<VersionStep>(
    (one, other) => (STEPS.indexOf(other) > STEPS.indexOf(one) ? other : one),
    'patch',
  );

const WHY = 'Whoever depends on the integration reads from the version what an update can do to them.';

/** SV401 the version must be newer than every live one, SV402 its step must fit the changes, SV403 what it supersedes must be live. */
export async function checkSemanticVersion(run: CheckRun): Promise<string> {
  const { version } = run.manifest.metadata;
  const releases = run.inputs.bases.map(({ submission }) => submission.release);
  await checkNewer(run, releases);
  await checkSupersedes(run, releases);
  const found = await contractChanges(run.inputs);
  if (!found.known) {
    run.inconclusive(found.because);
    return found.because;
  }
  for (const change of found.changes) await checkStep(run, change, version);
  return releases.length === 0
    ? `${version} is the first release.`
    : `${version} is an honest step from ${releases.join(', ')}.`;
}

const newestOf = (releases: readonly string[]): string =>
  semver.rsort(releases.filter((release) => semver.valid(release) !== null))[0] ?? '0.0.0';

async function checkNewer(run: CheckRun, releases: readonly string[]): Promise<void> {
  const { version } = run.manifest.metadata;
  for (const release of releases)
    if (semver.valid(release) !== null && !semver.gt(version, release))
      await run.blocks('SV401', {
        pointer: '/metadata/version',
        subject: release,
        message: `${version} is not newer than ${release}, which is live.`,
        why: WHY,
        remedy: `Choose a version above ${release}.`,
        fix: versionFix(run, nextVersion(newestOf(releases), 'patch')),
      });
}

async function checkSupersedes(run: CheckRun, releases: readonly string[]): Promise<void> {
  const { supersedes } = run.manifest.metadata;
  if (supersedes === undefined || releases.length === 0 || releases.includes(supersedes)) return;
  await run.warns('SV403', {
    pointer: '/metadata/supersedes',
    subject: supersedes,
    message: `${supersedes} is not live: ${releases.join(', ')} ${releases.length === 1 ? 'is' : 'are'}.`,
    why: 'What is superseded is rolled back to when the new release fails.',
    remedy: 'Name a live version.',
    fix: memberFix(run, '/metadata', ['supersedes', newestOf(releases)]),
  });
}

async function checkStep(
  run: CheckRun,
  { contract, from, diff }: ContractChange,
  version: string,
): Promise<void> {
  const needed = diff.semver;
  const step = stepBetween(from, version);
  if (needed === 'patch' || suffices(step, needed)) return;
  await run.blocks('SV402', {
    pointer: '/metadata/version',
    subject: `${contract} ${from}`,
    message: `${contract} changed since ${from} in a way that needs a ${needed} version; ${version} is a ${step} step.`,
    why: WHY,
    remedy: `Raise metadata.version to ${nextVersion(from, needed)} or above.`,
    facts: { needed, step, from, breaking: diff.breaking },
    fix: versionFix(run, nextVersion(from, needed)),
  });
}
