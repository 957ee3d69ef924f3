import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { compatibilityMatrix, type MatrixCommand, type MatrixEvent, type NotedRun } from './matrix.js';
import { canRollOut as askedOf } from './matrix-cell.js';

const canRollOut = (
  state: Parameters<typeof askedOf>[0],
  release: string,
  platformVersion: string,
  environment: string,
) => askedOf(state, release, { platformVersion, environment });
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
      reason: expect.stringMatching(/validation platform-compatibility is queued/),
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

  const FOUND = {
    outcome: 'failed' as const,
    notPassed: ['contract-diff', 'vulnerability-scan'],
    failed: ['contract-diff'],
    blocking: { 'contract-diff': ['f1', 'f2'], 'vulnerability-scan': [] },
    performed: ['contract-diff', 'vulnerability-scan', 'api-reference', 'platform-compatibility'],
  };
  const waiver = (waiverId: string, check: string, fingerprint: string | null): MatrixCommand => ({
    type: 'NoteWaiver',
    ...OF,
    release: RELEASE,
    waiverId,
    check,
    fingerprint,
  });
  const ends = (waiverId: string): MatrixCommand => ({
    type: 'EndWaiver',
    ...OF,
    release: RELEASE,
    waiverId,
  });
  const WAIVED = [
    noted('r1', FOUND),
    waiver('w1', 'contract-diff', 'f1'),
    waiver('w2', 'contract-diff', 'f2'),
    waiver('w3', 'vulnerability-scan', null),
    reviewed,
  ];

  it('[PB-6.01] is waived no more when a waiver ends, until another takes its place', () => {
    expect(cellsOf(after(...WAIVED))).toEqual(['5.0.0 waived r1']);
    expect(cellsOf(after(...WAIVED, ends('w2')))).toEqual(['5.0.0 incompatible r1']);
    expect(cellsOf(after(...WAIVED, ends('w3')))).toEqual(['5.0.0 unknown r1']);
    const { state } = after(...WAIVED, ends('w3'));
    expect(canRollOut(state, RELEASE, '5.0.0', 'production')).toMatchObject({
      allowed: false,
      state: 'unknown',
      reason: expect.stringContaining('run validation vulnerability-scan'),
    });
    const again = [...WAIVED, ends('w2'), waiver('w4', 'contract-diff', 'f2')];
    expect(cellsOf(after(...again))).toEqual(['5.0.0 waived r1']);
    expect(cellsOf(after(...WAIVED, ends('w2'), waiver('w4', 'contract-diff', 'f1')))).toEqual([
      '5.0.0 incompatible r1',
    ]);
    expect(
      after(...WAIVED, ends('w2'), ends('w2'), ends('w9'), waiver('w1', 'contract-diff', 'f1')).events,
    ).toHaveLength(after(...WAIVED, ends('w2')).events.length);
  });

  it('[PB-6.01] is waived no more when a later run finds something else under the same check', () => {
    const later = (blocking: NotedRun['blocking'], notPassed: readonly string[] = FOUND.notPassed) =>
      cellsOf(after(...WAIVED, noted('r2', { ...FOUND, notPassed, blocking: blocking ?? {} })));
    expect(later({ 'contract-diff': ['f2'], 'vulnerability-scan': [] })).toEqual(['5.0.0 waived r2']);
    expect(later({ 'contract-diff': ['f1', 'f3'], 'vulnerability-scan': [] })).toEqual([
      '5.0.0 incompatible r2',
    ]);
    expect(later({ 'contract-diff': ['f1'], 'vulnerability-scan': ['v1'] })).toEqual(['5.0.0 unknown r2']);
    expect(later({ 'contract-diff': [], 'vulnerability-scan': [] })).toEqual(['5.0.0 incompatible r2']);
  });

  it('[PB-6.01] lets through what an old run did not tell by fingerprint until a run tells it', () => {
    const { blocking: _, ...untold } = FOUND;
    const old = [noted('r1', untold), reviewed];
    expect(cellsOf(after(...old))).toEqual(['5.0.0 waived r1']);
    expect(cellsOf(after(...old, noted('r2', FOUND)))).toEqual(['5.0.0 incompatible r2']);
  });

  it('[PB-6.01] never passes by checks that a later run did not perform', () => {
    const partly = noted('r2', { platform: [], performed: ['api-reference'] });
    expect(cellsOf(after(...WAIVED, partly))).toEqual(['5.0.0 waived r2']);
    const failed = noted('r1', FOUND);
    expect(canRollOut(after(failed, partly).state, RELEASE, '5.0.0', 'production')).toMatchObject({
      allowed: false,
      state: 'incompatible',
    });
    const open = {
      ...FOUND,
      outcome: 'inconclusive' as const,
      failed: [],
      notPassed: ['vulnerability-scan'],
    };
    expect(canRollOut(after(noted('r1', open), partly).state, RELEASE, '5.0.0', 'production').state).toBe(
      'unknown',
    );
    const solved = noted('r2', { performed: ['contract-diff'], platform: [] });
    expect(after(noted('r1', FOUND), solved).state.runs[RELEASE]).toMatchObject({
      outcome: 'inconclusive',
      notPassed: ['vulnerability-scan'],
      failed: [],
      blocking: { 'vulnerability-scan': [] },
      platform: [{ version: '5.0.0' }],
    });
  });

  it('[PB-6.01] says nothing of an environment in which it was not judged', () => {
    const { state } = after(noted('r1'), reviewed);
    expect(canRollOut(state, RELEASE, '5.0.0', 'staging')).toMatchObject({
      allowed: false,
      state: 'unknown',
      reason: expect.stringMatching(/production only: run validation platform-compatibility in staging/),
    });
  });

  it('[PB-6.01] tells what the manifest does not declare from what failed', () => {
    const { state } = after(noted('r1', { platform: [{ version: '5.0.0', fits: false }] }));
    expect(canRollOut(state, RELEASE, '5.0.0', 'production')).toMatchObject({
      state: 'incompatible',
      outside: true,
    });
    const failed = after(noted('r1', FOUND)).state;
    expect(canRollOut(failed, RELEASE, '5.0.0', 'production')).toMatchObject({ outside: false });
  });

  it('[PB-6.01] says of what was never judged that it is not integrated', () =>
    expect(canRollOut(after().state, RELEASE, '5.0.0', 'production')).toMatchObject({
      allowed: false,
      state: 'unknown',
      reason: expect.stringMatching(/not integrated.*run validation platform-compatibility against 5\.0\.0/),
    }));
});
