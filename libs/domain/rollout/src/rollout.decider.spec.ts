import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { rollout } from './rollout.decider.js';
import type { RolloutEvent } from './rollout.events.js';
import { at, type Happening, PLAYBOOK, request, run, types } from './rollout.fixtures.js';
import { nextDue } from './stepping.js';

const planned: Happening = [0, 'PlanRollout'];
const minute = (from: number): readonly Happening[] => [
  [from + 10, {}],
  [from + 30, {}],
  [from + 60, {}],
];
const controlled: Happening = [
  0,
  'PlanRollout',
  { request: request({ type: 'controlled', risk: { level: 'high', reasons: ['new-permission'] } }) },
];
const first = (events: readonly RolloutEvent[]): RolloutEvent | undefined => events[0];
const approvals = (step: string, ...bodies: readonly string[]): readonly Happening[] =>
  bodies.map((body): Happening => [1, 'RecordApproval', { step, body }]);

describe('Planning', () => {
  it('[PB-9.02] a staged rollout begins at its first step by itself', () =>
    expect(types(run(planned).news)).toEqual(['RolloutPlanned', 'RolloutReady', 'StepStarted']));

  it('[PB-9.03] a controlled rollout waits for all four bodies before anybody is exposed', () => {
    const { news, state } = run(controlled);
    expect(types(news)).toEqual(['RolloutPlanned', 'ApprovalAwaited']);
    expect(news[1]).toMatchObject({ step: 'internal', bodies: ['TSC', 'SCO', 'ERC', 'CGB'] });
    expect(state).toMatchObject({ status: 'awaiting-approval', since: null });
    const three = run(controlled, ...approvals('internal', 'TSC', 'SCO', 'ERC'));
    expect(three.state.status).toBe('awaiting-approval');
    const four = run(controlled, ...approvals('internal', 'TSC', 'SCO', 'ERC', 'CGB'));
    expect(types(four.news)).toEqual(['ApprovalRecorded', 'RolloutReady', 'StepStarted']);
  });

  it('[PB-9.01] refuses a type laxer than the risk asks for', () => {
    const lax = request({ type: 'full' });
    expect(run([0, 'PlanRollout', { request: lax }]).news).toEqual([
      expect.objectContaining({ type: 'RolloutRefused', code: 'type-too-lax' }),
    ]);
    const waived = { ...lax, typeWaiver: { body: 'CGB', reason: 'known' } };
    expect(types(run([0, 'PlanRollout', { request: waived }]).news)).toContain('StepStarted');
    const wrongBody = { ...lax, typeWaiver: { body: 'TSC', reason: 'known' } };
    expect(types(run([0, 'PlanRollout', { request: wrongBody }]).news)).toEqual(['RolloutRefused']);
  });

  it('[PB-9.01] takes a stricter type than the risk asks for', () => {
    const strict = request({ type: 'staged', risk: { level: 'low', reasons: [] } });
    expect(types(run([0, 'PlanRollout', { request: strict }]).news)).toContain('StepStarted');
  });

  it('[PB-2.5] refuses a release without a fallback, and what the register refuses', () => {
    const bare = request({ fallback: [] });
    expect(first(run([0, 'PlanRollout', { request: bare }]).news)).toMatchObject({
      code: 'fallback-missing',
    });
    const refusal = { code: 'release-changed', reason: 'other digests' };
    expect(first(run([0, 'PlanRollout', { refusal }]).news)).toMatchObject(refusal);
  });

  it('pins the plan with policy version and digest', () =>
    expect(run(planned).state.planned?.plan).toMatchObject({
      playbookVersion: '1.0',
      playbookDigest: PLAYBOOK.digest,
      quickRule: 'page-quick',
      staleAfterMs: 50_000,
    }));
});

