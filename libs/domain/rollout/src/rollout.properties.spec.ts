import { describe, expect, it } from '@jest/globals';
import { fold, isDomainRejection } from '@kwanus/kernel';
import fc from 'fast-check';
import { bucketOf, isExposed } from './bucketing.js';
import { between, milliseconds } from './duration.js';
import { evaluateFlag, evolveFlag, newFlag } from './flag.js';
import { listsOpenAt } from './plan.js';
import { missingFor } from './position.js';
import { rollout } from './rollout.decider.js';
import type { RolloutEvent } from './rollout.events.js';
import { commandOf, type Happening, PLAYBOOK, request } from './rollout.fixtures.js';
import {
  isExposing,
  isFinal,
  isOver,
  ROLLOUT_STATUSES,
  type Rollout,
  type RolloutStatus,
} from './rollout.state.js';
import { nextDue } from './stepping.js';

const context = { playbook: PLAYBOOK };
const said = fc.record({
  requests: fc.constantFrom(0, 50, 300),
  failures: fc.constantFrom(0, 9, 10),
  verdict: fc.constantFrom('pass' as const, 'pass' as const, 'inconclusive' as const, 'fail' as const),
  silentWindows: fc.constantFrom(0, 0, 0, 3),
  bypassed: fc.constantFrom(0, 0, 0, 0, 0, 1),
});
const bodies = fc.constantFrom('TSC', 'SCO', 'ERC', 'CGB');
const steps = fc.constantFrom('1', '10', '50', '100', 'internal', 'partners', '25', 'smoke', 'all');
const command = fc.constantFrom(
  'Evaluate',
  'Evaluate',
  'Pause',
  'Resume',
  'Resume',
  'RollBack',
  'ConfirmRollback',
  'Supersede',
  'RecordLateFact',
  'PlanRollout',
) as fc.Arbitrary<'Evaluate'>;
const byBody = fc.constantFrom(
  'RecordApproval',
  'RecordApproval',
  'RecordApproval',
  'RejectStep',
  'WaiveHold',
);
const what = fc.oneof(
  { weight: 6, arbitrary: said.map((words) => [words] as const) },
  { weight: 3, arbitrary: command.map((type) => [type] as const) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(byBody, steps, bodies)
      .map(([type, step, body]) => [type as 'RecordApproval', { step, body }] as const),
  },
);
const type = fc.constantFrom('full' as const, 'staged' as const, 'controlled' as const);
const history = fc.tuple(type, fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), what), { maxLength: 40 }));

interface Seen {
  readonly before: Rollout;
  readonly after: Rollout;
  readonly news: readonly RolloutEvent[];
  readonly happening: Happening;
}

function play([kind, gaps]: typeof history extends fc.Arbitrary<infer T> ? T : never): readonly Seen[] {
  const plan = request({ type: kind, risk: { level: 'low', reasons: [] } });
  let second = 0;
  let state = rollout.initialState;
  const seen: Seen[] = [];
  const happenings = gaps.map(([gap, [first, rest]]): Happening => {
    second += gap;
    return [second, first, rest ?? {}];
  });
  for (const happening of [[0, 'PlanRollout', { request: plan }] as Happening, ...happenings]) {
    const news = attempt(happening, state);
    const after = news.reduce(rollout.evolve, state);
    seen.push({ before: state, after, news, happening });
    state = after;
  }
  return seen;
}

function attempt(happening: Happening, state: Rollout): readonly RolloutEvent[] {
  try {
    return rollout.decide(commandOf(happening), state, context);
  } catch (error) {
    if (isDomainRejection(error)) return [];
    throw error;
  }
}

function checkAdvance({ before, news }: Seen): void {
  const advanced = news.find((event) => event.type === 'StepAdvanced' || event.type === 'RolloutCompleted');
  if (advanced === undefined) return;
  const { decision, at } = advanced;
  expect(decision.waived || (decision.requests >= decision.minRequests && decision.source !== null)).toBe(
    true,
  );
  const dwell = milliseconds(String(decision.minDwell));
  expect(between(String(decision.since), at)).toBeGreaterThanOrEqual(dwell);
  const entered = news.find((event) => event.type === 'StepStarted');
  if (entered !== undefined) expect(missingFor({ ...before, ...decision }, entered.stepIndex)).toEqual([]);
}

