import { describe, expect, it } from '@jest/globals';
import { CONTEXT, file, ID } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { dueDates, type Giver, MoveIntegration, MoveRelease, PassTime, RecordStewardship } from './index.js';

const refusal = (code: string) => expect.objectContaining({ code });
const STRANGER: Giver = { by: 'gus', partner: 'globex', roles: ['partner'] };
const SERVICE: Giver = { by: 'service:ci', partner: null, roles: ['service'], sponsor: 'oscar' };
const whole = (life: ReleaseLife, move: MoveIntegration['move'], giver: Partial<Giver> = {}) =>
  new MoveIntegration({ ...life.given('oscar'), release: null, ...giver }, move, 'for a reason');

describe('[PB-1.1] moves of a release', () => {
  it.each(['withdraw', 'resubmit', 'pause', 'resume', 'rollback', 'rollout'] as const)(
    '%s is for the partner and those who look after integrations, for nobody of another partner',
    (move) => {
      const life = new ReleaseLife().until(5);
      const ask = (giver: Giver) => () =>
        life.do(new MoveRelease({ ...life.given('ada'), ...giver }, move, 'for a reason'));
      expect(ask(STRANGER)).toThrow(refusal('not-the-partner'));
      expect(ask(SERVICE)).toThrow(refusal('role-missing'));
    },
  );

  it('what stops something is taken while the integration is suspended, what starts something is not', () => {
    const life = new ReleaseLife().until(5);
    life.do(whole(life, 'suspend'));
    expect(types(life.do(life.move('pause')))).toEqual(['RolloutPauseRequested']);
    expect(types(life.do(life.move('rollback')))).toEqual(['RolloutRollbackRequested']);
    for (const move of ['resume', 'rollout', 'resubmit'] as const)
      expect(() => life.do(life.move(move))).toThrow(refusal('suspended'));
    expect(types(life.do(life.move('withdraw')))).toEqual(['ReleaseWithdrawn']);
  });

  it('a withdrawn release whose rollout ends stays withdrawn', () => {
    const life = new ReleaseLife().until(5);
    life.do(life.move('withdraw'));
    const news = life.fact({
      type: 'RolloutPaused',
      data: { ...life.ofRollout(), step: '50', reason: 'withdrawn' },
    });
    expect(types(news)).toEqual(['LateFactRecorded']);
    expect(types(life.rollBack())).toEqual(['RolledBack']);
    expect(life.shown()).toMatchObject({ rollout: { state: 'rolled-back' } });
    expect(life.shown().status).toBe('withdrawn');
    expect(() => life.do(life.move('rollout'))).toThrow(refusal('not-rolled-back'));
  });

  it.each([
    ['what it replaced serves again', '1.0.0', '1.0.0'],
    ['nothing does where there was nothing', null, null],
    ['nothing does where the fact names what never served', '2.0.0', null],
    ['nothing does where the fact names the very release', '1.1.0', null],
  ])('when the live release is rolled back, %s', (_, to, live) => {
    const first = new ReleaseLife().until(8);
    const life = first.next('1.1.0');
    first.next('2.0.0').submit();
    life.until(8, 'another');
    expect(life.state.live).toBe('1.1.0');
    life.rollBack(to);
    expect(life.state.live).toBe(live);
    expect(life.shown().status).toBe('rolled-back');
    expect(Object.values(life.state.releases).filter(({ status }) => status === 'live')).toHaveLength(
      live === null ? 0 : 1,
    );
  });

  describe('a roll-back by hand of a release whose rollout is complete', () => {
    const live = (): { readonly first: ReleaseLife; readonly life: ReleaseLife } => {
      const first = new ReleaseLife().until(8);
      return { first, life: first.next('1.1.0').until(8, 'another') };
    };

    it('is asked for once, and ends with what it replaced', () => {
      const { life } = live();
      expect(life.do(life.move('rollback', 'oscar'))).toEqual([
        {
          type: 'RolloutRollbackRequested',
          data: {
            integrationId: ID,
            release: '1.1.0',
            rolloutId: 'acme.orders@1.1.0.1',
            reason: 'for a reason',
            by: 'oscar',
          },
        },
      ]);
      expect(life.do(life.move('rollback', 'oscar'))).toEqual([]);
      expect(life.state.live).toBe('1.1.0');
      expect(types(life.rollBack('1.0.0'))).toEqual(['RolledBack', 'VotesVoided']);
      expect(life.state.live).toBe('1.0.0');
      expect(types(life.do(life.move('rollout')))).toContain('RolloutRequested');
      expect(life.shown().rollout?.rolloutId).toBe('acme.orders@1.1.0.2');
    });

    it('is taken while the integration is suspended', () => {
      const { life } = live();
      life.do(whole(life, 'suspend'));
      expect(types(life.do(life.move('rollback', 'oscar')))).toEqual(['RolloutRollbackRequested']);
    });

    it('keeps the signatures of step 7 from signing meanwhile, and says so', () => {
      const life = new ReleaseLife().until(7);
      life.matrix();
      life.do(life.lifecycle());
      life.do(life.move('rollback', 'oscar'));
      life.decideAll('sign-off');
      expect(life.step).toBe(7);
      expect(life.gate().missing).toMatchObject([{ who: 'rollout', requirement: 'rollout:rollback' }]);
      expect(() => life.do(life.move('pause'))).toThrow(/it is being rolled back/);
      life.rollBack();
      expect(life.shown()).toMatchObject({ step: 5, status: 'rolled-back', rollout: { goingBack: false } });
    });

    it('is of the release that serves: what it replaced long ago has nothing to roll back', () => {
      const { first } = live();
      expect(() => first.do(first.move('rollback', 'oscar'))).toThrow(refusal('no-such-rollout'));
    });

    it('waits for the end of what is tried over it, which would fall back to it', () => {
      const { life } = live();
      const next = life.next('1.2.0').until(5, 'another');
      expect(() => life.do(life.move('rollback', 'oscar'))).toThrow(
        expect.objectContaining({
          code: 'falls-back-here',
          missing: [expect.objectContaining({ what: 'the roll-back of 1.2.0' })],
        }),
      );
      next.rollBack('1.1.0');
      expect(life.do(life.move('rollback', 'oscar'))).toHaveLength(1);
    });

    it('keeps the next release in step 4 until it is over, and then it is compared with what serves', () => {
      const { life } = live();
      const next = life.next('1.2.0').until(4, 'another');
      life.do(life.move('rollback', 'oscar'));
      next.fact(next.verdict());
      expect(next.gate().missing).toMatchObject([{ who: 'rollout', requirement: 'release:one-at-a-time' }]);
      expect(types(life.rollBack('1.0.0'))).toContain('ValidationRequested');
      expect(next.shown().validation?.bases).toEqual(['1.0.0']);
    });

    it('stops the clock of the annual tasks where nothing serves any more, until something does', () => {
      const life = new ReleaseLife().until(8);
      const context = { stewardship: CONTEXT.playbook.stewardship };
      expect(dueDates(life.state, context)).toHaveLength(4);
      life.do(life.move('rollback', 'oscar'));
      life.rollBack();
      expect(dueDates(life.state, context)).toEqual([]);
      expect(life.later('P3Y').do(new PassTime(ID, life.requestId()))).toEqual([]);
      const task = new RecordStewardship(life.given('carla'), 'integration-review', {
        outcome: 'done',
        reason: 'looked at',
        evidence: [],
      });
      expect(() => life.do(task)).toThrow(refusal('nothing-live'));
      life.do(life.move('rollout'));
      life.rollOut();
      life.bake();
      life.matrix();
      life.do(life.lifecycle());
      life.decideAll('sign-off');
      expect(dueDates(life.state, context)).toHaveLength(4);
    });
  });

  it('a lower release that is signed off after a higher one does not take its place', () => {
    const higher = new ReleaseLife('2.0.0').until(8);
    const signedOff = { type: 'ReleaseSignedOff', data: { integrationId: ID, release: '1.0.0' } } as const;
    const lower = higher.events.map((event) =>
      event.type === 'ReleaseOpened' ? { ...event, data: { ...event.data, release: '1.0.0' } } : event,
    );
    higher.events.push(...lower.filter(({ type }) => type === 'ReleaseOpened'), signedOff);
    expect(higher.state.live).toBe('2.0.0');
    expect(higher.state.releases['1.0.0']?.status).toBe('superseded');
  });
});

