import { describe, expect, it } from '@jest/globals';
import { giver, ID, PLAYBOOK, SEATS } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { dueDates, MoveIntegration, PassTime, RecordStewardship } from './index.js';

const pass = (life: ReleaseLife) => life.do(new PassTime(ID, life.requestId()));
const done = (life: ReleaseLife, by: string, task: string, outcome: 'done' | 'failed' = 'done') =>
  life.do(new RecordStewardship(life.given(by), task, { outcome, reason: 'looked at', evidence: [] }));
const moved = (move: MoveIntegration['move'], by = 'oscar', sunset: string | null = null) =>
  new MoveIntegration({ ...giver(by), integrationId: ID, release: null }, move, 'for a reason', sunset);

describe('long-term stewardship', () => {
  it.each([
    ['[PB-12.01]', 'integration-review', 'CGB'],
    ['[PB-12.02]', 'compatibility-update', 'TSC'],
    ['[PB-12.03]', 'lifecycle-update', 'CGB'],
    ['[PB-12.04]', 'sustainability-review', 'CGB'],
  ])(
    '%s the annual %s is scheduled at sign-off, reminded, overdue, escalated, and next due a year after it was done',
    (_, task, body) => {
      const life = new ReleaseLife().until(8);
      const of = (type: string) =>
        life.events.find((event) => event.type === type && 'task' in event.data && event.data.task === task);
      expect(life.state.stewardship[task]?.dueAt).toBe('2027-11-23T10:00:00.000Z');
      for (const [wait, type] of [
        ['P336D', 'StewardshipReminded'],
        ['P30D', 'StewardshipOverdue'],
        ['P15D', 'StewardshipEscalated'],
      ] as const) {
        pass(life.later(wait));
        expect(of(type)).toBeDefined();
      }
      done(life, SEATS[body]?.[0] ?? '', task);
      expect(life.state.stewardship[task]).toMatchObject({ state: 'scheduled', lastOutcome: 'done' });
      expect(life.state.stewardship[task]?.dueAt.slice(0, 4)).toBe('2028');
    },
  );

  it('[PB-12.02] has the live release looked at again; when that fails the task is due again and the integration suspended', () => {
    const life = new ReleaseLife().until(8);
    const requested = done(life, 'tara', 'compatibility-update').find(
      ({ type }) => type === 'ValidationRequested',
    );
    expect(requested).toMatchObject({ data: { purpose: 'stewardship', release: '1.0.0' } });
    const rule = PLAYBOOK.stewardship.find(({ id }) => id === 'compatibility-update');
    expect(requested).toMatchObject({ data: { checks: rule?.checks } });
    const requestId = life.state.stewardship['compatibility-update']?.requestId ?? '';
    const news = life.fact(life.verdict({ requestId }, 'ValidationFailed'));
    expect(types(news)).toEqual(['ValidationFailed', 'StewardshipRecorded', 'IntegrationSuspended']);
  });

  it('[PB-12.01] done late, is due again a year after that', () => {
    const life = new ReleaseLife().until(8).later('P1Y').later('P20D');
    done(life, 'carla', 'integration-review');
    expect(life.state.stewardship['integration-review']?.dueAt).toBe('2028-12-13T10:00:00.000Z');
  });

  it('which task asks for a run, and of which checks, is the playbook’s to say', () => {
    const life = new ReleaseLife().until(8);
    const stewardship = PLAYBOOK.stewardship.map((rule) => ({
      ...rule,
      checks: rule.id === 'lifecycle-update' ? ['lifecycle-documentation'] : undefined,
    }));
    life.context = { ...life.context, playbook: { ...PLAYBOOK, stewardship } };
    expect(types(done(life, 'tara', 'compatibility-update'))).toEqual(['StewardshipRecorded']);
    expect(done(life, 'carla', 'lifecycle-update').at(-1)).toMatchObject({
      type: 'ValidationRequested',
      data: { task: 'lifecycle-update', checks: ['lifecycle-documentation'] },
    });
  });

  it('done again and again puts nothing off for longer than a year', () => {
    const life = new ReleaseLife().until(8);
    for (let time = 0; time < 50; time += 1) done(life, 'carla', 'integration-review');
    expect(life.state.stewardship['integration-review']?.dueAt).toBe('2027-11-23T10:00:00.000Z');
  });

  it('[PB-12.05] what is overdue for long suspends by policy, reversibly; who reinstates is not overruled at once', () => {
    const life = new ReleaseLife().until(8).later('P365D');
    for (let time = 0; time < 3; time += 1) pass(life.later('P30D'));
    expect(types(pass(life))).toEqual(['IntegrationSuspended']);
    expect(life.state.status).toBe('suspended');
    life.do(moved('reinstate'));
    expect(life.state.status).toBe('active');
    expect(pass(life.later('P1D'))).toEqual([]);
  });

  it('[PB-12.05] a failed task suspends where the playbook says so', () => {
    const life = new ReleaseLife().until(8);
    expect(types(done(life, 'carla', 'sustainability-review', 'failed'))).toEqual(['StewardshipRecorded']);
    expect(types(done(life, 'carla', 'integration-review', 'failed'))).toEqual([
      'StewardshipRecorded',
      'IntegrationSuspended',
    ]);
  });

  it('a clock that goes back does nothing', () => {
    const life = new ReleaseLife().until(8);
    expect(pass(life.later('P336D'))).not.toEqual([]);
    life.context = { ...life.context, asOf: '2020-01-01T00:00:00.000Z' };
    expect(pass(life)).toEqual([]);
    expect(dueDates(life.state, PLAYBOOK)).toHaveLength(4);
  });

  it.each([['ada'], ['selma']])('%s does not do what belongs to another body', (by) => {
    const life = new ReleaseLife().until(8);
    expect(() => done(life, by, 'integration-review')).toThrow(expect.objectContaining({ code: 'no-seat' }));
    expect(() => done(life, by, 'no-such-task')).toThrow(expect.objectContaining({ code: 'unknown-task' }));
  });
});

