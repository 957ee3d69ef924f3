import { describe, expect, it } from '@jest/globals';
import { FACTS, PLAYBOOK, uuid } from '../testing/orders.js';
import { ReleaseLife } from '../testing/release-life.js';
import {
  ChooseStricterRollout,
  type EventOf,
  GrantWaiver,
  type IntegrationEvent,
  MoveIntegration,
  RequestValidation,
} from './index.js';

const all = <T extends IntegrationEvent['type']>(life: ReleaseLife, type: T): EventOf<T>['data'][] =>
  life.events.flatMap((event) => (event.type === type ? [event.data as EventOf<T>['data']] : []));

/** Everything that comes before step 4 of a later release: approvals and checkpoints carry over. */
function prepared(life: ReleaseLife): ReleaseLife {
  life.submit();
  for (const phase of ['preparation', 'implementation'] as const) life.phase(phase);
  return life;
}
function signedOff(life: ReleaseLife): ReleaseLife {
  prepared(life).fact(life.verdict());
  life.rollOut();
  life.bake();
  life.matrix();
  life.do(life.lifecycle());
  life.decideAll('sign-off');
  return life;
}

describe('[PB-2.4] a validation is asked for', () => {
  it('when step 4 is entered, once, and again by whoever asks when the verdict is there', () => {
    const life = new ReleaseLife().until(4);
    expect(life.do(new RequestValidation(life.given('ada')))).toEqual([]);
    life.fact(life.verdict({}, 'ValidationInconclusive'));
    expect(life.do(new RequestValidation(life.given('ada')))).toMatchObject([
      { type: 'ValidationRequested' },
    ]);
    expect(life.missing()).toEqual(expect.arrayContaining(['validation:compatibility']));
  });

  it('against every version that is still served, the newest first', () => {
    const first = new ReleaseLife('1.9.0').until(8);
    first.do(
      new MoveIntegration(first.given('oscar'), 'deprecate', 'use 1.10.0', '2027-06-01T00:00:00.000Z'),
    );
    const second = signedOff(first.next('1.10.0'));
    const third = prepared(second.next('2.0.0'));
    expect(
      all(third, 'ValidationRequested')
        .filter(({ purpose }) => purpose === 'release')
        .at(-1)
        ?.bases.map(({ release }) => release),
    ).toEqual(['1.10.0', '1.9.0']);
    third.later('P1Y');
    third.submit('ada', { parts: { contract: 'other' } });
    expect(
      all(third, 'ValidationRequested')
        .filter(({ purpose }) => purpose === 'release')
        .at(-1)
        ?.bases.map(({ release }) => release),
    ).toEqual(['1.10.0']);
  });

  it('says nothing of what was amended since', () => {
    const life = new ReleaseLife().until(4);
    life.fact(life.verdict());
    const { validation } = life.shown();
    life.submit('ada', { parts: { contract: 'other' } });
    const release = { ...life.shown(), validation };
    const stale = Object.assign(new ReleaseLife(), { events: life.events });
    Object.defineProperty(stale, 'state', {
      value: { ...life.state, releases: { '1.0.0': release } },
    });
    expect(stale.missing()).toEqual(
      expect.arrayContaining(['validation:compatibility', 'validation:security']),
    );
  });

  it('has one verdict: another one for the same request is kept as late', () => {
    const life = new ReleaseLife().until(4);
    const verdict = life.verdict();
    life.fact(verdict);
    const { checks } = life.shown().validation ?? { checks: [] };
    const [news] = life.fact(
      life.verdict({ requestId: verdict.data.requestId, checks: [] }, 'ValidationFailed'),
    );
    expect(news).toMatchObject({
      type: 'LateFactRecorded',
      data: { reason: expect.stringContaining('passed') },
    });
    expect(life.shown().validation).toMatchObject({ outcome: 'passed', checks });
  });
});

describe('the same command opens step 4 for two releases', () => {
  it('each gets a run under an id of its own', () => {
    const first = new ReleaseLife().until(1);
    const second = first.next('1.1.0');
    second.submit('amir');
    for (const life of [first, second]) {
      for (const { task, phase } of [
        ...['scaffolding', 'workflow', 'permissionMapping', 'sandbox'].map((task) => ({
          task,
          phase: 'preparation' as const,
        })),
        ...['development', 'testing', 'documentation'].map((task) => ({
          task,
          phase: 'implementation' as const,
        })),
      ]) {
        life.do(life.evidence(phase, task));
        if (phase === 'preparation') life.verifyEvidence(task);
      }
    }
    first.decideAll('approval');
    expect([first.step, second.step]).toEqual([4, 4]);
    const asked = all(first, 'ValidationRequested').filter(({ purpose }) => purpose === 'release');
    expect(asked.map(({ release }) => release)).toEqual(['1.0.0', '1.1.0']);
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(2);
  });
});

