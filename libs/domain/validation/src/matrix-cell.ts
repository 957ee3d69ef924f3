import { isLetThrough } from './let-through.js';
import type { CompatibilityMatrix, MatrixCell, NotedRun } from './matrix.js';

export const CELL_STATES = [
  'compatible',
  'compatible-with-fallback',
  'incompatible',
  'waived',
  'unknown',
  'not-applicable',
  'stale',
] as const;
export type CellState = (typeof CELL_STATES)[number];

/** A version of the platform in an environment. */
export type Column = Pick<MatrixCell, 'platformVersion' | 'environment'>;

/** The check that holds a release against versions of the platform. */
export const PLATFORM_CHECK = 'platform-compatibility';

/** @returns the checks that did not pass and are not let through */
export function openChecks(run: NotedRun, { waived, waivers }: CompatibilityMatrix): readonly string[] {
  const ground = { granted: waived[run.release] ?? {}, waivers: waivers[run.release] ?? [] };
  return run.notPassed.filter((check) => !isLetThrough(check, run.blocking ?? {}, ground));
}

/** @param open checks that did not pass and are not let through */
export function cellOf(
  run: NotedRun | undefined,
  { platformVersion, environment }: Column,
  open: readonly string[],
): MatrixCell {
  const column = run?.platform.find(({ version }) => version === platformVersion);
  const cell = (state: CellState, reason: string): MatrixCell => ({
    platformVersion,
    environment,
    state,
    reason,
    runId: run?.runId ?? null,
  });
  if (run === undefined || column === undefined)
    return {
      ...cell('unknown', `Not judged against ${platformVersion}: run validation ${PLATFORM_CHECK}.`),
      runId: null,
    };
  if (!column.fits)
    return cell('incompatible', `${platformVersion} is outside the range that the manifest declares.`);
  if (open.length > 0) return notLetThrough(run, open, cell);
  if (run.outcome !== 'passed')
    return cell('waived', `Not passed, let through by waivers: ${run.notPassed.join(', ')}.`);
  return run.breaking
    ? cell(
        'compatible-with-fallback',
        'Every check passed; clients of the last version need the migration guide or the fallback.',
      )
    : cell('compatible', 'Every check passed.');
}

function notLetThrough(
  run: NotedRun,
  open: readonly string[],
  cell: (state: CellState, reason: string) => MatrixCell,
): MatrixCell {
  const failed =
    run.failed === undefined ? run.outcome === 'failed' : open.some((check) => run.failed?.includes(check));
  return failed
    ? cell('incompatible', `Failed or not judged, and not waived: ${open.join(', ')}.`)
    : cell('unknown', `Not judged, and not waived: run validation ${open.join(', ')}.`);
}

/** What stands between an integration and a rollout to a platform version. */
export interface RolloutAnswer {
  readonly allowed: boolean;
  readonly state: CellState;
  readonly reason: string;
  /** The manifest does not declare the version: nobody is meant to roll out there. */
  readonly outside: boolean;
}

/** @returns whether the release may be rolled out beside the platform version; unknown blocks and says what to run */
export function canRollOut(
  matrix: CompatibilityMatrix,
  release: string,
  { platformVersion, environment }: Column,
): RolloutAnswer {
  const run = matrix.runs[release];
  const row = matrix.rows[release];
  if (Object.keys(matrix.runs).length === 0 && row === undefined) return notIntegrated(platformVersion);
  const isHere = (cell: MatrixCell): boolean => cell.environment === environment;
  const cell =
    row?.find((entry) => entry.platformVersion === platformVersion && isHere(entry)) ??
    (row === undefined || row.some(isHere)
      ? cellOf(run, { platformVersion, environment }, run === undefined ? [] : openChecks(run, matrix))
      : elsewhere(row, { platformVersion, environment }));
  const allowed = ['compatible', 'compatible-with-fallback', 'waived'].includes(cell.state);
  const outside = run?.platform.some(({ version, fits }) => version === platformVersion && !fits) === true;
  return { allowed, state: cell.state, reason: `${cell.state}: ${cell.reason}`, outside };
}

/** Nothing of the integration was ever judged: said as such, and no less a refusal. */
const notIntegrated = (platformVersion: string): RolloutAnswer => ({
  allowed: false,
  state: 'unknown',
  reason: `unknown: not integrated, no release was ever judged: run validation ${PLATFORM_CHECK} against ${platformVersion}.`,
  outside: false,
});

const elsewhere = (row: readonly MatrixCell[], column: Column): MatrixCell => ({
  ...column,
  state: 'unknown',
  reason: `Judged in ${[...new Set(row.map(({ environment }) => environment))].join(', ')} only: run validation ${PLATFORM_CHECK} in ${column.environment}.`,
  runId: null,
});

/**
 * @returns what is known after the run: one that performed only some checks leaves standing what an earlier one found by the others, so
 * that nothing passes by not being looked at
 */
export function afterRun(before: NotedRun | undefined, run: NotedRun): NotedRun {
  const { performed } = run;
  if (before === undefined || performed === undefined) return run;
  const stands = (check: string): boolean => !performed.includes(check);
  const kept = before.notPassed.filter(stands);
  const failed = [...(run.failed ?? []), ...(before.failed ?? before.notPassed).filter(stands)];
  const notPassed = [...run.notPassed, ...kept];
  return {
    ...run,
    notPassed,
    failed: failed.filter((check) => notPassed.includes(check)),
    blocking: {
      ...Object.fromEntries(Object.entries(before.blocking ?? {}).filter(([check]) => stands(check))),
      ...run.blocking,
    },
    outcome: outcomeOf(run, kept, failed),
    breaking: stands('contract-diff') ? before.breaking : run.breaking,
    platform: stands(PLATFORM_CHECK) ? before.platform : run.platform,
  };
}

function outcomeOf(
  { outcome }: NotedRun,
  kept: readonly string[],
  failed: readonly string[],
): NotedRun['outcome'] {
  if (kept.length === 0) return outcome;
  return failed.length > 0 ? 'failed' : 'inconclusive';
}