describe('Advancing', () => {
  it('[PB-9.02] takes dwell, requests and a passing verdict together', () => {
    expect(run(planned, [30, { requests: 500 }]).state.stepIndex).toBe(0);
    expect(run(planned, [60, { requests: 50 }]).news).toContainEqual(
      expect.objectContaining({ type: 'RolloutHeld', code: 'too-few-requests' }),
    );
    expect(run(planned, [60, { requests: 500, verdict: 'inconclusive' }]).state.hold?.code).toBe(
      'gate-inconclusive',
    );
    const advanced = run(planned, ...minute(0));
    expect(types(advanced.news)).toEqual(['EvidenceRecorded', 'StepAdvanced', 'StepStarted']);
    expect(advanced.news[1]).toMatchObject({
      step: '1',
      decision: {
        requests: 180,
        minRequests: 100,
        playbookVersion: '1.0',
        playbookDigest: PLAYBOOK.digest,
        source: { eventId: 'v-60' },
        engine: 'burn-1',
      },
    });
  });

  it('[PB-9.02] counts each stage for itself', () => {
    const { state } = run(planned, ...minute(0));
    expect(state).toMatchObject({ stepIndex: 1, requests: 0, last: null, since: at(60) });
  });

  it('[PB-9.02] a verdict of a window before the step says nothing of the step', () =>
    expect(run(planned, ...minute(0), [60, 'Evaluate'], [120, 'Evaluate']).state.hold?.code).toBe(
      'no-evidence',
    ));

  it('[PB-9.02] goes through all steps, the bake, to completion', () => {
    const { all, state } = run(
      planned,
      ...minute(0),
      ...minute(60),
      [121, 'RecordApproval', { step: '50', body: 'TSC' }],
      ...minute(121),
      [470, { requests: 300 }],
      [481, {}],
    );
    expect(types(all).filter((type) => type !== 'EvidenceRecorded')).toEqual([
      'RolloutPlanned',
      'RolloutReady',
      'StepStarted',
      'StepAdvanced',
      'StepStarted',
      'ApprovalAwaited',
      'ApprovalRecorded',
      'StepAdvanced',
      'StepStarted',
      'StepAdvanced',
      'StepStarted',
      'BakeStarted',
      'RolloutCompleted',
    ]);
    expect(state.status).toBe('completed');
  });

  it('[PB-9.02] an approval given early counts, and one of another step does not', () => {
    const early = run(
      planned,
      [1, 'RecordApproval', { step: '50', body: 'TSC' }],
      ...minute(0),
      ...minute(60),
    );
    expect(early.state.stepIndex).toBe(2);
    expect(() => run(planned, [1, 'RecordApproval', { step: '10', body: 'TSC' }])).toThrow(/does not ask/);
    expect(() => run(planned, [1, 'RecordApproval', { step: '7', body: 'TSC' }])).toThrow(/no step "7"/);
  });

  it('[PB-9.03] an approval that comes when telemetry has gone stale leads to a hold, not on', () => {
    const late = run(planned, ...minute(0), ...minute(60), [
      500,
      'RecordApproval',
      { step: '50', body: 'TSC' },
    ]);
    expect(late.state).toMatchObject({ status: 'held', hold: { code: 'telemetry-stale' } });
  });
});

