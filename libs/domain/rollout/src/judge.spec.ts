import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { find, judge } from './judge.js';
import { planRollout } from './plan.js';
import { at, evidence, PLAYBOOK } from './rollout.fixtures.js';

const plan = planRollout(PLAYBOOK, 'staged', 'medium');

describe('What a verdict says by itself', () => {
  it('[PB-9.06] the quickest page rule with 10 failures goes back', () =>
    expect(find(evidence(10, { firing: 'page-quick', failures: 10, verdict: 'fail' }), plan)).toMatchObject({
      outcome: 'roll-back',
      code: 'burn-rate',
      reason: expect.stringContaining('10 of 60 failed'),
    }));

  it('[PB-9.06] the same rule with 9 failures holds, whatever the verdict says', () =>
    expect(find(evidence(10, { firing: 'page-quick', failures: 9, verdict: 'fail' }), plan)).toMatchObject({
      outcome: 'hold',
      code: 'gate-failed-without-numbers',
    }));

  it('[PB-9.06] decides by the numbers even where the verdict says pass', () =>
    expect(find(evidence(10, { firing: 'page-quick', failures: 10 }), plan).outcome).toBe('roll-back'));

  it('a slower page rule holds, a ticket does not', () => {
    expect(find(evidence(10, { firing: 'page-slow', failures: 50 }), plan)).toMatchObject({
      code: 'slow-burn',
    });
    expect(find(evidence(10, { firing: 'ticket', failures: 50 }), plan)).toEqual({ outcome: 'pass' });
  });

  it('[PB-9.06] a permission used without a grant goes back at once', () =>
    expect(find(evidence(10, { bypassed: 1 }), plan)).toMatchObject({ code: 'permission-bypassed' }));

  it('permissions being probed go back when monitoring fails the release', () => {
    expect(find(evidence(10, { outOfScope: 3, verdict: 'fail' }), plan)).toMatchObject({
      code: 'permissions-probed',
    });
    expect(find(evidence(10, { outOfScope: 1 }), plan)).toEqual({ outcome: 'pass' });
  });

  it('[PB-9.06] silence is a hold and never a roll-back or a pass', () =>
    expect(find(evidence(10, { silentWindows: 3, verdict: 'pass', requests: 0 }), plan)).toMatchObject({
      outcome: 'hold',
      code: 'telemetry-silent',
    }));
});

describe('Whether a stage may be left', () => {
  const demand = { minRequests: 100 };
  it('needs a verdict, a fresh one, that passes, with enough requests', () => {
    const last = evidence(10);
    expect(judge(plan, { demand, requests: 500, last: null }, at(10))).toMatchObject({ code: 'no-evidence' });
    expect(judge(plan, { demand, requests: 500, last }, at(61))).toMatchObject({ code: 'telemetry-stale' });
    expect(judge(plan, { demand, requests: 99, last }, at(11))).toMatchObject({ code: 'too-few-requests' });
    expect(judge(plan, { demand, requests: 100, last }, at(60))).toEqual({ outcome: 'pass' });
    const doubtful = evidence(10, { verdict: 'inconclusive' });
    expect(judge(plan, { demand, requests: 500, last: doubtful }, at(11))).toMatchObject({
      code: 'gate-inconclusive',
    });
  });

  it('[PB-9.02] is pure: the same evidence gives the identical outcome, and no doubt ever passes', () => {
    const said = fc.record({
      requests: fc.nat(1000),
      failures: fc.nat(50),
      verdict: fc.constantFrom('pass' as const, 'fail' as const, 'inconclusive' as const),
      silentWindows: fc.nat(4),
      bypassed: fc.nat(1),
      outOfScope: fc.nat(3),
      firing: fc.constantFrom('page-quick', 'page-slow', 'ticket'),
    });
    fc.assert(
      fc.property(said, fc.nat(200), fc.nat(200), (words, requests, second) => {
        const last = evidence(10, words);
        const once = judge(plan, { demand, requests, last }, at(second));
        expect(judge(plan, structuredClone({ demand, requests, last }), at(second))).toEqual(once);
        const doubt =
          words.verdict !== 'pass' || words.silentWindows > 0 || words.bypassed > 0 || requests < 100;
        expect(doubt && once.outcome === 'pass').toBe(false);
      }),
    );
  });
});