describe('[PB-1.1] the life of an integration', () => {
  it('suspended, nothing moves; what happened meanwhile moves it when it is reinstated', () => {
    const life = new ReleaseLife().until(4);
    life.decideAll('checkpoint');
    const verdict = life.verdict();
    life.do(moved('suspend'));
    expect(life.missing()).toContain('lifecycle:reinstate');
    expect(() => life.vote('tara', 'checkpoint:compatibility')).toThrow(
      expect.objectContaining({ code: 'suspended' }),
    );
    life.fact(verdict);
    expect(life.step).toBe(4);
    life.do(moved('reinstate'));
    expect(life.step).toBe(5);
  });

  it('deprecated while suspended it stays suspended, and is deprecated when reinstated', () => {
    const life = new ReleaseLife().until(8);
    life.do(moved('suspend'));
    life.do(moved('deprecate'));
    expect(life.state.status).toBe('suspended');
    life.do(moved('reinstate'));
    expect(life.state.status).toBe('deprecated');
    expect(() => life.do(moved('deprecate', 'oscar', '2020-01-01T00:00:00.000Z'))).toThrow(
      expect.objectContaining({ code: 'sunset-passed' }),
    );
  });

  it('retired, nothing falls due and nothing moves, twice is not news', () => {
    const life = new ReleaseLife().until(8);
    life.do(moved('retire'));
    expect(life.do(moved('retire'))).toEqual([]);
    expect(dueDates(life.state, PLAYBOOK)).toEqual([]);
    expect(pass(life.later('P3Y'))).toEqual([]);
    expect(() => life.do(moved('reinstate'))).toThrow(expect.objectContaining({ code: 'retired' }));
    expect(() => done(life, 'carla', 'integration-review')).toThrow(
      expect.objectContaining({ code: 'retired' }),
    );
  });

  it('withdrawn and resubmitted, a release begins again; its votes on the very digests hold', () => {
    const life = new ReleaseLife().until(4);
    life.do(life.move('withdraw'));
    expect(life.do(life.move('withdraw'))).toEqual([]);
    expect(life.missing()).toContain('lifecycle:resubmit');
    expect(() => life.submit('ada', { parts: { contract: 'x' } })).toThrow(
      expect.objectContaining({ code: 'withdrawn' }),
    );
    expect(types(life.do(life.move('resubmit'))).slice(0, 2)).toEqual(['ReleaseResubmitted', 'StepEntered']);
    expect(life.step).toBe(4);
    expect(life.shown().validation?.outcome).toBe('running');
  });

  it.each(['pause', 'resume', 'rollback'] as const)('%s asks the rollout, where there is one', (move) => {
    const life = new ReleaseLife().until(5);
    if (move === 'resume')
      life.fact({ type: 'RolloutPaused', data: { ...life.ofRollout(), step: '50', reason: 'x' } });
    expect(life.do(life.move(move))).toHaveLength(1);
    expect(() => new ReleaseLife().until(2).do(life.move(move))).toThrow(
      expect.objectContaining({ code: 'no-such-rollout' }),
    );
  });

  it('unknown releases and integrations are named as such', () => {
    const life = new ReleaseLife().until(1);
    expect(() => life.next('9.0.0').vote('tara', 'approval:TSC')).toThrow(
      expect.objectContaining({ code: 'unknown-release' }),
    );
    expect(() => new ReleaseLife().vote('tara', 'approval:TSC')).toThrow(
      expect.objectContaining({ code: 'not-proposed' }),
    );
  });
});
