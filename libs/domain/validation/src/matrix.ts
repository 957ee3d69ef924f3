import type { Decider } from '@kwanus/kernel';
import type { RunOutcome } from './run.js';

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

/** Integration@release against one version of the platform, in one environment. */
export interface MatrixCell {
  readonly platformVersion: string;
  readonly environment: string;
  readonly state: CellState;
  readonly reason: string;
  readonly runId: string | null;
}

/** What a finished run of a whole release says for the matrix. */
export interface NotedRun {
  readonly release: string;
  readonly runId: string;
  readonly outcome: RunOutcome;
  readonly breaking: boolean;
  readonly platform: readonly { readonly version: string; readonly fits: boolean }[];
  /** What did not pass, for the reason. */
  readonly notPassed: readonly string[];
}

export type MatrixCommand =
  | { readonly type: 'NoteRun'; readonly integrationId: string; readonly run: NotedRun }
  | {
      readonly type: 'UpdateMatrix';
      readonly integrationId: string;
      readonly release: string;
      readonly environment: string;
      /** Versions of the platform in service: columns without a run are unknown. */
      readonly platformVersions: readonly string[];
    }
  | { readonly type: 'RetireRows'; readonly integrationId: string; readonly reason: string };

export type MatrixEvent =
  | ({ readonly type: 'RunNoted'; readonly integrationId: string } & NotedRun)
  | {
      readonly type: 'MatrixUpdated';
      readonly integrationId: string;
      readonly release: string;
      readonly cells: readonly MatrixCell[];
    };

/** The rows of one integration. */
export interface CompatibilityMatrix {
  /** The last run of each release. */
  readonly runs: Readonly<Record<string, NotedRun>>;
  readonly rows: Readonly<Record<string, readonly MatrixCell[]>>;
}

function cellOf(run: NotedRun | undefined, platformVersion: string, environment: string): MatrixCell {
  const column = run?.platform.find(({ version }) => version === platformVersion);
  const cell = (state: CellState, reason: string): MatrixCell => ({
    platformVersion,
    environment,
    state,
    reason,
    runId: run?.runId ?? null,
  });
  if (run === undefined || column === undefined)
    return cell('unknown', `No validation run has judged it against ${platformVersion}: run one.`);
  if (!column.fits)
    return cell('incompatible', `${platformVersion} is outside the range that the manifest declares.`);
  if (run.outcome !== 'passed')
    return cell('waived', `Let through by waivers for: ${run.notPassed.join(', ')}.`);
  return run.breaking
    ? cell(
        'compatible-with-fallback',
        'Every check passed; clients of the last version need the migration guide or the fallback.',
      )
    : cell('compatible', 'Every check passed.');
}

function updated(
  { integrationId, release, environment, platformVersions }: Extract<MatrixCommand, { type: 'UpdateMatrix' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  const run = state.runs[release];
  const columns = [
    ...new Set([...platformVersions, ...(run?.platform ?? []).map(({ version }) => version)]),
  ].sort();
  const cells = columns.map((version) => cellOf(run, version, environment));
  return same(state.rows[release], cells) ? [] : [{ type: 'MatrixUpdated', integrationId, release, cells }];
}

const same = (one: readonly MatrixCell[] | undefined, other: readonly MatrixCell[]): boolean =>
  one !== undefined &&
  one.length === other.length &&
  one.every((cell, index) => {
    const { platformVersion, environment, state, reason, runId } = other[index] ?? cell;
    return (
      cell.platformVersion === platformVersion &&
      cell.environment === environment &&
      cell.state === state &&
      cell.reason === reason &&
      cell.runId === runId
    );
  });

function retired(
  { integrationId, reason }: Extract<MatrixCommand, { type: 'RetireRows' }>,
  { rows }: CompatibilityMatrix,
): readonly MatrixEvent[] {
  return Object.entries(rows)
    .filter(([, cells]) => cells.some(({ state }) => state !== 'not-applicable'))
    .map(([release, cells]) => ({
      type: 'MatrixUpdated',
      integrationId,
      release,
      cells: cells.map((cell) => ({ ...cell, state: 'not-applicable' as const, reason })),
    }));
}

/** Streams `matrix-<integrationId>`: what the last run of each release said, and the row that was made from it when it was released. */
export const compatibilityMatrix: Decider<CompatibilityMatrix, MatrixCommand, MatrixEvent, undefined> = {
  initialState: { runs: {}, rows: {} },
  decide(command, state): readonly MatrixEvent[] {
    switch (command.type) {
      case 'NoteRun':
        return state.runs[command.run.release]?.runId === command.run.runId
          ? []
          : [{ type: 'RunNoted', integrationId: command.integrationId, ...command.run }];
      case 'UpdateMatrix':
        return updated(command, state);
      case 'RetireRows':
        return retired(command, state);
    }
  },
  evolve(state, event): CompatibilityMatrix {
    switch (event.type) {
      case 'RunNoted': {
        const { type: _, integrationId: __, ...run } = event;
        return { ...state, runs: { ...state.runs, [run.release]: run } };
      }
      case 'MatrixUpdated':
        return { ...state, rows: { ...state.rows, [event.release]: event.cells } };
    }
  },
};

/** What stands between an integration and a rollout to a platform version. */
export interface RolloutAnswer {
  readonly allowed: boolean;
  readonly reason: string;
}

/** @returns whether the release may be rolled out beside the platform version; unknown blocks and says what to run */
export function canRollOut(
  { rows, runs }: CompatibilityMatrix,
  release: string,
  platformVersion: string,
  environment: string,
): RolloutAnswer {
  const cell =
    rows[release]?.find(
      (entry) => entry.platformVersion === platformVersion && entry.environment === environment,
    ) ?? cellOf(runs[release], platformVersion, environment);
  const allowed = ['compatible', 'compatible-with-fallback', 'waived'].includes(cell.state);
  return { allowed, reason: `${cell.state}: ${cell.reason}` };
}