describe('Holding', () => {
  const silent: Happening = [20, { silentWindows: 3, verdict: 'inconclusive', requests: 0 }];

  it('[PB-9.06] no telemetry at the end of the dwell is a hold', () =>
    expect(run(planned, [60, 'Evaluate']).state.hold).toMatchObject({ code: 'no-evidence', asked: false }));

  it('silence is a hold at once, is said once, and is left by telemetry', () => {
    expect(run(planned, silent).state.status).toBe('held');
    expect(types(run(planned, silent, [30, { silentWindows: 4, verdict: 'inconclusive' }]).news)).toEqual([
      'EvidenceRecorded',
    ]);
    expect(types(run(planned, silent, [30, {}]).news)).toEqual(['EvidenceRecorded', 'HoldLeft']);
  });

  it('asks the bodies after askAfter, once', () => {
    const asked = run(planned, silent, [621, 'Evaluate']);
    expect(asked.news).toContainEqual(
      expect.objectContaining({ type: 'BodiesAsked', bodies: ['TSC'], heldSince: at(20) }),
    );
    expect(run(planned, silent, [621, 'Evaluate'], [700, 'Evaluate']).news).toEqual([]);
  });

  it('is left by a recorded waiver, of this step only', () => {
    const waiver: Happening = [70, 'WaiveHold', { step: '1', body: 'TSC' }];
    expect(types(run(planned, [60, 'Evaluate'], waiver).news)).toEqual([
      'HoldWaived',
      'StepAdvanced',
      'StepStarted',
    ]);
    expect(run(planned, [60, 'Evaluate'], waiver).state).toMatchObject({ waived: false, stepIndex: 1 });
    expect(types(run(planned, silent, [30, 'WaiveHold', { step: '1', body: 'TSC' }]).news)).toEqual([
      'HoldWaived',
      'HoldLeft',
    ]);
    expect(() => run(planned, silent, [30, 'WaiveHold', { step: '10', body: 'TSC' }])).toThrow(
      /held at step 1/,
    );
    expect(() => run(planned, [30, 'WaiveHold', { step: '1', body: 'TSC' }])).toThrow(/not held/);
  });

  it('no waiver leads past telemetry that speaks against the release', () => {
    const slow: Happening = [60, { firing: 'page-slow', failures: 20 }];
    expect(() => run(planned, slow, [70, 'WaiveHold', { step: '1', body: 'TSC' }])).toThrow(/no waiver/);
  });

  it('[PB-9.06] a step that burns slowly past its deadline goes back; one that lacks data never does', () => {
    const slow: Happening = [60, { firing: 'page-slow', failures: 20 }];
    expect(run(planned, slow, [1200, 'Evaluate']).state.status).toBe('held');
    const burning = run(planned, slow, [1199, { firing: 'page-slow', failures: 20 }], [1200, 'Evaluate']);
    expect(burning.news.at(-1)).toMatchObject({ type: 'RollbackStarted', code: 'progress-deadline-passed' });
    expect(run(planned, silent, [90_000, 'Evaluate']).state.status).toBe('held');
  });
});

describe('What monitoring says', () => {
  const silence: Happening = [20, { silentWindows: 3, verdict: 'inconclusive', requests: 0 }];

  it('[PB-9.02] counts once, however often it is told', () => {
    const { state, news } = run(planned, [30, { requests: 60 }], [30, { requests: 60 }]);
    expect(news).toEqual([]);
    expect(state.requests).toBe(60);
  });

  it('[PB-9.02] of a window that ended when the step began is not of the step', () => {
    const begun = run(controlled, ...approvals('internal', 'TSC', 'SCO', 'ERC', 'CGB'));
    expect(begun.state.since).toBe(at(1));
    const heard = run(controlled, ...approvals('internal', 'TSC', 'SCO', 'ERC', 'CGB'), [
      1,
      { requests: 500 },
    ]);
    expect(heard.state).toMatchObject({ requests: 0, last: null });
  });

  it('[PB-9.03] before anybody is exposed is nothing, but for a use without a grant', () => {
    expect(run(controlled, [20, { firing: 'page-quick', failures: 50 }]).news).toEqual([]);
    expect(types(run(controlled, [20, { bypassed: 1 }]).news)).toEqual([
      'EvidenceRecorded',
      'RollbackStarted',
    ]);
  });

  it('[PB-9.02] that it can’t tell leads out of no hold', () => {
    const { state, news } = run(planned, silence, [30, { verdict: 'inconclusive' }]);
    expect(types(news)).toEqual(['EvidenceRecorded']);
    expect(state).toMatchObject({ status: 'held', hold: { code: 'telemetry-silent' } });
  });

  it('[PB-9.02] may give a hold another reason; the bodies are asked by when it began', () => {
    const { state } = run(planned, silence, [60, { verdict: 'inconclusive' }]);
    expect(state.hold).toMatchObject({ code: 'gate-inconclusive', since: at(20) });
    expect(nextDue(state)).toBe(at(620));
  });
});

describe('A waiver of a hold', () => {
  const waived: readonly Happening[] = [
    planned,
    [20, { silentWindows: 3, verdict: 'inconclusive', requests: 0 }],
    [30, 'WaiveHold', { step: '1', body: 'TSC', until: at(50) }],
  ];

  it('[PB-9.02] ends with its time: what it stood for is missing again', () => {
    expect(run(...waived).state).toMatchObject({ status: 'running', waived: true, waivedUntil: at(50) });
    expect(run(...waived, [60, 'Evaluate']).news).toMatchObject([
      { type: 'RolloutHeld', code: 'telemetry-silent' },
    ]);
  });

  it('[PB-9.02] can be given anew then, and holds for the stage where it names no end', () => {
    const anew = [...waived, [60, 'Evaluate'], [70, 'WaiveHold', { step: '1', body: 'TSC' }]] as const;
    expect(types(run(...anew).news)).toEqual(['HoldWaived', 'StepAdvanced', 'StepStarted']);
    expect(run(...anew).state).toMatchObject({ waived: false, waivedUntil: null });
  });
});

