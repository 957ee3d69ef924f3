import { describe, expect, it } from '@jest/globals';
import { type Decider, type DomainRejection, fold } from '@kwanus/kernel';
import { compatibilityMatrix, type MatrixCommand, type MatrixEvent, type NotedRun } from './matrix.js';
import { canRollOut } from './matrix-cell.js';
import { type PermissionTerms, permissionRegistry, type RegistryCommand } from './registry.js';
import {
  type FinishedCheck,
  type RunCommand,
  type RunRequest,
  type RunVerdict,
  validationRun,
} from './run.js';

/** Plays commands one after another; refused ones are recorded by their code. */
function play<S, C, E, X>(decider: Decider<S, C, E, X>, commands: readonly C[], context: X) {
  const events: E[] = [];
  const refused: string[] = [];
  for (const command of commands)
    try {
      events.push(...decider.decide(command, fold(decider, events), context));
    } catch (error) {
      refused.push((error as DomainRejection).code);
    }
  return { events, refused, state: fold(decider, events) };
}

describe('the permission registry', () => {
  const terms: PermissionTerms = {
    id: 'orders:read',
    title: 't',
    owner: 'SCO',
    resource: 'order',
    actions: ['read'],
    privileged: false,
    tiers: [],
  };
  const played = (commands: readonly RegistryCommand[], body = 'SCO') =>
    play(permissionRegistry, commands, { body });
  const proposer = { id: 'person:a', seats: ['SCO'] };
  const sco = { id: 'person:b', seats: ['SCO'] };
  const tsc = { id: 'person:c', seats: ['TSC'] };
  const propose = (more: Partial<PermissionTerms> = {}): RegistryCommand => ({
    type: 'ProposePermission',
    terms: { ...terms, ...more },
    reason: 'r',
    by: proposer,
  });
  const activate = (by = sco, id = terms.id): RegistryCommand => ({
    type: 'ActivatePermission',
    id,
    reason: 'r',
    by,
  });
  const retire = (by = sco): RegistryCommand => ({ type: 'RetirePermission', id: terms.id, reason: 'r', by });

  it('[PB-4.09] [PB-4.10] is proposed, activated by SCO, retired; each change is a version', () => {
    const { events, state } = played([propose(), activate(), retire(), propose()]);
    expect(events.map((event) => [event.type, event.registryVersion])).toEqual([
      ['PermissionProposed', 1],
      ['PermissionActivated', 2],
      ['PermissionRetired', 3],
      ['PermissionProposed', 4],
    ]);
    expect(state.permissions['orders:read']?.status).toBe('proposed');
    expect(fold(permissionRegistry, events.slice(0, 2)).permissions['orders:read']?.status).toBe('active');
  });

  it.each<readonly [string, readonly RegistryCommand[], string]>([
    ['not-seated', [propose(), activate(tsc)], 'not-seated'],
    ['own proposal', [propose(), activate(proposer)], 'own-proposal'],
    ['unknown', [activate()], 'permission-unknown'],
    ['a name of every object', [activate(sco, 'constructor')], 'permission-unknown'],
    ['known', [propose(), propose()], 'permission-known'],
    ['retired', [propose(), retire(), activate()], 'permission-retired'],
    ['retired without seat', [propose(), retire(tsc)], 'not-seated'],
    ['any action', [propose({ actions: ['*'] })], 'permission-unbounded'],
    ['any resource', [propose({ resource: 'any' })], 'permission-unbounded'],
    ['a wildcard', [propose({ id: 'orders:*' })], 'permission-unbounded'],
  ])('refuses: %s', (_, commands, code) => expect(played(commands).refused).toEqual([code]));

  const grant = (tier: string | null, by = sco): RegistryCommand => ({
    type: 'GrantTier',
    partner: 'acme',
    tier,
    reason: 'r',
    by,
  });

  it('[PB-0.1] knows the tier of each partner, from SCO alone; each change is a version', () => {
    const { events, state } = played([propose(), grant('silver'), grant('silver'), grant('gold')]);
    expect(events.slice(1)).toEqual([
      { type: 'TierGranted', registryVersion: 2, partner: 'acme', tier: 'silver', reason: 'r', by: sco.id },
      { type: 'TierGranted', registryVersion: 3, partner: 'acme', tier: 'gold', reason: 'r', by: sco.id },
    ]);
    expect(state).toMatchObject({ version: 3, tiers: { acme: 'gold' }, permissions: { 'orders:read': {} } });
    expect(fold(permissionRegistry, events.slice(0, 2)).tiers).toEqual({ acme: 'silver' });
    expect(played([grant('gold'), grant(null)]).state.tiers).toEqual({});
    expect(played([grant(null)]).events).toEqual([]);
    expect(played([grant('gold', tsc)]).refused).toEqual(['not-seated']);
  });

  it('keeps the tiers over every other change', () =>
    expect(played([grant('gold'), propose(), activate(), retire()]).state).toMatchObject({
      version: 4,
      tiers: { acme: 'gold' },
    }));

  it('takes repetitions as already so', () =>
    expect(played([propose(), activate(), activate(), retire(), retire()]).events).toHaveLength(3));

  it('is decided about by the body that the playbook names, and by no other', () => {
    expect(played([propose(), activate(tsc)], 'TSC').events).toHaveLength(2);
    expect(played([propose(), activate(sco), retire(sco)], 'TSC').refused).toEqual([
      'not-seated',
      'not-seated',
    ]);
  });
});

