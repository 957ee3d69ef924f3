import { describe, expect, it } from '@jest/globals';
import { specify } from '@kwanus/testing-kernel';
import { CONTEXT, FACTS, file, ID } from '../testing/orders.js';
import { ReleaseLife } from '../testing/release-life.js';
import {
  ChooseStricterRollout,
  GrantWaiver,
  type IntegrationCommand,
  type IntegrationEvent,
  integration,
  MoveIntegration,
  PassTime,
  RecordFact,
  RecordStewardship,
  RequestValidation,
} from './index.js';

type Make = (life: ReleaseLife) => IntegrationCommand;

const of = { integrationId: ID, release: '1.0.0', cause: 'event-of-another-service' };
const fact = (life: ReleaseLife, type: IntegrationEvent['type'], data: object): RecordFact =>
  new RecordFact(ID, { type, data: { ...of, ...data } } as unknown as IntegrationEvent, life.requestId());
const release = (life: ReleaseLife) => life.state.releases['1.0.0'];
const whole = (life: ReleaseLife, move: 'suspend' | 'reinstate' | 'retire' | 'deprecate'): MoveIntegration =>
  new MoveIntegration({ ...life.given('oscar'), release: null }, move, 'for a reason');

/** The stages of a release, and of the integration in the middle of one. */
const STAGES: Readonly<Record<string, () => ReleaseLife>> = {
  none: () => new ReleaseLife(),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7].map((step) => [String(step), () => new ReleaseLife().until(step)]),
  ),
  live: () => new ReleaseLife().until(8),
  back: () => {
    const life = new ReleaseLife().until(5);
    life.rollBack();
    return life;
  },
  gone: () => {
    const life = new ReleaseLife().until(3);
    life.do(life.move('withdraw'));
    return life;
  },
  held: () => {
    const life = new ReleaseLife().until(3);
    life.do(whole(life, 'suspend'));
    return life;
  },
  over: () => {
    const life = new ReleaseLife().until(3);
    life.do(whole(life, 'retire'));
    return life;
  },
};

const COMMANDS: Readonly<Record<string, Make>> = {
  'the same submission': (life) => life.submission(),
  'an amendment': (life) => life.submission('ada', { parts: { contract: 'other' } }),
  'another release': (life) =>
    life.next('1.1.0').submission('ada', { parts: { 'manifest:workflows': 'other' } }),
  'an approval': (life) => life.ballot('tobias', 'approval:TSC'),
  'a no to an approval': (life) => life.ballot('tobias', 'approval:TSC', 'reject'),
  'an approval withdrawn': (life) => life.ballot('tara', 'approval:TSC', 'withdraw'),
  'a checkpoint': (life) => life.ballot('tobias', 'checkpoint:compatibility'),
  'a sign-off': (life) => life.ballot('tobias', 'sign-off:TSC'),
  'a rollout step': (life) => life.stepBallot('tobias', 'TSC'),
  'evidence of step 2': (life) => life.evidence('preparation', 'sandbox', 'new'),
  'evidence of step 3': (life) => life.evidence('implementation', 'testing', 'new'),
  'another validation': (life) => new RequestValidation(life.given('ada')),
  'a waiver': (life) =>
    new GrantWaiver(life.given('tobias'), {
      waiverId: 'w',
      body: 'TSC',
      target: { kind: 'check', check: 'api-reference' },
      reason: 'for a reason',
      expiresAt: '2026-12-24T00:00:00.000Z',
    }),
  'a stricter rollout': (life) => new ChooseStricterRollout(life.given('oscar'), 'controlled', 'to be sure'),
  'the lifecycle': (life) => life.lifecycle(),
  withdraw: (life) => life.move('withdraw'),
  resubmit: (life) => life.move('resubmit'),
  pause: (life) => life.move('pause'),
  resume: (life) => life.move('resume'),
  'roll back': (life) => life.move('rollback'),
  'roll out again': (life) => life.move('rollout'),
  suspend: (life) => whole(life, 'suspend'),
  reinstate: (life) => whole(life, 'reinstate'),
  retire: (life) => whole(life, 'retire'),
  deprecate: (life) => whole(life, 'deprecate'),
  'deprecate the release': (life) => new MoveIntegration(life.given('oscar'), 'deprecate', 'for a reason'),
  'an annual task': (life) =>
    new RecordStewardship(life.given('chidi'), 'integration-review', {
      outcome: 'done',
      reason: 'looked at',
      evidence: [file('review.md')],
    }),
  'time that passes': (life) => new PassTime(ID, life.requestId()),
  'fact: a verdict': (life) =>
    fact(life, 'ValidationPassed', {
      runId: 'r',
      requestId: release(life)?.validation?.requestId ?? 'none',
      checks: [],
      facts: FACTS,
      ruleset: '1',
      registryVersion: 1,
      inputs: {},
    }),
  'fact: rolled back': (life) =>
    fact(life, 'RolledBack', {
      rolloutId: release(life)?.rollout?.rolloutId ?? 'none',
      step: '50',
      to: null,
      automatic: true,
      reasonCode: 'burn',
      reason: 'errors',
      evidence: {},
    }),
  'fact: an alert': (life) =>
    fact(life, 'AlertRaised', {
      alertId: 'a',
      severity: 'page',
      signal: 'api-errors',
      reason: 'burns',
      numbers: {},
    }),
};

