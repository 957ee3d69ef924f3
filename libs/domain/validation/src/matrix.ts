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
  | {
      /** The platform has a version more, which no run has seen. */
      readonly type: 'NotePlatformVersion';
      readonly integrationId: string;
      readonly environment: string;
      readonly platformVersion: string;
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
  /** Checks of a release that its gates let through by waiver. */
  readonly waived: Readonly<Record<string, readonly string[]>>;
}

type Column = Pick<MatrixCell, 'platformVersion' | 'environment'>;

/** @param waived checks that need not have passed */
function cellOf(
  run: NotedRun | undefined,
  { platformVersion, environment }: Column,
  waived: readonly string[],
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
      ...cell('unknown', `No validation run has judged it against ${platformVersion}: run one.`),
      runId: null,
    };
  if (!column.fits)
    return cell('incompatible', `${platformVersion} is outside the range that the manifest declares.`);
  const open = run.notPassed.filter((check) => !waived.includes(check));
  if (open.length > 0)
    return run.outcome === 'failed'
      ? cell('incompatible', `Failed or not judged, and not waived: ${open.join(', ')}.`)
      : cell('unknown', `Not judged, and not waived: ${open.join(', ')}. Run validation again.`);
  if (run.outcome !== 'passed')
    return cell('waived', `Let through by waivers for: ${run.notPassed.join(', ')}.`);
  return run.breaking
    ? cell(
        'compatible-with-fallback',
        'Every check passed; clients of the last version need the migration guide or the fallback.',
      )
    : cell('compatible', 'Every check passed.');
}

const byVersion = (one: MatrixCell, other: MatrixCell): number =>
  one.platformVersion < other.platformVersion ? -1 : 1;

/**
 * A release comes to step 7 only when whatever did not pass is waived: intake has judged that. It waits for the answer each time that
 * it comes there, so the row is told even where it is what it was.
 */
function updated(
  { integrationId, release, environment, platformVersions }: Extract<MatrixCommand, { type: 'UpdateMatrix' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  const run = state.runs[release];
  const columns = new Set([...platformVersions, ...(run?.platform ?? []).map(({ version }) => version)]);
  const cells = [...columns].map((platformVersion) =>
    cellOf(run, { platformVersion, environment }, run?.notPassed ?? []),
  );
  return [{ type: 'MatrixUpdated', integrationId, release, cells: [...cells].sort(byVersion) }];
}

type Row = Omit<Extract<MatrixEvent, { type: 'MatrixUpdated' }>, 'type'>;

function rowChanged({ rows }: CompatibilityMatrix, { cells, ...of }: Row): readonly MatrixEvent[] {
  const sorted = [...cells].sort(byVersion);
  return same(rows[of.release], sorted) ? [] : [{ type: 'MatrixUpdated', ...of, cells: sorted }];
}

/** A run of a release that has a row says it anew, for the versions that it has judged. */
function noted(
  { integrationId, run }: Extract<MatrixCommand, { type: 'NoteRun' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  const { release, platform } = run;
  if (state.runs[release]?.runId === run.runId) return [];
  const news: MatrixEvent = { type: 'RunNoted', integrationId, ...run };
  const row = state.rows[release] ?? [];
  const [first] = row;
  if (first === undefined || row.every(isOver)) return [news];
  const judged = new Set(platform.map(({ version }) => version));
  const cells = [
    ...row.filter(({ platformVersion }) => !judged.has(platformVersion)),
    ...[...judged].map((platformVersion) =>
      cellOf(run, { platformVersion, environment: first.environment }, state.waived[release] ?? []),
    ),
  ];
  return [news, ...rowChanged(state, { integrationId, release, cells })];
}

const isOver = ({ state }: MatrixCell): boolean => state === 'not-applicable';

/** Rows that are in use get a cell for the new version: stale until a run has judged it. */
function platformReleased(
  { integrationId, environment, platformVersion }: Extract<MatrixCommand, { type: 'NotePlatformVersion' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  return Object.entries(state.rows).flatMap(([release, row]) => {
    if (row.every(isOver) || row.some((cell) => cell.platformVersion === platformVersion)) return [];
    const runId = state.runs[release]?.runId ?? null;
    const reason = `${platformVersion} was released after its last validation run: run one.`;
    const cell: MatrixCell = { platformVersion, environment, state: 'stale', reason, runId };
    return rowChanged(state, { integrationId, release, cells: [...row, cell] });
  });
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
    .filter(([, cells]) => !cells.every(isOver))
    .map(([release, cells]) => ({
      type: 'MatrixUpdated',
      integrationId,
      release,
      cells: cells.map((cell) => ({ ...cell, state: 'not-applicable' as const, reason })),
    }));
}

/** Streams `matrix-<integrationId>`: what the last run of each release said, and the row that was made from it when it was released. */
export const compatibilityMatrix: Decider<CompatibilityMatrix, MatrixCommand, MatrixEvent, undefined> = {
  initialState: { runs: {}, rows: {}, waived: {} },
  decide(command, state): readonly MatrixEvent[] {
    switch (command.type) {
      case 'NoteRun':
        return noted(command, state);
      case 'UpdateMatrix':
        return updated(command, state);
      case 'NotePlatformVersion':
        return platformReleased(command, state);
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
      case 'MatrixUpdated': {
        const { release, cells } = event;
        const lets = cells.some((cell) => cell.state === 'waived');
        return {
          ...state,
          rows: { ...state.rows, [release]: cells },
          waived: lets ? { ...state.waived, [release]: state.runs[release]?.notPassed ?? [] } : state.waived,
        };
      }
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
  { rows, runs, waived }: CompatibilityMatrix,
  release: string,
  platformVersion: string,
  environment: string,
): RolloutAnswer {
  const cell =
    rows[release]?.find(
      (entry) => entry.platformVersion === platformVersion && entry.environment === environment,
    ) ?? cellOf(runs[release], { platformVersion, environment }, waived[release] ?? []);
  const allowed = ['compatible', 'compatible-with-fallback', 'waived'].includes(cell.state);
  return { allowed, reason: `${cell.state}: ${cell.reason}` };
}
