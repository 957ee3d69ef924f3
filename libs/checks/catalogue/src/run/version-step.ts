import semver from 'semver';

/** How far a version is from another, from nothing to what may break clients. */
export const STEPS = ['none', 'patch', 'minor', 'major'] as const;
export type VersionStep = (typeof STEPS)[number];

/** @returns whether the step is as wide as is needed */
export const suffices = (step: VersionStep, needed: VersionStep): boolean =>
  STEPS.indexOf(step) >= STEPS.indexOf(needed);

/** @returns the step between two versions; before 1.0.0 the second number is the one that breaks */
export function stepBetween(from: string, to: string): VersionStep {
  const kind = semver.diff(from, to)?.replace('pre', '') ?? 'none';
  const step =
    kind === 'major' || kind === 'minor' || kind === 'patch' ? kind : kind === 'none' ? 'none' : 'patch';
  return from.startsWith('0.') && step === 'minor' ? 'major' : step;
}

/** @returns the next version that is the step that is needed */
export const nextVersion = (from: string, needed: Exclude<VersionStep, 'none'>): string =>
  semver.inc(from, needed === 'major' && from.startsWith('0.') ? 'minor' : needed) ?? needed;