describe('[PB-9.01] the rollout that is asked for', () => {
  const released = (facts: object, before: (life: ReleaseLife) => void = () => undefined) => {
    const life = new ReleaseLife().until(8);
    const next = prepared(life.next('1.1.0'));
    before(next);
    next.fact(next.verdict({ facts: { ...FACTS, ...facts } }));
    return all(next, 'RolloutRequested').at(-1);
  };
  const laxer =
    (rollout: 'full' | 'staged', expiresAt = '2027-01-01T00:00:00.000Z') =>
    (life: ReleaseLife) =>
      void life.do(
        new GrantWaiver(life.given('carla'), {
          waiverId: uuid(9),
          body: 'CGB',
          target: { kind: 'rollout-type', rollout },
          reason: 'a pilot of ten workspaces',
          expiresAt,
        }),
      );
  const stricter = (rollout: 'full' | 'staged' | 'controlled') => (life: ReleaseLife) =>
    void life.do(new ChooseStricterRollout(life.given('oscar'), rollout, 'to be sure'));
  const both = (rollout: 'full' | 'staged', choice: 'staged' | 'controlled') => (life: ReleaseLife) => {
    laxer(rollout)(life);
    stricter(choice)(life);
  };
  const HIGH = { newWorkflows: ['order-sync'] };

  it.each<[string, object, ((life: ReleaseLife) => void) | undefined, string, boolean]>([
    ['nothing raises the risk', {}, undefined, 'full', false],
    ['a new permission', { newPermissions: ['orders:write'] }, undefined, 'controlled', false],
    ['a new workflow', HIGH, undefined, 'controlled', false],
    ['a new extension', { newExtensions: ['panel'] }, undefined, 'controlled', false],
    ['a finding near the forbidden', { forbiddenNear: true }, undefined, 'controlled', false],
    ['a breaking change', { breaking: true }, undefined, 'staged', false],
    ['a change of medium scope', { changedSections: ['manifest:network'] }, undefined, 'staged', false],
    ['a change of what no rule names', { changedSections: ['manifest:docs'] }, undefined, 'full', false],
    ['partner-only', { partnerOnly: true }, undefined, 'staged', false],
    ['somebody wants it stricter', {}, stricter('staged'), 'staged', false],
    ['somebody wants what is laxer', HIGH, stricter('full'), 'controlled', false],
    ['CGB allows it laxer', HIGH, laxer('staged'), 'staged', true],
    ['CGB allows what is not laxer', {}, laxer('staged'), 'full', false],
    [
      'CGB allows it laxer, somebody wants it a little stricter',
      HIGH,
      both('full', 'staged'),
      'staged',
      true,
    ],
    [
      'CGB allows it laxer, somebody wants it as computed',
      HIGH,
      both('full', 'controlled'),
      'controlled',
      false,
    ],
  ])('%s', (...[, facts, before, type, byWaiver]) => {
    const requested = released(facts, before);
    expect(requested?.type).toBe(type);
    expect(requested?.typeWaiver ?? null).toEqual(
      byWaiver ? { body: 'CGB', reason: 'a pilot of ten workspaces' } : null,
    );
    expect(requested?.risk.reasons.length).toBeGreaterThan(0);
  });

  it('is what a rule says of a first release, and controlled where no plan is for the level', () => {
    const first = new ReleaseLife().until(4);
    const risk = [{ id: 'first', when: 'first-release', level: 'medium', title: 'a first release' } as const];
    first.context = { ...first.context, playbook: { ...PLAYBOOK, risk } };
    first.fact(first.verdict());
    first.decideAll('checkpoint');
    expect(all(first, 'RolloutRequested').at(-1)).toMatchObject({
      type: 'staged',
      risk: { level: 'medium', reasons: ['a first release'] },
    });
    const other = new ReleaseLife().until(4);
    other.context = { ...other.context, playbook: { ...PLAYBOOK, risk: [], rollouts: [] } };
    other.fact(other.verdict());
    other.decideAll('checkpoint');
    expect(all(other, 'RolloutRequested').at(-1)).toMatchObject({
      type: 'controlled',
      risk: { level: 'low', reasons: ['no risk rule of the playbook holds'] },
    });
  });

  it('is as computed where it was amended since CGB allowed it laxer: that was about something else', () => {
    const requested = released(HIGH, (life) => {
      laxer('staged')(life);
      life.submit('ada', { parts: { 'document:tutorials': 'other' } });
      life.decideAll('checkpoint');
    });
    expect(requested).toMatchObject({ release: '1.1.0', type: 'controlled' });
  });

  it('is staged where the submission says partner-only and the checks don’t', () => {
    const next = new ReleaseLife().until(8).next('1.1.0');
    next.submit('ada', { declared: { partnerOnly: true } });
    for (const phase of ['preparation', 'implementation'] as const) next.phase(phase);
    next.fact(next.verdict());
    expect(all(next, 'RolloutRequested').at(-1)).toMatchObject({
      type: 'staged',
      previous: '1.0.0',
      rolloutId: 'acme.orders@1.1.0.1',
    });
  });
});

describe('what was recorded for rollout', () => {
  it('[PB-9.04] is not amended any more, not even after a roll-back and a resubmission', () => {
    const life = new ReleaseLife().until(5);
    const { rolloutId: _, ...of } = life.ofRollout();
    life.fact({ type: 'ReleaseRecorded', data: { ...of, record: {}, at: '2026-11-23T10:00:00.000Z' } });
    life.rollBack();
    life.do(life.move('withdraw'));
    life.do(life.move('resubmit'));
    expect(life.shown().status).toBe('in-progress');
    expect(() => life.submit('ada', { parts: { contract: 'other' } })).toThrow(
      expect.objectContaining({ code: 'release-fixed' }),
    );
  });
});
