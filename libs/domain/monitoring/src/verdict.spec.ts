import { describe, expect, it } from '@jest/globals';
import { Accumulator } from './accumulator.js';
import { burnConditions, permissionConditions } from './alerting.js';
import { milliseconds } from './duration.js';
import { signalCounts } from './signals.js';
import { call, extension, PAGE_SLOW, RULES, run, WATCHED } from './telemetry.fixtures.js';
import { NO_TOTALS } from './totals.js';
import { judgePermissions, type PermissionCounts } from './usage.js';
import { type GateEvidence, judgeGate, type SignalSeries } from './verdict.js';

const counts = (requests: number, failures = 0) => ({ requests, failures });
const everySpan = (requests: number, failures: number) =>
  new Map(
    RULES.burn
      .flatMap(({ long, short }) => [long, short])
      .map((span) => [milliseconds(span), counts(requests, failures)]),
  );
const series = (requests: number, failures: number, over: Partial<SignalSeries> = {}): SignalSeries => ({
  signal: 'api-errors',
  of: null,
  canary: counts(requests, failures),
  stable: counts(1_000),
  canaryWindow: counts(requests, failures),
  stableWindow: counts(100),
  spans: everySpan(requests, failures),
  ...over,
});
const workflow = (requests: number, failures = 0) =>
  series(requests, failures, { signal: 'workflow-reliability', of: 'order-sync' });
const used = (permission: string, allowed: number, denied = 0): PermissionCounts => ({
  permission,
  allowed,
  denied,
  deniedLately: denied,
});
const permissions = (...all: readonly PermissionCounts[]) => judgePermissions(all, WATCHED.permissions);
const evidence = (over: Partial<GateEvidence> = {}): GateEvidence => ({
  series: [series(500, 0), workflow(50)],
  permissions: permissions(used('orders:read', 20)),
  silentWindows: 0,
  ...over,
});
const judge = (over: Partial<GateEvidence> = {}) => judgeGate(evidence(over), WATCHED, RULES);

describe('The gate verdict', () => {
  it('[PB-2.6] passes a release of which everything watched was heard and nothing burns', () => {
    expect(judge()).toMatchObject({ verdict: 'pass', reasons: [] });
  });

  it('[PB-10.03] fails on a page-quick burn with at least ten failures, and says its numbers', () => {
    const { verdict, reasons, signals } = judge({ series: [series(500, 10), workflow(50)] });
    expect(verdict).toBe('fail');
    expect(reasons[0]).toBe(
      'api-errors: page-quick fires, burning 20.00 (long) and 20.00 (short) times the budget, over 14.40; 10 of 500 failed',
    );
    expect(signals[0]?.burn[0]).toMatchObject({ rule: 'page-quick', long: expect.closeTo(20), firing: true });
  });

  it('does not fail on nine failures', () => {
    expect(judge({ series: [series(100, 9), workflow(50)] }).verdict).toBe('pass');
  });

  it('[PB-10.01] fails on a workflow that burns, each by its own objective', () => {
    const { verdict, reasons } = judge({ series: [series(500, 0), workflow(50, 10)] });
    expect(verdict).toBe('fail');
    expect(reasons[0]).toContain('workflow-reliability of order-sync: page-quick fires');
  });

  it('holds, and does not fail, when only a slower page rule fires', () => {
    const spans = new Map(everySpan(50_000, 0)).set(milliseconds(PAGE_SLOW.long), counts(50_000, 400));
    spans.set(milliseconds(PAGE_SLOW.short), counts(5_000, 40));
    const { verdict, reasons } = judge({ series: [series(50_000, 400, { spans }), workflow(50)] });
    expect(verdict).toBe('inconclusive');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain('page-slow fires');
  });

  it.each<[string, Partial<GateEvidence>, string]>([
    ['telemetry fell silent', { silentWindows: 3 }, 'no telemetry of the release for 3 windows'],
    ['nothing was heard at all', { series: [] }, 'no telemetry of the release yet: api-errors'],
    [
      'a declared workflow was never heard of',
      { series: [series(500, 0)] },
      'no telemetry of the release yet: workflow-reliability of order-sync',
    ],
    [
      'calls have stopped while workflows go on',
      { series: [series(500, 0, { spans: everySpan(0, 0) }), workflow(50)] },
      'no telemetry of the release for PT1H: api-errors',
    ],
    [
      'the grants are unknown',
      { permissions: judgePermissions([used('orders:read', 1)], null) },
      'the permissions that the release was granted are not known',
    ],
  ])('[PB-2.6] is inconclusive, never a pass, when %s', (_case, over, reason) => {
    const judged = judge(over);
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toContain(reason);
  });

  it('is inconclusive when an objective is missed that no page rule can guard', () => {
    const judged = judgeGate(evidence({ series: [series(100, 90), workflow(50)] }), WATCHED, {
      ...RULES,
      signals: RULES.signals.map((rule) => (rule.id === 'api-errors' ? { ...rule, objective: 0.8 } : rule)),
      burn: [RULES.burn[0]].filter((rule) => rule !== undefined),
    });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons).toEqual([
      'api-errors: the objective is being missed and no page rule can fire for it',
      'api-errors: page-quick can never fire for an objective of 0.8',
    ]);
  });

  it('[PB-7.01] fails when a permission was used without a grant, even if all else is silent', () => {
    const { verdict, reasons } = judge({ series: [], permissions: permissions(used('payouts:create', 1)) });
    expect(verdict).toBe('fail');
    expect(reasons[0]).toBe('permission payouts:create was used 1 × without a grant');
  });

  it('[PB-7.01] fails when three permissions out of scope are tried within an hour', () => {
    const tried = ['a', 'b', 'c'].map((name) => used(name, 0, 1));
    expect(judge({ permissions: permissions(...tried) }).verdict).toBe('fail');
    expect(judge({ permissions: permissions(...tried.slice(1)) }).verdict).toBe('pass');
    const strict = { ...RULES, probing: { permissions: 2, within: 'PT10M' } };
    const two = evidence({ permissions: permissions(...tried.slice(1)) });
    expect(judgeGate(two, WATCHED, strict).verdict).toBe('fail');
    expect(permissionConditions(two.permissions, strict)[0]).toMatchObject({
      severity: 'page',
      reason: 'permissions out of scope are being tried, 2 or more within PT10M',
    });
  });
});