describe('Whatever happens', () => {
  it('[PB-9.02] folding gives the state that decide saw, and replay decides identically', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const seen = play(happenings);
        const all = seen.flatMap(({ news }) => news);
        expect(fold(rollout, JSON.parse(JSON.stringify(all)))).toEqual(seen.at(-1)?.after);
        for (const { happening, before, news } of seen)
          expect(attempt(happening, structuredClone(before))).toEqual(news);
      }),
    );
  });

  it('[PB-1.1] what is over stays over', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { before, after } of play(happenings)) {
          if (isFinal(before)) expect(after.status).toBe(before.status);
          if (before.status === 'completed') expect(['completed', 'rolling-back']).toContain(after.status);
        }
      }),
    );
  });

  it('[PB-9.02] nothing advances without dwell, requests, a passing verdict or a waiver, and approvals', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const seen of play(happenings)) checkAdvance(seen);
      }),
      { numRuns: 300 },
    );
  });

  it('[PB-9.06] a failing verdict always goes back while somebody is exposed', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const { after } = play(happenings).at(-1) ?? { after: rollout.initialState };
        if (after.since === null || isOver(after) || after.status === 'rolling-back') return;
        const news = attempt([100_000, { firing: 'page-quick', failures: 10 }], after);
        expect(news.at(-1)?.type).toBe('RollbackStarted');
      }),
    );
  });

  it('what falls due moves something, or was looked at', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { after } of play(happenings)) {
          const due = nextDue(after);
          if (due === null) continue;
          const news = rollout.decide({ type: 'Evaluate', at: due }, after, context);
          const moved = news.reduce(rollout.evolve, after);
          expect(news.length > 0 || moved.hold?.code === 'slow-burn').toBe(true);
        }
      }),
    );
  });
});

describe('Whatever happens, the flag', () => {
  const lists = { internal: ['ws-internal'], partners: ['ws-acme'] };
  const workspaces = [
    ...lists.internal,
    ...lists.partners,
    ...Array.from({ length: 60 }, (_, n) => `ws-${n}`),
  ];

  it('[PB-9.02] [PB-9.06] answers the release to whom the step exposes, and to nobody while nothing is exposed', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        let flag = newFlag('acme.orders');
        for (const { after, news } of play(happenings)) {
          flag = news.reduce(evolveFlag, flag);
          const { planned } = after;
          if (planned === null) continue;
          const open = listsOpenAt(planned.plan, after.stepIndex);
          const listed = [...(open.internal ? lists.internal : []), ...(open.partners ? lists.partners : [])];
          const { percent } = planned.plan.steps[after.stepIndex] ?? { percent: 0 };
          for (const targetingKey of workspaces) {
            const met =
              isExposing(after) &&
              (listed.includes(targetingKey) || isExposed(bucketOf(planned.salt, targetingKey), percent));
            const { release } = evaluateFlag(flag, { targetingKey }).value;
            expect(release).toBe(met ? '2.0.0' : '1.0.0');
          }
        }
      }),
    );
  });
});

describe('Every command in every state', () => {
  it('either says what happened or refuses with a reason', () => {
    const reached = new Map<RolloutStatus, Rollout>();
    fc.assert(
      fc.property(history, (happenings) => {
        for (const { after } of play(happenings)) reached.set(after.status, after);
      }),
      { numRuns: 1500, seed: 7 },
    );
    const momentary = new Set<RolloutStatus>(['planned', 'ready', 'refused', 'unplanned']);
    expect([...reached.keys()].toSorted()).toEqual(
      ROLLOUT_STATUSES.filter((status) => !momentary.has(status)).toSorted(),
    );
    const commands = [
      'PlanRollout',
      'Evaluate',
      'Pause',
      'Resume',
      'RollBack',
      'ConfirmRollback',
      'Supersede',
      'RecordApproval',
      'RejectStep',
      'WaiveHold',
      'RecordLateFact',
    ] as const;
    for (const state of [rollout.initialState, ...reached.values()])
      for (const name of commands)
        expect(() => attempt([90_000, name, { step: '1', body: 'TSC' }], state)).not.toThrow();
  });
});
