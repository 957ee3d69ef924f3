import type { Decider } from '@kwanus/kernel';
import type { Blocking, LetThrough, NotedWaiver } from './let-through.js';
import { afterRun, type CellState, cellOf, openChecks, PLATFORM_CHECK } from './matrix-cell.js';
import type { RunOutcome } from './run.js';

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
  /** What did not pass. */
  readonly notPassed: readonly string[];
  /** Of these, what failed; absent in runs from before it was noted. */
  readonly failed?: readonly string[];
  /** By check: the fingerprints of what blocks; absent in runs from before it was noted. */
  readonly blocking?: Blocking;
  /** The checks of the run; absent: all that there were. */
  readonly performed?: readonly string[];
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
  | ({ readonly type: 'NoteWaiver' } & WaiverOf & Pick<NotedWaiver, 'check' | 'fingerprint'>)
  | ({ readonly type: 'EndWaiver' } & WaiverOf)
  | { readonly type: 'RetireRows'; readonly integrationId: string; readonly reason: string };

interface WaiverOf {
  readonly integrationId: string;
  readonly release: string;
  readonly waiverId: string;
}

export type MatrixEvent =
  | ({ readonly type: 'RunNoted'; readonly integrationId: string } & NotedRun)
  | ({ readonly type: 'WaiverNoted' } & WaiverOf & Pick<NotedWaiver, 'check' | 'fingerprint'>)
  | ({ readonly type: 'WaiverEnded' } & WaiverOf)
  | {
      readonly type: 'MatrixUpdated';
      readonly integrationId: string;
      readonly release: string;
      readonly cells: readonly MatrixCell[];
    };

/** The rows of one integration. */
export interface CompatibilityMatrix {
  /** What the runs of each release have found; the last one's id. */
  readonly runs: Readonly<Record<string, NotedRun>>;
  readonly rows: Readonly<Record<string, readonly MatrixCell[]>>;
  /** What the gates of a release let through by waiver when it was reviewed. */
  readonly waived: Readonly<Record<string, LetThrough>>;
  /** Waivers of each release, in force and ended. */
  readonly waivers: Readonly<Record<string, readonly NotedWaiver[]>>;
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
  const cells = [...columns].map((platformVersion) => cellOf(run, { platformVersion, environment }, []));
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
  if (state.runs[run.release]?.runId === run.runId) return [];
  const news: MatrixEvent = { type: 'RunNoted', integrationId, ...run };
  return [news, ...judgedAnew(integrationId, run.release, withRun(state, run))];
}

/** @returns the row as it is now, where it changed: for the versions that are judged; the others stay as they are */
function judgedAnew(
  integrationId: string,
  release: string,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  const row = state.rows[release] ?? [];
  const run = state.runs[release];
  const [first] = row;
  if (first === undefined || run === undefined || row.every(isOver)) return [];
  const judged = new Set(run.platform.map(({ version }) => version));
  const open = openChecks(run, state);
  const cells = [
    ...row.filter(({ platformVersion }) => !judged.has(platformVersion)),
    ...[...judged].map((platformVersion) =>
      cellOf(run, { platformVersion, environment: first.environment }, open),
    ),
  ];
  return rowChanged(state, { integrationId, release, cells });
}

/** A waiver that is granted or ends changes what is let through, not what was found. */
function waiverNoted(
  { integrationId, release, waiverId, check, fingerprint }: Extract<MatrixCommand, { type: 'NoteWaiver' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  if (state.waivers[release]?.some((waiver) => waiver.waiverId === waiverId) === true) return [];
  const news = { type: 'WaiverNoted' as const, integrationId, release, waiverId, check, fingerprint };
  return [news, ...judgedAnew(integrationId, release, compatibilityMatrix.evolve(state, news))];
}

function waiverEnded(
  { integrationId, release, waiverId }: Extract<MatrixCommand, { type: 'EndWaiver' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  const known = state.waivers[release]?.find((waiver) => waiver.waiverId === waiverId);
  if (known === undefined || known.ended) return [];
  const news = { type: 'WaiverEnded' as const, integrationId, release, waiverId };
  return [news, ...judgedAnew(integrationId, release, compatibilityMatrix.evolve(state, news))];
}

const withRun = (state: CompatibilityMatrix, run: NotedRun): CompatibilityMatrix => ({
  ...state,
  runs: { ...state.runs, [run.release]: afterRun(state.runs[run.release], run) },
});

/** @returns what a waived row lets through: exactly what its run has found */
const letThroughBy = (run: NotedRun | undefined): LetThrough =>
  Object.fromEntries(
    (run?.notPassed ?? []).map((check) => [
      check,
      run?.blocking === undefined ? null : (run.blocking[check] ?? []),
    ]),
  );

const isOver = ({ state }: MatrixCell): boolean => state === 'not-applicable';

/** Rows that are in use get a cell for the new version: stale until a run has judged it. */
function platformReleased(
  { integrationId, environment, platformVersion }: Extract<MatrixCommand, { type: 'NotePlatformVersion' }>,
  state: CompatibilityMatrix,
): readonly MatrixEvent[] {
  return Object.entries(state.rows).flatMap(([release, row]) => {
    if (row.every(isOver) || row.some((cell) => cell.platformVersion === platformVersion)) return [];
    const runId = state.runs[release]?.runId ?? null;
    const reason = `${platformVersion} was released after its last validation run: validation ${PLATFORM_CHECK} is queued.`;
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
  initialState: { runs: {}, rows: {}, waived: {}, waivers: {} },
  decide(command, state): readonly MatrixEvent[] {
    switch (command.type) {
      case 'NoteRun':
        return noted(command, state);
      case 'UpdateMatrix':
        return updated(command, state);
      case 'NotePlatformVersion':
        return platformReleased(command, state);
      case 'NoteWaiver':
        return waiverNoted(command, state);
      case 'EndWaiver':
        return waiverEnded(command, state);
      case 'RetireRows':
        return retired(command, state);
    }
  },
  evolve(state, event): CompatibilityMatrix {
    switch (event.type) {
      case 'RunNoted': {
        const { type: _, integrationId: __, ...run } = event;
        return withRun(state, run);
      }
      case 'WaiverNoted': {
        const { release, waiverId, check, fingerprint } = event;
        const its = [...(state.waivers[release] ?? []), { waiverId, check, fingerprint, ended: false }];
        return { ...state, waivers: { ...state.waivers, [release]: its } };
      }
      case 'WaiverEnded': {
        const its = (state.waivers[event.release] ?? []).map((waiver) =>
          waiver.waiverId === event.waiverId ? { ...waiver, ended: true } : waiver,
        );
        return { ...state, waivers: { ...state.waivers, [event.release]: its } };
      }
      case 'MatrixUpdated': {
        const { release, cells } = event;
        const lets = cells.some((cell) => cell.state === 'waived');
        return {
          ...state,
          rows: { ...state.rows, [release]: cells },
          waived: lets ? { ...state.waived, [release]: letThroughBy(state.runs[release]) } : state.waived,
        };
      }
    }
  },
};
