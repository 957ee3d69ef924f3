import { describe, expect, it } from '@jest/globals';
import { CONTEXT, file, ID, PLAYBOOK, SEATS, uuid } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import { ChooseStricterRollout, GrantWaiver, isWaived, type WaiverTarget } from './index.js';

const waiver = (
  life: ReleaseLife,
  [by, body]: readonly [string, string],
  target: WaiverTarget,
  expiresAt = '2027-01-01T00:00:00.000Z',
): GrantWaiver =>
  new GrantWaiver(life.given(by), { waiverId: uuid(9), body, target, reason: 'known', expiresAt });

describe('[PB-5.06] who decides', () => {
  it.each([
    ['selma', 'approval:TSC', 'no-seat'],
    ['ada', 'approval:TSC', 'partner-holds-no-seat'],
  ])('%s does not vote on %s: %s', (by, decision, code) => {
    const life = new ReleaseLife().until(1);
    expect(() => life.vote(by, decision)).toThrow(expect.objectContaining({ code }));
  });

  it('[PB-3.06] nobody decides on their own proposal, nor on an amendment of it', () => {
    const life = new ReleaseLife().until(1);
    life.vote('tara', 'approval:TSC');
    life.do(
      Object.assign(life.submission('tara', { parts: { 'document:lifecycle': 'x' } }), {
        given: { ...life.given('tara'), roles: ['operator'], sponsor: null },
      }),
    );
    expect(life.events.at(-1)).toMatchObject({
      type: 'VotesVoided',
      data: { votes: [{ changed: ['proposer'] }] },
    });
    expect(() => life.vote('tara', 'approval:TSC')).toThrow(
      expect.objectContaining({ code: 'own-proposal' }),
    );
  });

  it('a later vote of the same person replaces the earlier one; withdrawn until the step has been passed', () => {
    const life = new ReleaseLife().until(1);
    life.vote('tara', 'approval:TSC', 'reject');
    life.vote('tobias', 'approval:TSC');
    expect(life.gate().missing).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('rejected') }),
    );
    life.vote('tara', 'approval:TSC');
    life.vote('tara', 'approval:TSC', 'withdraw');
    expect(() => life.vote('tara', 'approval:TSC', 'withdraw')).toThrow(
      expect.objectContaining({ code: 'no-vote' }),
    );
    for (const [body, by] of [
      ['SCO', 'selma'],
      ['ERC', 'elena'],
      ['CGB', 'carla'],
    ] as const)
      life.vote(by, `approval:${body}`);
    expect(life.step).toBe(2);
    expect(() => life.vote('tobias', 'approval:TSC', 'withdraw')).toThrow(
      expect.objectContaining({ code: 'wrong-step' }),
    );
  });

  it('a quorum is of different people', () => {
    const life = new ReleaseLife();
    life.context = {
      ...CONTEXT,
      playbook: { ...PLAYBOOK, bodies: PLAYBOOK.bodies.map((body) => ({ ...body, quorum: 2 })) },
    };
    life.until(1);
    life.vote('tara', 'approval:TSC');
    expect(life.vote('tara', 'approval:TSC')).toEqual([]);
    expect(life.missing()).toContain('approval:TSC');
    life.vote('tobias', 'approval:TSC');
    expect(life.missing()).not.toContain('approval:TSC');
  });
});