describe('a validation run', () => {
  const of = { integrationId: 'acme.a', release: '1.0.0', runId: 'r', requestId: 'r' };
  const request: RunRequest = {
    ...of,
    purpose: 'release',
    task: null,
    submission: { release: '1.0.0', manifestPath: 'kwanus.yaml', files: [] },
    bases: [],
    asOf: '2026-11-23T10:00:00Z',
  };
  const pins = {
    checks: ['a', 'b'],
    ruleset: 'x',
    registryVersion: 1,
    platformVersions: ['5.0.0'],
    events: [{ type: 'kwanus.order.created', versions: ['1.0.0'] }],
    profile: 'strict-partner' as const,
  };
  const check = (id: string, outcome: FinishedCheck['outcome'] = 'passed'): RunCommand => ({
    type: 'RecordCheck',
    result: { check: id, kind: 'security', outcome, summary: '', findings: [], findingsArtifact: null },
  });
  const verdict = (outcome: RunVerdict['outcome']): RunCommand => ({
    type: 'FinishRun',
    verdict: {
      outcome,
      checks: [],
      facts: {},
      inputs: {},
      ruleset: 'x',
      registryVersion: 1,
      verdictDigest: null,
    },
  });
  const asked: RunCommand = { type: 'RequestRun', request };
  const begun: RunCommand = { type: 'StartRun', pins };

  it('[PB-2.4] is asked for, begins, records its checks, and ends', () => {
    const { events, state } = play(
      validationRun,
      [asked, begun, check('a'), check('b'), verdict('passed')],
      undefined,
    );
    expect(events.map(({ type }) => type)).toEqual([
      'RunRequested',
      'RunStarted',
      'CheckFinished',
      'CheckFinished',
      'RunFinished',
    ]);
    expect(state).toMatchObject({ status: 'finished', pins, verdict: { outcome: 'passed' } });
  });

  it.each<readonly [string, readonly RunCommand[], readonly string[]]>([
    [
      'nothing before it was asked for',
      [begun, check('a'), verdict('failed')],
      ['no-such-run', 'no-such-run', 'no-such-run'],
    ],
    ['no check before it began', [asked, check('a')], ['run-not-started']],
    ['passing without a check', [asked, begun, check('a'), verdict('passed')], ['not-all-passed']],
    [
      'passing with a check that was not performed',
      [asked, begun, check('a'), check('b', 'not-performed'), verdict('passed')],
      ['not-all-passed'],
    ],
  ])('refuses %s', (_, commands, codes) =>
    expect(play(validationRun, commands, undefined).refused).toEqual(codes),
  );

  it('takes repetitions as already so, and nothing after its end', () =>
    expect(
      play(
        validationRun,
        [
          asked,
          asked,
          begun,
          begun,
          check('a'),
          check('a', 'failed'),
          verdict('failed'),
          verdict('failed'),
          check('b'),
        ],
        undefined,
      ).events.map(({ type }) => type),
    ).toEqual(['RunRequested', 'RunStarted', 'CheckFinished', 'RunFinished']));
});

