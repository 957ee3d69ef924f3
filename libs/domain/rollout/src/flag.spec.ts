import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluateFlag, evolveFlag, type Flag, newFlag } from './flag.js';
import type { RegisterEvent } from './register.decider.js';
import type { RolloutEvent } from './rollout.events.js';
import { at, type Happening, request, run } from './rollout.fixtures.js';

const flagAfter = (...events: readonly (RolloutEvent | RegisterEvent)[]): Flag =>
  events.reduce(evolveFlag, newFlag('acme.orders'));
const asked = (flag: Flag, targetingKey: string, partner?: string) =>
  evaluateFlag(flag, partner === undefined ? { targetingKey } : { targetingKey, partner });
const note = (
  kind: Extract<RegisterEvent, { type: 'LifecycleNoted' }>['kind'],
  release: string | null = null,
) =>
  ({
    type: 'LifecycleNoted',
    integrationId: 'acme.orders',
    release,
    kind,
    reason: 'because',
    at: at(1),
  }) as const;

const staged = (percent: 1 | 10): Flag => {
  const passed: readonly Happening[] =
    percent === 10
      ? [
          [30, { requests: 200 }],
          [60, {}],
        ]
      : [];
  return flagAfter(...run([0, 'PlanRollout'], ...passed).all);
};
const controlledRequest = request({ type: 'controlled', risk: { level: 'high', reasons: [] } });
const approved = (step: string): readonly Happening[] =>
  ['TSC', 'SCO', 'ERC', 'CGB'].map((body): Happening => [1, 'RecordApproval', { step, body }]);
const controlled = run([0, 'PlanRollout', { request: controlledRequest }], ...approved('internal'));
const full = run(
  [0, 'PlanRollout', { request: request({ type: 'full', risk: { level: 'low', reasons: [] } }) }],
  [30, { requests: 200 }],
  [60, {}],
);

/** Of these, ws-1 stands at 9207 in rollout ro-1. */
const workspaces = Array.from({ length: 2000 }, (_, n) => `ws-${n}`);