describe('what carries over to the next release', () => {
  const next = (parts = {}): ReleaseLife => {
    const other = new ReleaseLife().until(8).next('1.1.0');
    other.submit('amir', { parts });
    return other;
  };

  it('approvals do, on the very same digests; a change of a covered document asks that body again', () => {
    expect(next().step).toBe(2);
    expect(next({ 'manifest:workflows': 'changed' }).missing()).toEqual(['approval:ERC']);
  });

  it('sign-offs never do, even on the very same digests', () => {
    const first = new ReleaseLife().until(8);
    const life = first.next('1.1.0');
    const command = life.submission('amir');
    const { digests } = first.shown();
    life.do(Object.assign(command, { submitted: { ...command.submitted, digests } }));
    expect(life.missing(7)).toEqual(
      expect.arrayContaining(['sign-off:TSC', 'sign-off:SCO', 'sign-off:ERC', 'sign-off:CGB']),
    );
  });

  it('who proposes the next release lends it no vote', () => {
    const life = new ReleaseLife().until(8).next('1.1.0');
    life.do(
      Object.assign(life.submission('tara'), {
        given: { ...life.given('tara'), roles: ['operator'], sponsor: null },
      }),
    );
    expect(life.missing()).toEqual(['approval:TSC']);
  });

  it('one person decides for one body only, also where the first vote carries over', () => {
    const first = new ReleaseLife().until(1);
    first.vote('multi', 'approval:TSC');
    const second = first.next('1.1.0');
    second.submit('amir');
    expect(() => second.vote('multi', 'approval:SCO')).toThrow(
      expect.objectContaining({ code: 'signed-for-another-body' }),
    );
  });

  it('a vote that carried over and lost its ground is named in the trail', () => {
    const life = next();
    life.submit('amir', { parts: { 'manifest:workflows': 'changed' } });
    expect(life.events.at(-1)).toMatchObject({
      type: 'VotesVoided',
      data: {
        release: '1.1.0',
        votes: expect.arrayContaining([
          { decision: 'approval:ERC', by: 'elena', changed: ['manifest:workflows'] },
        ]),
      },
    });
  });

  it('a rejection blocks in its own release only', () => {
    const first = new ReleaseLife().until(1);
    const second = first.next('1.1.0');
    second.submit('amir');
    first.vote('tara', 'approval:TSC', 'reject');
    expect(second.gate().missing[0]?.what).not.toContain('rejected');
  });
});

