import { describe, expect, it } from '@jest/globals';
import { CONTEXT, ID, PLAYBOOK, SEATS, uuid } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { AdoptPlaybook, dueDates, evolve, GrantWaiver, PassTime, type WaiverTarget } from './index.js';

const refusal = (code: string) => expect.objectContaining({ code });
const waive = (life: ReleaseLife, target: WaiverTarget, expiresAt = '2026-12-24T00:00:00.000Z') =>
  life.do(
    new GrantWaiver(life.given('tara'), {
      waiverId: uuid(9),
      body: 'TSC',
      target,
      reason: 'known',
      expiresAt,
    }),
  );
const pass = (life: ReleaseLife) => life.do(new PassTime(ID, life.requestId()));
const keys = (life: ReleaseLife) => dueDates(life.state, PLAYBOOK).map(({ key, dueAt }) => `${key} ${dueAt}`);

describe('what falls due', () => {
  it('[PB-12.01] [PB-12.02] [PB-12.03] [PB-12.04] is first the reminder of each annual task, a month before its date', () => {
    expect(keys(new ReleaseLife().until(7))).toEqual([]);
    expect(keys(new ReleaseLife().until(8))).toEqual([
      'stewardship:integration-review 2027-10-24T10:00:00.000Z',
      'stewardship:compatibility-update 2027-10-24T10:00:00.000Z',
      'stewardship:lifecycle-update 2027-10-24T10:00:00.000Z',
      'stewardship:sustainability-review 2027-10-24T10:00:00.000Z',
    ]);
  });

  it('[PB-12.05] moves on by one stage each time, and ends with what the playbook says', () => {
    const life = new ReleaseLife().until(8);
    const stages: string[] = [];
    for (;;) {
      const [next] = dueDates(life.state, PLAYBOOK)
        .map(({ dueAt }) => dueAt)
        .toSorted();
      if (next === undefined) break;
      life.context = { ...life.context, asOf: next };
      stages.push(`${next.slice(0, 10)} ${[...new Set(types(pass(life)))].join()}`);
    }
    expect(stages).toEqual([
      '2027-10-24 StewardshipReminded',
      '2027-11-23 StewardshipOverdue',
      '2027-12-07 StewardshipEscalated',
      '2028-01-22 IntegrationSuspended',
    ]);
  });

  it('is a waiver on its last day; with its end the check blocks again, and is due no more', () => {
    const life = new ReleaseLife().until(4);
    waive(life, { kind: 'check', check: 'api-reference' });
    expect(keys(life)).toEqual([`waiver:${uuid(9)} 2026-12-24T00:00:00.000Z`]);
    expect(pass(life)).toEqual([]);
    life.later('P31D');
    expect(types(pass(life))).toEqual(['WaiverExpired']);
    expect([keys(life), pass(life)]).toEqual([[], []]);
  });

  it('is a waiver no more whose grantor has lost the seat', () => {
    const life = new ReleaseLife().until(4);
    waive(life, { kind: 'check', check: 'api-reference' });
    life.context = { ...life.context, membership: { version: 8, seats: { ...SEATS, TSC: ['tobias'] } } };
    const events = life.fact(life.verdict());
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'WaiverExpired', data: expect.objectContaining({ because: 'seat' }) }),
    );
    expect(keys(life)).toEqual([]);
  });

  it('is nothing before the first event, and nothing of what the log does not hold', () => {
    expect(keys(new ReleaseLife())).toEqual([]);
    const state = new ReleaseLife().until(1).state;
    expect(
      evolve(state, { type: 'WaiverExpired', data: { integrationId: ID, release: '9.9.9', waiverId: 'w' } }),
    ).toBe(state);
  });
});

describe('a hold of a rollout', () => {
  it('is left by a waiver that is told to the rollout', () => {
    const life = new ReleaseLife().until(5);
    const held = { ...life.ofRollout(), step: '50', reason: 'no data', evidence: {} };
    life.fact({ type: 'RolloutHeld', data: held });
    expect(life.missing()).toEqual(['rollout:complete']);
    expect(() => waive(life, { kind: 'rollout-hold', step: '100' })).toThrow(refusal('not-held'));
    expect(waive(life, { kind: 'rollout-hold', step: '50' })).toMatchObject([
      { type: 'WaiverGranted' },
      {
        type: 'RolloutHoldWaived',
        data: { step: '50', body: 'TSC', rolloutId: held.rolloutId, until: '2026-12-24T00:00:00.000Z' },
      },
    ]);
    expect(waive(life, { kind: 'rollout-hold', step: '50' })).toEqual([]);
  });
});