const WAITING: Readonly<Record<string, readonly Happening[]>> = {
  running: [planned],
  held: [planned, [60, 'Evaluate']],
  'awaiting-gate': [planned, ...minute(0), ...minute(60)],
  paused: [planned, [70, 'Pause']],
  baking: [
    [0, 'PlanRollout', { request: request({ type: 'full', risk: { level: 'low', reasons: [] } }) }],
    ...minute(0),
  ],
};

describe.each(Object.entries(WAITING))('While %s', (status, before) => {
  it('is in that state', () => expect(run(...before).state.status).toBe(status));

  it.each<[string, Happening, string]>([
    ['a page-quick burn with 10 failures', [200, { firing: 'page-quick', failures: 10 }], 'burn-rate'],
    ['a permission used without a grant', [200, { bypassed: 1 }], 'permission-bypassed'],
    ['a withdrawn release', [200, 'RollBack', { code: 'release-withdrawn' }], 'release-withdrawn'],
    [
      'a suspended integration',
      [200, 'RollBack', { code: 'integration-suspended' }],
      'integration-suspended',
    ],
    ['a person who asks', [200, 'RollBack', { code: 'requested' }], 'requested'],
  ])('[PB-9.06] [PB-1.1] %s goes back to the previous release', (_, happening, code) => {
    const { news, state } = run(...before, happening);
    expect(news.at(-1)).toMatchObject({
      type: 'RollbackStarted',
      code,
      to: '1.0.0',
      automatic: code !== 'requested',
    });
    expect(state.status).toBe('rolling-back');
    const confirmed = run(...before, happening, [210, 'ConfirmRollback']);
    expect(confirmed.news).toEqual([
      expect.objectContaining({ type: 'RolledBack', withinDeclared: true, tookMs: 10_000 }),
    ]);
    expect(confirmed.state.status).toBe('rolled-back');
  });

  it('is superseded by a newer rollout', () =>
    expect(run(...before, [200, 'Supersede', { by: 'ro-2' }]).state.status).toBe('superseded'));

  it('never goes on because of telemetry that is missing', () => {
    const before200 = run(...before).state;
    const { state } = run(
      ...before,
      [200, { silentWindows: 3, verdict: 'inconclusive', requests: 0 }],
      [9000, 'Evaluate'],
    );
    expect([state.stepIndex, state.phase]).toEqual([before200.stepIndex, before200.phase]);
    expect(['held', 'paused']).toContain(state.status);
  });
});

describe('Pausing', () => {
  it('[PB-9.02] resumes at the same step with the same salt, and leaves the pause out of the dwell', () => {
    const { state } = run(planned, [10, {}], [20, 'Pause'], [100, 'Resume']);
    expect(state).toMatchObject({ status: 'running', stepIndex: 0, since: at(80) });
    expect(state.planned?.salt).toBe('ro-1');
    expect(nextDue(state)).toBe(at(140));
  });

  it('takes approvals while paused, and moves only when resumed', () => {
    const paused: readonly Happening[] = [
      planned,
      ...minute(0),
      ...minute(60),
      [121, 'Pause'],
      [122, 'RecordApproval', { step: '50', body: 'TSC' }],
    ];
    expect(run(...paused).state).toMatchObject({ status: 'paused', stepIndex: 1 });
    expect(run(...paused, [123, 'Resume']).state).toMatchObject({ status: 'running', stepIndex: 2 });
  });

  it('is refused before anybody is exposed, and said twice is said once', () => {
    expect(() => run(controlled, [5, 'Pause'])).toThrow(/Nothing is exposed/);
    expect(run(planned, [5, 'Pause'], [6, 'Pause']).news).toEqual([]);
    expect(run(planned, [5, 'Resume']).news).toEqual([]);
  });
});