describe('[PB-1.1] moves of the integration', () => {
  it.each(['suspend', 'retire', 'deprecate'] as const)('%s is the partner’s to ask for too', (move) => {
    const life = new ReleaseLife().until(1);
    expect(life.do(whole(life, move, { by: 'ada', partner: 'acme', roles: ['partner'] }))).toHaveLength(1);
  });

  it('reinstating is not: somebody of the platform has to look', () => {
    const life = new ReleaseLife().until(1);
    life.do(whole(life, 'suspend'));
    expect(() =>
      life.do(whole(life, 'reinstate', { by: 'ada', partner: 'acme', roles: ['partner'] })),
    ).toThrow(refusal('role-missing'));
    expect(life.do(whole(life, 'reinstate'))).toHaveLength(1);
  });

  it('a partner moves nothing of another one', () => {
    const life = new ReleaseLife().until(1);
    for (const move of ['suspend', 'reinstate', 'retire', 'deprecate'] as const)
      expect(() => life.do(whole(life, move, STRANGER))).toThrow(refusal('not-the-partner'));
  });

  it('a release is deprecated when it is out, not before; the same again is not news', () => {
    const early = new ReleaseLife().until(7);
    expect(() => early.do(new MoveIntegration(early.given('oscar'), 'deprecate', 'old'))).toThrow(
      refusal('release-not-out'),
    );
    const life = new ReleaseLife().until(8);
    const deprecate = () => life.do(new MoveIntegration(life.given('oscar'), 'deprecate', 'old'));
    expect(types(deprecate())).toEqual(['ReleaseDeprecated']);
    expect(deprecate()).toEqual([]);
  });
});