describe('what a rollout says of itself', () => {
  it('[PB-9.06] names who was asked about a hold, and what takes longer than it declared', () => {
    const life = new ReleaseLife().until(5);
    const of = { ...life.ofRollout(), step: '50' };
    const asked = { ...of, bodies: ['TSC', 'CGB'], heldSince: '2026-11-23T10:00:00.000Z', reason: 'no data' };
    life.fact({ type: 'RolloutBodiesAsked', data: asked });
    expect(life.gate().missing).toMatchObject([
      { who: 'TSC', what: expect.stringContaining('no data') },
      { who: 'CGB' },
    ]);
    life.fact({
      type: 'RolloutResumed',
      data: { ...of, cause: 'telemetry', reason: 'telemetry is back' },
    });
    life.fact({
      type: 'RollbackOverdue',
      data: { ...of, cause: 'late', declared: 'PT2M', decidedAt: '2026-11-23T10:00:00.000Z' },
    });
    expect(life.gate().missing).toMatchObject([
      { who: 'rollout', what: expect.stringContaining('longer than the declared PT2M') },
    ]);
  });
});

describe('a waiver for a laxer rollout', () => {
  it('is too late once the rollout was asked for', () => {
    const life = new ReleaseLife().until(5);
    const laxer = new GrantWaiver(life.given('carla'), {
      waiverId: uuid(8),
      body: 'CGB',
      target: { kind: 'rollout-type', rollout: 'full' },
      reason: 'known',
      expiresAt: '2026-12-24T00:00:00.000Z',
    });
    expect(() => life.do(laxer)).toThrow(refusal('wrong-step'));
  });
});

describe('an alert', () => {
  it('keeps a release in step 6 until it is resolved', () => {
    const life = new ReleaseLife().until(6);
    const of = { integrationId: ID, release: life.release };
    const alert = { severity: 'page', signal: 'api-errors', reason: 'burns', numbers: {} } as const;
    life.fact({ type: 'AlertRaised', data: { ...of, ...alert, cause: 'a', alertId: 'a1' } });
    life.bake();
    expect(life.step).toBe(6);
    expect(life.gate().missing).toEqual([
      {
        what: 'open page alert a1, api-errors: burns',
        who: 'partner',
        requirement: 'monitoring:no-open-alert',
      },
    ]);
    life.fact({ type: 'AlertResolved', data: { ...of, cause: 'b', alertId: 'a1', reason: 'over' } });
    expect(life.step).toBe(7);
  });

  it('[PB-7.01] [PB-1.2] about permissions of a live release stands in its gates until a person of the platform resolves it', () => {
    const life = new ReleaseLife().until(8);
    const of = { integrationId: ID, release: life.release };
    const alert = { severity: 'page', signal: 'permission-usage', numbers: {} } as const;
    const raised = { ...of, ...alert, cause: 'a', alertId: 'a1' };
    life.fact({ type: 'AlertRaised', data: { ...raised, reason: 'orders:delete was used 1 ×' } });
    life.fact({ type: 'AlertRaised', data: { ...raised, cause: 'b', reason: 'orders:delete was used 2 ×' } });
    expect(life.gate(7)).toMatchObject({
      state: 'passed',
      missing: [
        {
          what: 'open page alert a1, permission-usage: orders:delete was used 2 ×',
          who: 'operator',
          requirement: 'monitoring:no-open-alert',
        },
      ],
    });
    life.fact({ type: 'AlertResolved', data: { ...of, cause: 'c', alertId: 'a1', reason: 'mended' } });
    expect(life.gate(7).missing).toEqual([]);
  });
});

describe('another playbook', () => {
  const playbook = {
    ...PLAYBOOK,
    version: '1.1',
    steps: PLAYBOOK.steps.map((step) =>
      step.number === 1 ? { ...step, requires: ['documents:proposal'] } : step,
    ),
  };
  const adopt = (life: ReleaseLife, roles: readonly string[] = ['admin']) =>
    life.do(new AdoptPlaybook({ ...life.given('oscar'), roles }, 'in force since December'));

  it('is adopted by an event, by whoever may, and asked from then on', () => {
    const life = new ReleaseLife().until(1);
    expect(() => adopt(life, ['reviewer'])).toThrow(refusal('role-missing'));
    expect(adopt(life)).toEqual([]);
    life.context = { ...CONTEXT, playbook };
    expect(types(adopt(life))).toEqual(['PlaybookAdopted', 'StepPassed', 'StepEntered']);
    expect(life.state.playbook).toBe('1.1');
  });
});

it('evidence is for a task that there is', () => {
  const life = new ReleaseLife().until(2);
  expect(() => life.do(life.evidence('preparation', 'testing'))).toThrow('permissionMapping, sandbox');
  expect(() => life.do(life.evidence('implementation', 'constructor'))).toThrow(refusal('unknown-task'));
});