describe('waivers', () => {
  const blocking = [{ ruleId: 'CD1', fingerprint: 'f1', message: 'gone', file: 'a', pointer: '/' }];
  const failing = (check: string, ruleId = 'CD1', upTo = 4): ReleaseLife => {
    const life = new ReleaseLife().until(upTo);
    const verdict = life.verdict();
    const checks = verdict.data.checks.map((one) =>
      one.check === check
        ? { ...one, outcome: 'failed' as const, blocking: [{ ...blocking[0]!, ruleId }] }
        : one,
    );
    life.fact({ ...verdict, type: 'ValidationFailed', data: { ...verdict.data, checks } });
    return life;
  };
  const finding = { kind: 'finding', check: 'contract-diff', ruleId: 'CD1', fingerprint: 'f1' } as const;

  it('[PB-11.01] accept a finding until a day, then block again, in steps 5 to 7 too', () => {
    const life = failing('contract-diff');
    expect(life.gate().missing).toContainEqual(
      expect.objectContaining({ requirement: 'check:contract-diff', who: 'partner' }),
    );
    life.do(waiver(life, ['tara', 'TSC'], finding));
    life.decideAll('checkpoint');
    expect(life.step).toBe(5);
    life.later('P60D');
    expect(life.missing()).toContain('check:contract-diff');
    expect(life.missing(6)).toContain('check:contract-diff');
    expect(life.missing(7)).toContain('check:contract-diff');
    expect(() => life.rollOut()).toThrow(expect.objectContaining({ code: 'gate-blocked' }));
    expect(life.step).toBe(5);
  });

  it.each([
    [{ kind: 'check', check: 'forbidden-database' }, 'SCO', 'never-waived'],
    [{ kind: 'finding', check: 'contract-diff', ruleId: 'FB301', fingerprint: 'f1' }, 'TSC', 'never-waived'],
    [{ kind: 'check', check: 'permission-boundary' }, 'TSC', 'not-the-owner'],
    [{ kind: 'rollout-type', rollout: 'full' }, 'TSC', 'not-the-owner'],
    [{ kind: 'check', check: 'no-such-check' }, 'TSC', 'unknown-check'],
    [{ kind: 'rollout-hold', step: '50' }, 'TSC', 'not-held'],
  ] as const)('%j by %s is refused: %s', (target, body, code) => {
    const life = new ReleaseLife().until(4);
    expect(() => life.do(waiver(life, [SEATS[body]?.[0] ?? '', body], target))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('of one check accept nothing of another, whatever fingerprint they name', () => {
    const life = failing('permission-boundary', 'PM202');
    life.do(waiver(life, ['tara', 'TSC'], { ...finding, ruleId: 'PM202' }));
    expect(life.missing()).toContain('check:permission-boundary');
  });

  it('[PB-2.1] never accept what is forbidden, even when one was recorded', () => {
    const life = failing('forbidden-database', 'FB301');
    const release = {
      ...life.shown(),
      waivers: [
        {
          waiverId: 'w',
          body: 'SCO',
          target: { kind: 'check', check: 'forbidden-database' } as const,
          reason: '',
          by: 'selma',
          expiresAt: '2027-01-01T00:00:00Z',
          expired: false,
          digest: '',
        },
      ],
    };
    const verdict = release.validation?.checks.find(({ check }) => check === 'forbidden-database');
    expect(verdict && isWaived(release, verdict, PLAYBOOK, CONTEXT.asOf)).toBe(false);
  });

  it('end: neither in the past nor later than the playbook says', () => {
    const life = failing('contract-diff');
    for (const [until, code] of [
      ['2026-11-23T10:00:00Z', 'waiver-expired'],
      ['2028-01-01T00:00:00Z', 'waiver-too-long'],
    ] as const)
      expect(() => life.do(waiver(life, ['tara', 'TSC'], finding, until))).toThrow(
        expect.objectContaining({ code }),
      );
  });
});

describe('the rollout type', () => {
  const risky = (before: (life: ReleaseLife) => void): ReleaseLife => {
    const life = new ReleaseLife().until(4);
    before(life);
    life.fact(life.verdict({ facts: { ...life.verdict().data.facts, newPermissions: ['orders:write'] } }));
    life.decideAll('checkpoint', 1);
    return life;
  };
  const requested = (life: ReleaseLife) => life.events.find(({ type }) => type === 'RolloutRequested')?.data;

  it('is computed from the facts, with the reasons', () => {
    expect(requested(risky(() => undefined))).toMatchObject({
      type: 'controlled',
      risk: { level: 'high', reasons: ['a new permission: orders:write'] },
      record: {
        contract: expect.any(String),
        workflows: expect.any(String),
        permissions: expect.any(String),
        bundle: expect.any(String),
        'migration-guide': expect.any(String),
      },
    });
  });

  it('is laxer only by a waiver of CGB, which the request carries', () => {
    const life = risky((one) =>
      one.do(waiver(one, ['carla', 'CGB'], { kind: 'rollout-type', rollout: 'staged' })),
    );
    expect(requested(life)).toMatchObject({ type: 'staged', typeWaiver: { body: 'CGB', reason: 'known' } });
  });

  it('is stricter when somebody chose so, and the choice is not made laxer', () => {
    const life = new ReleaseLife().until(4);
    life.do(new ChooseStricterRollout(life.given('ada'), 'controlled', 'to be sure'));
    expect(() => life.do(new ChooseStricterRollout(life.given('ada'), 'full', 'no'))).toThrow(
      expect.objectContaining({ code: 'laxer-needs-waiver' }),
    );
    life.fact(life.verdict());
    life.decideAll('checkpoint');
    expect(requested(life)).toMatchObject({ type: 'controlled' });
  });
});

describe('[PB-1.1] a rollout that ends', () => {
  it('one release at a time: the next one waits in step 4, says for what, and goes on by itself', () => {
    const first = new ReleaseLife().until(5);
    const second = first.next('1.1.0');
    second.submit('amir');
    for (const phase of ['preparation', 'implementation'] as const) second.phase(phase);
    second.fact(second.verdict());
    expect(second.gate().missing).toMatchObject([
      { who: 'rollout', requirement: 'release:one-at-a-time', what: expect.stringContaining('1.0.0') },
    ]);
    first.rollBack();
    expect(second.step).toBe(5);
  });

  it('waits for one that is exposed to all and not signed off, then is compared with it before it goes on', () => {
    const first = new ReleaseLife().until(7);
    const second = first.next('1.1.0');
    second.submit('amir');
    for (const phase of ['preparation', 'implementation'] as const) second.phase(phase);
    second.fact(second.verdict());
    expect(second.gate().missing).toMatchObject([
      { who: 'partner', requirement: 'release:one-at-a-time', what: expect.stringContaining('1.0.0') },
    ]);
    first.matrix();
    first.do(first.lifecycle());
    first.decideAll('sign-off');
    expect(first.shown().status).toBe('live');
    expect(second.events.at(-1)).toMatchObject({
      type: 'ValidationRequested',
      data: { release: '1.1.0', bases: [{ release: '1.0.0' }] },
    });
    expect(second.step).toBe(4);
    second.fact(second.verdict());
    expect(second.events.at(-1)).toMatchObject({ type: 'RolloutRequested', data: { previous: '1.0.0' } });
  });

  it.each(['rollBack', 'refuse'] as const)(
    'after %s a new rollout is asked for under a new id, the approvals judged again',
    (end) => {
      const life = new ReleaseLife().until(5);
      life[end]();
      expect(life.gate().missing[0]).toMatchObject({
        who: 'partner',
        what: expect.stringContaining('a new rollout'),
      });
      expect(types(life.do(life.move('rollout')))).toEqual([
        'RolloutRetried',
        'GovernanceValidated',
        'StepPassed',
        'StepEntered',
        'RiskAssessed',
        'RolloutRequested',
      ]);
      expect(life.shown().rollout?.rolloutId).toBe('acme.orders@1.0.0.2');
    },
  );

  it('a fact of another rollout is kept as late; the same fact twice is not news', () => {
    const life = new ReleaseLife().until(5);
    const fact = { type: 'RolloutPaused', data: { ...life.ofRollout(), step: '50', reason: 'x' } } as const;
    life.fact(fact);
    expect(life.fact(fact)).toEqual([]);
    expect(types(life.fact({ ...fact, data: { ...fact.data, cause: 'c2', rolloutId: 'other' } }))).toEqual([
      'LateFactRecorded',
    ]);
    expect(types(life.fact({ ...fact, data: { ...fact.data, cause: 'c3', release: '9.9.9' } }))).toEqual([
      'LateFactRecorded',
    ]);
  });

  it('the bodies that were asked are who ends a hold', () => {
    const life = new ReleaseLife().until(5);
    life.fact({
      type: 'RolloutBodiesAsked',
      data: { ...life.ofRollout(), step: '50', bodies: ['TSC'], heldSince: CONTEXT.asOf, reason: 'no data' },
    });
    expect(life.gate().missing).toMatchObject([{ who: 'TSC' }]);
  });

  it('a body’s no is shown, and its yes after it counts; the same yes twice is not news', () => {
    const life = new ReleaseLife().until(5);
    life.await('TSC', 'SCO');
    life.do(life.stepBallot('tara', 'TSC', 'reject'));
    expect(life.gate().missing[0]?.what).toContain('rejected');
    life.do(life.stepBallot('tara', 'TSC'));
    expect(life.do(life.stepBallot('tara', 'TSC'))).toEqual([]);
    expect(life.gate().missing.map(({ who }) => who)).toEqual(['SCO']);
  });

  it('a body takes its yes back while the step waits for others', () => {
    const life = new ReleaseLife().until(5);
    life.await('TSC', 'SCO');
    life.do(life.stepBallot('tara', 'TSC'));
    expect(types(life.do(life.stepBallot('tara', 'TSC', 'reject')))).toEqual(['RolloutStepRejected']);
    expect(life.gate().missing.map(({ who }) => who)).toEqual(['SCO', 'TSC']);
  });

  it('evidence is files', () => {
    const life = new ReleaseLife().until(3);
    const empty = life.evidence('implementation', 'testing');
    expect(() => life.do(Object.assign(empty, { proof: { evidence: [], note: null } }))).toThrow(
      expect.objectContaining({ code: 'evidence-missing' }),
    );
    expect(file('x').path).toBe('x');
    expect(ID).toBe('acme.orders');
  });
});