describe('an annual task', () => {
  const steward = (life: ReleaseLife, giver: Partial<Giver>, task = 'integration-review') =>
    life.do(
      new RecordStewardship({ ...life.given('carla'), ...giver }, task, {
        outcome: 'done',
        reason: 'looked at',
        evidence: [file('review.md')],
      }),
    );

  it('[PB-12.01] is done by a member of its body: no partner’s person, whatever seat they got', () => {
    const life = new ReleaseLife().until(8);
    expect(() => steward(life, { by: 'tara' })).toThrow(refusal('no-seat'));
    const seats = { ...CONTEXT.membership.seats, CGB: ['carla', 'ada'] };
    life.context = { ...life.context, membership: { version: 8, seats } };
    expect(() => steward(life, { by: 'ada', partner: 'acme' })).toThrow(refusal('no-seat'));
    expect(types(steward(life, {}))).toEqual(['StewardshipRecorded']);
  });

  it('is not reviewed by who proposed the release that is live', () => {
    const life = new ReleaseLife().until(7);
    life.matrix();
    life.do(
      Object.assign(life.lifecycle(), {
        given: { ...life.given('carla'), roles: ['operator'] },
      }),
    );
    life.decideAll('sign-off', 1);
    expect(life.shown().proposers).toContain('carla');
    expect(() => steward(life, {})).toThrow(refusal('own-proposal'));
  });

  it('[PB-12.02] asks for a run where it is the compatibility update, and for none elsewhere', () => {
    const life = new ReleaseLife().until(8);
    expect(types(steward(life, { by: 'tara' }, 'compatibility-update'))).toEqual([
      'StewardshipRecorded',
      'ValidationRequested',
    ]);
    expect(types(steward(life, { by: 'carla' }, 'lifecycle-update'))).toEqual(['StewardshipRecorded']);
  });

  it('[PB-12.05] suspends once: while the integration is suspended nothing suspends it again', () => {
    const life = new ReleaseLife().until(8);
    const passed: string[] = [];
    for (let day = 0; day < 480; day += 10) {
      life.later('P10D');
      passed.push(...types(life.do(new PassTime(ID, life.requestId()))));
    }
    expect(passed.filter((type) => type === 'IntegrationSuspended')).toHaveLength(1);
    expect(passed.filter((type) => type === 'StewardshipEscalated')).toHaveLength(4);
    expect(life.do(new PassTime(ID, life.requestId()))).toEqual([]);
  });

  it('is not put off by a new release', () => {
    const life = new ReleaseLife().until(8);
    const { stewardship } = life.state;
    life.later('P90D');
    const next = life.next('1.1.0');
    next.submit();
    for (const phase of ['preparation', 'implementation'] as const) next.phase(phase);
    next.fact(next.verdict());
    next.rollOut();
    next.bake();
    next.matrix();
    next.do(next.lifecycle());
    next.decideAll('sign-off');
    expect(next.shown().status).toBe('live');
    expect(next.state.stewardship).toEqual(stewardship);
  });
});