describe('a run that is cancelled', () => {
  const of = { integrationId: 'acme.a', release: '1.0.0', runId: 'r', requestId: 'r' };
  const asked: RunCommand = {
    type: 'RequestRun',
    request: {
      ...of,
      purpose: 'release',
      task: null,
      submission: { release: '1.0.0', manifestPath: 'kwanus.yaml', files: [] },
      bases: [],
      asOf: '2026-11-23T10:00:00Z',
    },
  };
  const begun: RunCommand = {
    type: 'StartRun',
    pins: { checks: ['a'], ruleset: '1', registryVersion: 1, platformVersions: [], profile: 'lenient' },
  };
  const checked: RunCommand = {
    type: 'RecordCheck',
    result: {
      check: 'a',
      kind: 'security',
      outcome: 'passed',
      summary: '',
      findings: [],
      findingsArtifact: null,
    },
  };
  const finished: RunCommand = {
    type: 'FinishRun',
    verdict: {
      outcome: 'failed',
      checks: [],
      facts: {},
      inputs: {},
      ruleset: '1',
      registryVersion: 1,
      verdictDigest: null,
    },
  };
  const cancelled: RunCommand = { type: 'CancelRun', reason: 'withdrawn' };
  const types = (...commands: readonly RunCommand[]) =>
    play(validationRun, commands, undefined).events.map(({ type }) => type);

  it('neither begins, nor records anything, nor comes to a verdict', () => {
    expect(types(asked, cancelled, begun, finished, cancelled)).toEqual(['RunRequested', 'RunCancelled']);
    expect(types(asked, begun, cancelled, checked, finished)).toEqual([
      'RunRequested',
      'RunStarted',
      'RunCancelled',
    ]);
    expect(play(validationRun, [asked, cancelled], undefined).state).toMatchObject({
      status: 'cancelled',
      verdict: null,
    });
  });

  it('was asked for and had no verdict', () => {
    expect(types(cancelled)).toEqual([]);
    expect(types(asked, begun, finished, cancelled)).toEqual(['RunRequested', 'RunStarted', 'RunFinished']);
  });
});

describe('the compatibility matrix', () => {
  const noted = (more: Partial<NotedRun> = {}): MatrixCommand => ({
    type: 'NoteRun',
    integrationId: 'acme.a',
    run: {
      release: '1.0.0',
      runId: 'r1',
      outcome: 'passed',
      breaking: false,
      platform: [
        { version: '4.2.0', fits: true },
        { version: '5.0.0', fits: false },
      ],
      notPassed: [],
      ...more,
    },
  });
  const update: MatrixCommand = {
    type: 'UpdateMatrix',
    integrationId: 'acme.a',
    release: '1.0.0',
    environment: 'production',
    platformVersions: ['4.2.0', '5.0.0', '6.0.0'],
  };
  const statesOf = (event: MatrixEvent | undefined) =>
    event?.type === 'MatrixUpdated' ? event.cells.map(({ state }) => state) : [];

  it('[PB-6.01] says for each platform version what the last run says', () => {
    expect(statesOf(play(compatibilityMatrix, [noted(), update], undefined).events.at(-1))).toEqual([
      'compatible',
      'incompatible',
      'unknown',
    ]);
    expect(
      statesOf(play(compatibilityMatrix, [noted({ breaking: true }), update], undefined).events.at(-1)),
    ).toEqual(['compatible-with-fallback', 'incompatible', 'unknown']);
    expect(
      statesOf(
        play(
          compatibilityMatrix,
          [noted({ outcome: 'inconclusive', notPassed: ['x'] }), update],
          undefined,
        ).events.at(-1),
      ),
    ).toEqual(['waived', 'incompatible', 'unknown']);
    expect(statesOf(play(compatibilityMatrix, [update], undefined).events.at(-1))).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
  });

  it('[PB-6.01] unknown is neither pass nor fail: it blocks, and says what to run', () => {
    const { state } = play(compatibilityMatrix, [noted(), update], undefined);
    const can = (platformVersion: string) =>
      canRollOut(state, '1.0.0', { platformVersion, environment: 'production' });
    expect(can('4.2.0')).toEqual({
      allowed: true,
      state: 'compatible',
      reason: 'compatible: Every check passed.',
      outside: false,
    });
    expect(can('5.0.0').allowed).toBe(false);
    expect(can('6.0.0')).toMatchObject({ allowed: false, reason: expect.stringContaining('run validation') });
  });

  it('[PB-6.01] is told each time that step 7 asks, and changed by a later run, not by the same one again', () => {
    const { events } = play(
      compatibilityMatrix,
      [noted(), update, noted(), update, noted({ runId: 'r2', breaking: true }), update],
      undefined,
    );
    expect(events.map(({ type }) => type)).toEqual([
      'RunNoted',
      'MatrixUpdated',
      'MatrixUpdated',
      'RunNoted',
      'MatrixUpdated',
      'MatrixUpdated',
    ]);
  });

  it('[PB-6.01] applies no more once the integration is retired', () => {
    const retire: MatrixCommand = { type: 'RetireRows', integrationId: 'acme.a', reason: 'gone' };
    const { events, state } = play(compatibilityMatrix, [noted(), update, retire, retire], undefined);
    expect(events).toHaveLength(3);
    expect(
      state.rows['1.0.0']?.every((cell) => cell.state === 'not-applicable' && cell.reason === 'gone'),
    ).toBe(true);
  });
});