/** What comes of a command in a stage: its events by first letters of the words, `-` for "already so", or the refusal. */
const LONG: Readonly<Record<string, string>> = {
  no: 'not-proposed',
  step: 'wrong-step',
  fixed: 'release-fixed',
  gone: 'withdrawn',
  held: 'suspended',
  over: 'retired',
  wait: 'not-awaited',
  out: 'release-is-out',
  notout: 'release-not-out',
  roll: 'no-such-rollout',
  vote: 'no-vote',
  stay: 'not-rolled-back',
  here: 'not-withdrawn',
  free: 'not-suspended',
  task: 'unknown-task',
};
const GRID = `
                       none  1     2     3     4     5     6     7     live   back       gone    held  over
the same submission    IPROSE -    -     -     -     -     -     -     -      -          -       !held !over
an amendment           IPROSE RA   RA    RAVR  RAVCVRVR  !fixed !fixed !fixed !fixed !fixed  !gone   !held !over
another release        IPROSE ROSE ROSE  ROSE  ROSE  ROSE  ROSE  ROSE  ROSE   ROSE       ROSE    !held !over
an approval            !no   VR    !step !step !step !step !step !step !step  !step      !gone   !held !over
a no to an approval    !no   VR    !step !step !step !step !step !step !step  !step      !gone   !held !over
an approval withdrawn  !no   !vote !step !step !step !step !step !step !step  !step      !gone   !held !over
a checkpoint           !no   VR    VR    VR    VR    !step !step !step !step  !step      !gone   !held !over
a sign-off             !no   !step !step !step !step !step !step VR    !step  !step      !gone   !held !over
a rollout step         !no   !wait !wait !wait !wait !wait !wait !wait !wait  !wait      !gone   !held !over
evidence of step 2     !no   ERVR  ERVR  !step !step !step !step !step !step  !step      !gone   !held !over
evidence of step 3     !no   ER    ER    ER    !step !step !step !step !step  !step      !gone   !held !over
another validation     !no   !step !step !step -     !step !step !step !step  !step      !gone   !held !over
a waiver               !no   WG    WG    WG    WG    WG    WG    WG    !out   WG         !gone   !held !over
a stricter rollout     !no   SRC   SRC   SRC   SRC   !step !step !step !step  !step      !gone   !held !over
the lifecycle          !no   !step !step !step !step !step !step LU    !step  !step      !gone   !held !over
withdraw               !no   RW    RW    RW    RWVC  RW    RW    RW    !out   RW         -       RW    !over
resubmit               !no   !here !here !here !here !here !here !here !here  !here      RRSESPSESPSE !held !over
pause                  !no   !roll !roll !roll !roll RPR   RPR   !roll !roll  !roll      !roll   !roll !over
resume                 !no   !roll !roll !roll !roll !roll !roll !roll !roll  !roll      !roll   !held !over
roll back              !no   !roll !roll !roll !roll RRR   RRR   RRR   RRR    !roll      !roll   !roll !over
roll out again         !no   !stay !stay !stay !stay !stay !stay !stay !stay  RRGVSPSERARR !stay !held !over
suspend                !no   IS    IS    IS    IS    IS    IS    IS    IS     IS         IS      -     !over
reinstate              !no   !free !free !free !free !free !free !free !free  !free      !free   IR    !over
retire                 !no   IR    IR    IR    IRVC  IR    IR    IR    IR     IR         IR      IR    -
deprecate              !no   ID    ID    ID    ID    ID    ID    ID    ID     ID         ID      ID    !over
deprecate the release  !no   !notout !notout !notout !notout !notout !notout !notout RD !notout !notout !notout !over
an annual task         !no   !task !task !task !task !task !task !task SR     !task      !task   !task !over
time that passes       !no   -     -     -     -     -     -     -     -      -          -       -     -
fact: a verdict        !no   LFR   LFR   LFR   VP    LFR   LFR   LFR   LFR    LFR        LFR     LFR   LFR
fact: rolled back      !no   LFR   LFR   LFR   LFR   RB    RB    RB    RBVV   LFR        LFR     LFR   LFR
fact: an alert         !no   AR    AR    AR    AR    AR    AR    AR    AR     AR         AR      AR    AR`;

