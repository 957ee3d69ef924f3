import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import {
  canRollOut,
  compatibilityMatrix,
  type MatrixCommand,
  type MatrixEvent,
  type NotedRun,
} from './matrix.js';

const OF = { integrationId: 'acme.a' };
const RELEASE = '1.0.0';
const noted = (runId: string, more: Partial<NotedRun> = {}): MatrixCommand => ({
  type: 'NoteRun',
  ...OF,
  run: {
    release: RELEASE,
    runId,
    outcome: 'passed',
    breaking: false,
    platform: [{ version: '5.0.0', fits: true }],
    notPassed: [],
    ...more,
  },
});
const reviewed: MatrixCommand = {
  type: 'UpdateMatrix',
  ...OF,
  release: RELEASE,
  environment: 'production',
  platformVersions: ['5.0.0'],
};
const platform = (platformVersion: string): MatrixCommand => ({
  type: 'NotePlatformVersion',
  ...OF,
  environment: 'production',
  platformVersion,
});
const after = (...commands: readonly MatrixCommand[]) => {
  const events = commands.reduce<readonly MatrixEvent[]>(
    (past, command) => [
      ...past,
      ...compatibilityMatrix.decide(command, fold(compatibilityMatrix, past), undefined),
    ],
    [],
  );
  return { events, state: fold(compatibilityMatrix, events) };
};
const cellsOf = ({ state }: ReturnType<typeof after>) =>
  state.rows[RELEASE]?.map((cell) => `${cell.platformVersion} ${cell.state} ${cell.runId}`);
const both = {
  platform: [
    { version: '5.0.0', fits: true },
    { version: '5.1.0', fits: true },
  ],
};

describe('the compatibility matrix, as time goes on', () => {
  it('[PB-6.01] is stale for a platform version that came after the last run, until a run has judged it', () => {
    const stale = after(noted('r1'), reviewed, platform('5.1.0'));
    expect(cellsOf(stale)).toEqual(['5.0.0 compatible r1', '5.1.0 stale r1']);
    expect(canRollOut(stale.state, RELEASE, '5.1.0', 'production')).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('run one'),
    });
    expect(cellsOf(after(noted('r1'), reviewed, platform('5.1.0'), noted('r2', both)))).toEqual([
      '5.0.0 compatible r2',
      '5.1.0 compatible r2',
    ]);
  });

  it('[PB-6.01] takes one platform version once, and none for what is not released or retired', () => {
    expect(after(noted('r1'), reviewed, platform('5.1.0'), platform('5.1.0')).events).toHaveLength(3);
    expect(after(noted('r1'), platform('5.1.0')).events).toHaveLength(1);
    const retire: MatrixCommand = { type: 'RetireRows', ...OF, reason: 'gone' };
    expect(cellsOf(after(noted('r1'), reviewed, retire, platform('5.1.0'), noted('r2', both)))).toEqual([
      '5.0.0 not-applicable r1',
    ]);
  });

  it('[PB-6.01] keeps what an earlier run said about versions that a later one did not judge', () =>
    expect(
      cellsOf(
        after(noted('r1', both), reviewed, noted('r2', { platform: [{ version: '5.1.0', fits: false }] })),
      ),
    ).toEqual(['5.0.0 compatible r1', '5.1.0 incompatible r2']));

  it('[PB-6.01] never lets a release through that failed, or was not judged, and was not waived', () => {
    const failed = after(noted('r1', { outcome: 'failed', notPassed: ['contract-definition'] }));
    expect(canRollOut(failed.state, RELEASE, '5.0.0', 'production')).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/^incompatible.*contract-definition/),
    });
    const open = after(noted('r1', { outcome: 'inconclusive', notPassed: ['vulnerability-scan'] }));
    expect(canRollOut(open.state, RELEASE, '5.0.0', 'production')).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/^unknown.*vulnerability-scan/),
    });
  });

  it('[PB-6.01] holds a waiver for what was waived, and for nothing more', () => {
    const released = [
      noted('r1', { outcome: 'inconclusive', notPassed: ['vulnerability-scan'] }),
      reviewed,
    ] as const;
    expect(cellsOf(after(...released))).toEqual(['5.0.0 waived r1']);
    expect(
      cellsOf(
        after(...released, noted('r2', { outcome: 'inconclusive', notPassed: ['vulnerability-scan'] })),
      ),
    ).toEqual(['5.0.0 waived r2']);
    expect(
      cellsOf(
        after(
          ...released,
          noted('r2', { outcome: 'failed', notPassed: ['vulnerability-scan', 'forbidden-database'] }),
        ),
      ),
    ).toEqual(['5.0.0 incompatible r2']);
    expect(cellsOf(after(...released, noted('r2')))).toEqual(['5.0.0 compatible r2']);
  });
});