describe('Whether a release is on for a workspace', () => {
  it('is off where nothing was ever released', () =>
    expect(asked(newFlag('acme.orders'), 'ws-1')).toEqual({
      value: { enabled: false, release: null, previous: null },
      variant: 'off',
      reason: 'STATIC',
    }));

  it('[PB-9.02] is split by bucket, and the rest keeps the previous release', () => {
    const answers = workspaces.map((key) => asked(staged(10), key));
    const share = answers.filter(({ variant }) => variant === 'canary').length / answers.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    expect(asked(staged(10), 'ws-1')).toEqual({
      value: { enabled: true, release: '1.0.0', previous: null },
      variant: 'stable',
      reason: 'SPLIT',
    });
  });

  it('[PB-9.02] stays on for whoever had it when the percentage grows', () => {
    const [small, large] = [staged(1), staged(10)];
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (key) => {
        const before = asked(small, key).value.release;
        return before !== '2.0.0' || asked(large, key).value.release === '2.0.0';
      }),
    );
  });

  it('[PB-9.03] is on for listed workspaces only, at a step of lists', () => {
    const flag = flagAfter(...controlled.all);
    expect(asked(flag, 'ws-internal')).toMatchObject({
      reason: 'TARGETING_MATCH',
      value: { release: '2.0.0', previous: '1.0.0' },
    });
    expect(asked(flag, 'ws-acme').value.release).toBe('1.0.0');
    expect(asked(flag, 'ws-1').value.release).toBe('1.0.0');
  });

  it('[PB-9.03] keeps lists open that were opened', () => {
    const on = run(
      [0, 'PlanRollout', { request: controlledRequest }],
      ...approved('internal'),
      ...approved('partners'),
      [30, { requests: 200 }],
      [61, {}],
    );
    const flag = flagAfter(...on.all);
    expect(['ws-internal', 'ws-acme'].map((key) => asked(flag, key).value.release)).toEqual([
      '2.0.0',
      '2.0.0',
    ]);
  });

  it('[PB-9.02] is for the partner only where the release says so, before and after completion', () => {
    const only = run(
      [
        0,
        'PlanRollout',
        {
          request: request({
            partnerOnly: true,
            type: 'full',
            risk: { level: 'low', reasons: [] },
            previous: null,
          }),
        },
      ],
      [30, { requests: 200 }],
      [60, {}],
      [350, { requests: 300 }],
      [360, {}],
    );
    expect(only.state.status).toBe('completed');
    const flag = flagAfter(...only.all);
    expect(asked(flag, 'ws-1').value.enabled).toBe(false);
    expect(asked(flag, 'ws-1', 'globex').value.enabled).toBe(false);
    expect(asked(flag, 'ws-1', 'acme').value).toMatchObject({ enabled: true, release: '2.0.0' });
    expect(asked(flag, 'ws-acme').value.enabled).toBe(true);
    const next = run([
      400,
      'PlanRollout',
      { request: request({ rolloutId: 'ro-9', release: '3.0.0', previous: '2.0.0' }) },
    ]);
    const replaced = flagAfter(...only.all, ...next.all);
    expect(asked(replaced, 'ws-1').value.enabled).toBe(false);
    expect(asked(replaced, 'ws-acme').value.release).toBe('2.0.0');
  });

  it('is on for everybody at 100 %', () =>
    expect(asked(flagAfter(...full.all), 'ws-1')).toMatchObject({
      reason: 'STATIC',
      value: { release: '2.0.0' },
    }));

  it('[PB-9.06] [PB-1.1] is back at the previous release from the decision on', () => {
    const back = run([0, 'PlanRollout'], [20, { firing: 'page-quick', failures: 10 }]);
    const flag = flagAfter(...back.all);
    expect(workspaces.every((key) => asked(flag, key).value.release === '1.0.0')).toBe(true);
  });

  it('[PB-1.1] of a complete rollout, takes everybody back to the previous release', () => {
    const done = run(
      [0, 'PlanRollout', { request: request({ type: 'full', risk: { level: 'low', reasons: [] } }) }],
      [30, { requests: 200 }],
      [60, {}],
      [350, { requests: 300 }],
      [360, {}],
      [9000, 'RollBack'],
    );
    const flag = flagAfter(...done.all);
    expect(done.state.status).toBe('rolling-back');
    expect(asked(flag, 'ws-1')).toMatchObject({ reason: 'STATIC', value: { release: '1.0.0' } });
  });

  it('[PB-1.1] of a release that another one was tried over, takes back those who stayed with it', () => {
    const before = full.all.map((event) => ({ ...event, rolloutId: 'ro-0' }) as RolloutEvent);
    const tried = request({ release: '3.0.0', previous: '2.0.0' });
    const over = run([0, 'PlanRollout', { request: tried }], [20, { firing: 'page-quick', failures: 10 }]);
    const flag = flagAfter(...before, ...over.all);
    expect(asked(flag, 'ws-1').value.release).toBe('2.0.0');
    const back = run([0, 'PlanRollout'], [20, 'RollBack']).all.at(-1);
    expect(
      asked(flagAfter(...before, ...over.all, { ...back, rolloutId: 'ro-0' } as RolloutEvent), 'ws-1').value
        .release,
    ).toBe('1.0.0');
  });

  it('[PB-1.1] the kill switch stands before everything else', () => {
    const suspended = flagAfter(...controlled.all, note('integration-suspended'));
    expect(asked(suspended, 'ws-internal')).toMatchObject({ reason: 'DISABLED', value: { enabled: false } });
    const reinstated = evolveFlag(suspended, note('integration-reinstated'));
    expect(asked(reinstated, 'ws-internal').value.enabled).toBe(true);
    expect(asked(evolveFlag(suspended, note('integration-retired')), 'ws-internal').reason).toBe('DISABLED');
  });

  it('[PB-1.1] a withdrawn release is denied, allow list or not, and never answered as previous', () => {
    const flag = flagAfter(...controlled.all, note('release-withdrawn', '2.0.0'));
    expect(asked(flag, 'ws-internal').value.release).toBe('1.0.0');
    expect(
      asked(evolveFlag(flag, note('release-withdrawn', '1.0.0')), 'ws-internal').value.release,
    ).toBeNull();
  });

  it('a pause keeps the cohort', () => {
    const paused = run([0, 'PlanRollout', { request: controlledRequest }], ...approved('internal'), [
      5,
      'Pause',
    ]);
    expect(asked(flagAfter(...paused.all), 'ws-internal').value.release).toBe('2.0.0');
  });
});