describe('Permission use against grants', () => {
  it('[PB-10.02] tells used, denied, out of scope, bypassed and never used apart', () => {
    expect(permissions(used('orders:read', 5, 2), used('payouts:create', 1, 3))).toMatchObject({
      used: 5,
      denied: 2,
      outOfScope: 3,
      bypassed: 1,
      neverUsed: ['orders:write'],
      triedLately: 1,
      judged: true,
    });
  });

  it('says nothing of the scope while the grants are unknown', () => {
    expect(judgePermissions([used('payouts:create', 4, 1)], null)).toMatchObject({
      used: 4,
      denied: 1,
      outOfScope: 0,
      bypassed: 0,
      neverUsed: [],
      judged: false,
    });
  });
});

describe('What is held against objectives', () => {
  it('[PB-10.04] are 5xx, failed or timed-out runs, and misbehaving extensions; not cancelled runs', () => {
    const totals = [
      call(),
      call({ operation: 'createOrder', status: 500 }),
      run({ outcome: 'timed-out' }),
      run({ outcome: 'fell-back' }),
      run({ outcome: 'cancelled' }),
      extension({ outcome: 'denied' }),
      extension({ outcome: 'crashed' }),
      extension(),
    ].reduce((accumulator, fact) => accumulator.add(fact), new Accumulator());
    expect(signalCounts(totals.totals())).toEqual([
      expect.objectContaining({ signal: 'api-errors', of: null, requests: 2, failures: 1 }),
      expect.objectContaining({ signal: 'workflow-reliability', of: 'order-sync', requests: 2, failures: 1 }),
      expect.objectContaining({ signal: 'extension-behaviour', of: 'acme-panel', requests: 3, failures: 2 }),
    ]);
    expect(signalCounts(NO_TOTALS)).toEqual([]);
  });
});

describe('Alert conditions', () => {
  const conditions = (requests: number, failures: number) =>
    burnConditions(judgeGate(evidence({ series: [series(requests, failures)] }), WATCHED, RULES).signals);

  it('[PB-10.07] are raised per severity while a rule fires, and over when none does', () => {
    expect(conditions(500, 10).map(({ severity, becomes }) => [severity, becomes])).toEqual([
      ['page', 'raise'],
      ['ticket', 'raise'],
    ]);
    expect(conditions(500, 0).map(({ becomes }) => becomes)).toEqual(['resolve', 'resolve']);
  });

  it('[PB-10.07] stay as they are while nothing is known', () => {
    expect(conditions(0, 0).map(({ becomes }) => becomes)).toEqual(['unknown', 'unknown']);
  });

  it('[PB-7.01] page for a bypass and make a ticket of an attempt out of scope', () => {
    const raised = permissionConditions(
      permissions(used('payouts:create', 1), used('payouts:read', 0, 1)),
      RULES,
    );
    expect(raised.map(({ severity, reason }) => [severity, reason])).toEqual([
      ['page', 'payouts:create was used 1 × without a grant'],
      ['ticket', 'payouts:read was tried 1 × out of scope'],
    ]);
    expect(permissionConditions(permissions(used('orders:read', 1)), RULES)).toEqual([]);
  });
});