const [HEAD = '', ...ROWS] = GRID.split('\n').filter((line) => line !== '');
const stages = HEAD.trim().split(/\s+/);
const cases = ROWS.flatMap((row) => {
  const name = row.slice(0, 23).trim();
  return row
    .slice(23)
    .trim()
    .split(/\s+/)
    .map((cell, index) => [name, stages[index] ?? '', cell] as const);
});
const initials = (events: readonly IntegrationEvent[]): string =>
  events.length === 0 ? '-' : events.map(({ type }) => type.replaceAll(/[a-z]/g, '')).join('');

/** Refusals that something can be done about by supplying it name what, and who can. */
const NAMES_WHAT_IS_MISSING = new Set([
  'not-proposed',
  'wrong-step',
  'not-awaited',
  'no-such-rollout',
  'release-fixed',
  'withdrawn',
  'suspended',
  'unknown-task',
]);

describe('[PB-1.1] every command in every stage', () => {
  it('stands in the table', () => {
    expect([...new Set(cases.map(([name]) => name))]).toEqual(Object.keys(COMMANDS));
    expect(stages.toSorted()).toEqual(Object.keys(STAGES).toSorted());
    expect(cases.length).toBe(Object.keys(COMMANDS).length * stages.length);
  });

  it.each(cases)('%s, %s: %s', (name, stage, expected) => {
    const life = STAGES[stage]?.() ?? new ReleaseLife();
    const command = COMMANDS[name]?.(life) ?? new PassTime(ID, '');
    const outcome = specify(integration, CONTEXT).given(life.events).when(command);
    if (!expected.startsWith('!')) {
      expect(initials(outcome.events())).toBe(expected);
      return;
    }
    const { code, message, missing } = outcome.thenRejected(LONG[expected.slice(1)] ?? '');
    expect(message).toMatch(/\.$/);
    for (const { what, who } of missing) expect([what, who]).not.toContain('');
    if (NAMES_WHAT_IS_MISSING.has(code) && stage !== 'live')
      expect([name, stage, missing.length > 0]).toEqual([name, stage, true]);
  });
});