describe('Going back', () => {
  const burning: Happening = [20, { firing: 'page-quick', failures: 12, requests: 40, verdict: 'fail' }];

  it('[PB-9.06] carries the numbers that decided it', () =>
    expect(run(planned, burning).news.at(-1)).toMatchObject({
      type: 'RollbackStarted',
      triggeredAt: at(20),
      decision: {
        engine: 'burn-1',
        source: { eventId: 'v-20', streamVersion: 200 },
        signals: [
          { canary: { requests: 40, failures: 12 }, burn: [{ rule: 'page-quick', failuresLong: 12 }] },
        ],
      },
    }));

  it('[PB-9.06] says when the declared time has passed, and when it was kept', () => {
    expect(nextDue(run(planned, burning).state)).toBe(at(50));
    expect(run(planned, burning, [49, 'Evaluate']).news).toEqual([]);
    expect(types(run(planned, burning, [50, 'Evaluate']).news)).toEqual(['RollbackOverdue']);
    const late = run(planned, burning, [50, 'Evaluate'], [60, 'ConfirmRollback']);
    expect(late.news).toEqual([
      expect.objectContaining({ type: 'RolledBack', withinDeclared: false, tookMs: 40_000 }),
    ]);
  });

  it('[PB-9.03] an approval taken back after its step was entered goes back', () => {
    const entered = [
      planned,
      [1, 'RecordApproval', { step: '50', body: 'TSC' }],
      ...minute(0),
      ...minute(60),
    ] as const;
    const takenBack: Happening = [130, 'RejectStep', { step: '50', body: 'TSC' }];
    expect(run(...entered, takenBack).news.at(-1)).toMatchObject({ code: 'approval-withdrawn' });
    const before = run(
      planned,
      [1, 'RecordApproval', { step: '50', body: 'TSC' }],
      [2, 'RejectStep', { step: '50', body: 'TSC' }],
    );
    expect(before.state).toMatchObject({ status: 'running', approvals: [] });
  });

  it('is final: nothing changes it any more', () => {
    const over = [planned, burning, [25, 'ConfirmRollback']] as const;
    expect(() => run(...over, [30, 'Pause'])).toThrow(/rolled-back/);
    expect(run(...over, [30, {}]).news).toEqual([]);
    expect(run(...over, [30, 'Evaluate']).news).toEqual([]);
    expect(run(...over, [30, 'RollBack']).news).toEqual([]);
    expect(run(...over, [30, 'ConfirmRollback']).news).toEqual([]);
  });

  describe('of a rollout that is complete', () => {
    const complete: readonly Happening[] = [
      [0, 'PlanRollout', { request: request({ type: 'full', risk: { level: 'low', reasons: [] } }) }],
      ...minute(0),
      [359, { requests: 300 }],
      [361, {}],
    ];

    it('[PB-1.1] [PB-9.06] takes everybody back to the previous release when a person asks for it', () => {
      expect(run(...complete).state.status).toBe('completed');
      const asked: Happening = [9000, 'RollBack', { code: 'requested' }];
      expect(run(...complete, asked).news).toEqual([
        expect.objectContaining({ type: 'RollbackStarted', to: '1.0.0', percent: 100, automatic: false }),
      ]);
      expect(run(...complete, asked, [9001, 'RollBack']).news).toEqual([]);
      expect(nextDue(run(...complete, asked).state)).toBe(at(9030));
      expect(run(...complete, asked, [9010, 'ConfirmRollback']).state.status).toBe('rolled-back');
    });

    it('leaves everything else as it is', () => {
      for (const what of ['Pause', 'Resume'] as const)
        expect(() => run(...complete, [400, what])).toThrow(/completed; nothing changes it/);
      expect(run(...complete, [400, 'Evaluate']).news).toEqual([]);
      expect(run(...complete, [400, { firing: 'page-quick', failures: 20 }]).news).toEqual([]);
      expect(run(...complete, [400, 'Supersede', { by: 'ro-2' }]).news).toEqual([]);
    });
  });

  it('ends a rollout that nobody was exposed to yet', () =>
    expect(run(controlled, [5, 'RollBack', { code: 'release-withdrawn' }]).state.status).toBe(
      'rolling-back',
    ));
});

it('[PB-9.02] folding the log gives the state that was decided in', () => {
  const { all, state } = run(planned, ...minute(0), ...minute(60));
  expect(fold(rollout, JSON.parse(JSON.stringify(all)))).toEqual(state);
});
