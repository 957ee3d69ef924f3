import { describe, expect, it } from '@jest/globals';
import { ReleaseLife, types } from '../testing/release-life.js';
import { type Giver, GrantWaiver, type IntegrationEvent, MoveRelease, PassTime } from './index.js';

const PARTNER: Giver = { by: 'ada', partner: 'acme', roles: ['partner'] };
const REVIEWER: Giver = { by: 'rita', partner: null, roles: ['reviewer'] };
const OPERATOR: Giver = { by: 'oscar', partner: null, roles: ['reviewer', 'operator'] };
const ADMIN: Giver = { by: 'anna', partner: null, roles: ['admin'] };
const PEOPLE = { partner: PARTNER, reviewer: REVIEWER, operator: OPERATOR, admin: ADMIN } as const;
type Person = keyof typeof PEOPLE;

const move = (life: ReleaseLife, what: 'pause' | 'resume', who: Person): readonly IntegrationEvent[] =>
  life.do(new MoveRelease({ ...life.given('ada'), ...PEOPLE[who] }, what, 'for a reason'));
const on = (life: ReleaseLife, type: 'RolloutPaused' | 'RolloutResumed') =>
  life.fact({ type, data: { ...life.ofRollout(), step: '50', reason: 'for a reason' } } as IntegrationEvent);
const paused = (...by: readonly Person[]): ReleaseLife => {
  const life = running();
  for (const who of by) {
    move(life, 'pause', who);
    if (life.shown().rollout?.state !== 'paused') on(life, 'RolloutPaused');
  }
  return life;
};
const started = (life: ReleaseLife) =>
  life.fact({ type: 'RolloutStepStarted', data: { ...life.ofRollout(), step: '50', percent: 50 } });
const running = (): ReleaseLife => {
  const life = new ReleaseLife().until(5);
  started(life);
  return life;
};
const rejection = (code: string, who?: string) =>
  expect.objectContaining({
    code,
    ...(who === undefined ? {} : { missing: [expect.objectContaining({ who })] }),
  });

describe('[PB-1.1] who lets a paused rollout go on', () => {
  it.each<[Person, Person]>([
    ['partner', 'partner'],
    ['partner', 'operator'],
    ['reviewer', 'reviewer'],
    ['reviewer', 'operator'],
    ['operator', 'operator'],
    ['operator', 'admin'],
    ['admin', 'admin'],
  ])('what a %s paused a %s resumes', (by, who) => {
    expect(types(move(paused(by), 'resume', who))).toEqual(['RolloutResumeRequested']);
  });

  it.each<[Person, Person]>([
    ['reviewer', 'partner'],
    ['operator', 'partner'],
    ['operator', 'reviewer'],
    ['admin', 'operator'],
  ])('what an operator or another above paused (%s) no %s resumes, and the gate says who does', (by, who) => {
    const life = paused(by);
    expect(() => move(life, 'resume', who)).toThrow(rejection('paused-by-another', by));
    expect(life.gate().missing).toMatchObject([{ who: by, requirement: 'lifecycle:resume' }]);
  });

  it('whoever ranks higher holds what is paused already; whoever does not has nothing to pause', () => {
    const life = paused('partner', 'operator');
    expect(() => move(life, 'resume', 'partner')).toThrow(rejection('paused-by-another'));
    expect(() => move(life, 'pause', 'reviewer')).toThrow(rejection('no-such-rollout'));
  });

  it('a resumption ends all that was asked for before, and nothing that is asked for after it', () => {
    const life = paused('operator');
    move(life, 'resume', 'operator');
    move(life, 'pause', 'reviewer');
    on(life, 'RolloutResumed');
    on(life, 'RolloutPaused');
    expect(() => move(life, 'resume', 'partner')).toThrow(rejection('paused-by-another', 'reviewer'));
    expect(types(move(life, 'resume', 'reviewer'))).toEqual(['RolloutResumeRequested']);
  });

  it('a pause that stands in the log without a rank was an operator’s', () => {
    const life = running();
    const { cause: _, ...of } = life.ofRollout();
    life.events.push({ type: 'RolloutPauseRequested', data: { ...of, reason: 'old', by: 'somebody' } });
    on(life, 'RolloutPaused');
    expect(() => move(life, 'resume', 'partner')).toThrow(rejection('paused-by-another', 'operator'));
  });
});

describe('a waiver that ends while its release is rolled out', () => {
  const finding = { kind: 'finding', check: 'contract-diff', ruleId: 'CD1', fingerprint: 'f1' } as const;
  const grant = (life: ReleaseLife, until: string) =>
    life.do(
      new GrantWaiver(life.given('tara'), {
        waiverId: `w ${until}`,
        body: 'TSC',
        target: finding,
        reason: 'known',
        expiresAt: until,
      }),
    );
  /** In step 5 by a waiver that ends in a month. */
  const waived = (): ReleaseLife => {
    const life = new ReleaseLife().until(4);
    const verdict = life.verdict();
    const blocking = [{ ruleId: 'CD1', fingerprint: 'f1', message: 'gone', file: 'a', pointer: '/' }];
    const checks = verdict.data.checks.map((one) =>
      one.check === finding.check ? { ...one, outcome: 'failed' as const, blocking } : one,
    );
    life.fact({ ...verdict, type: 'ValidationFailed', data: { ...verdict.data, checks } });
    grant(life, '2026-12-24T00:00:00.000Z');
    life.decideAll('checkpoint');
    expect(life.step).toBe(5);
    return life;
  };
  const ends = (life: ReleaseLife): readonly IntegrationEvent[] =>
    life.later('P40D').do(new PassTime(life.ofRollout().integrationId, life.requestId()));
  const PAUSED = {
    type: 'RolloutPauseRequested',
    data: { rank: 'gate', by: 'system:intake', reason: expect.stringContaining('CD1 gone') },
  };

  it('[PB-11.01] pauses it at once, and once', () => {
    const life = waived();
    started(life);
    expect(ends(life)).toMatchObject([{ type: 'WaiverExpired' }, PAUSED]);
    expect(types(on(life, 'RolloutPaused'))).toEqual(['RolloutPaused']);
    expect(life.missing()).toContain('check:contract-diff');
  });

  it('lets nobody resume before there is a new one, and then the partner too', () => {
    const life = waived();
    started(life);
    ends(life);
    on(life, 'RolloutPaused');
    for (const who of ['partner', 'admin'] as const)
      expect(() => move(life, 'resume', who)).toThrow(rejection('gate-blocked', 'partner'));
    grant(life, '2027-02-01T00:00:00.000Z');
    expect(types(move(life, 'resume', 'partner'))).toEqual(['RolloutResumeRequested']);
    on(life, 'RolloutResumed');
    expect(ends(life)).toMatchObject([{ type: 'WaiverExpired' }, PAUSED]);
  });

  it('pauses it as soon as something is exposed, and lets no body approve a step meanwhile', () => {
    const life = waived();
    life.await('TSC');
    expect(types(ends(life))).toEqual(['WaiverExpired']);
    expect(() => life.do(life.stepBallot('tobias', 'TSC'))).toThrow(rejection('gate-blocked', 'partner'));
    expect(types(life.do(life.stepBallot('tobias', 'TSC', 'reject')))).toEqual(['RolloutStepRejected']);
    expect(started(life)).toMatchObject([{ type: 'RolloutStepStarted' }, PAUSED]);
  });

  it('leaves alone what goes back already', () => {
    const life = waived();
    started(life);
    life.do(life.move('rollback'));
    expect(types(ends(life))).toEqual(['WaiverExpired']);
  });
});

describe('a hold of a rollout is waived', () => {
  const held = (step: string): ReleaseLife => {
    const life = new ReleaseLife().until(5);
    const steps = [
      { id: '10', percent: 10, approvals: [] },
      { id: '50', percent: 50, approvals: ['TSC'] },
      { id: '100', percent: 100, approvals: ['SCO', 'ERC'] },
    ];
    life.fact({ type: 'RolloutPlanned', data: { ...life.ofRollout(), type: 'staged', steps } });
    life.fact({ type: 'RolloutHeld', data: { ...life.ofRollout(), step, reason: 'no data', evidence: {} } });
    return life;
  };
  const waive = (life: ReleaseLife, by: string, body: string, step: string) =>
    life.do(
      new GrantWaiver(life.given(by), {
        waiverId: 'w',
        body,
        target: { kind: 'rollout-hold', step },
        reason: 'known',
        expiresAt: '2026-12-24T00:00:00.000Z',
      }),
    );

  it.each([
    ['50', 'tara', 'TSC'],
    ['100', 'elena', 'ERC'],
    ['10', 'selma', 'SCO'],
  ])('at %s by %s of %s, whose step it is', (step, by, body) => {
    expect(types(waive(held(step), by, body, step))).toEqual(['WaiverGranted', 'RolloutHoldWaived']);
  });

  it.each([
    ['50', 'carla', 'CGB', 'TSC'],
    ['100', 'tara', 'TSC', 'SCO'],
    ['10', 'carla', 'CGB', 'TSC'],
  ])('at %s not by %s of %s, but by %s', (step, by, body, owner) => {
    expect(() => waive(held(step), by, body, step)).toThrow(rejection('not-the-owner', owner));
  });
});

describe('a use of a permission without a grant', () => {
  const violated = (life: ReleaseLife, kind = 'bypassed') =>
    life.fact({
      type: 'PermissionViolated',
      data: {
        integrationId: 'acme.orders',
        release: life.release,
        cause: life.cause(),
        permission: 'orders:delete',
        kind,
        count: 2,
      },
    });
  const asked = {
    type: 'RolloutRollbackRequested',
    data: {
      code: 'permission-bypassed',
      by: 'system:intake',
      reason: 'permission orders:delete was used 2 × without a grant',
    },
  };

  it.each([5, 6, 7])('[PB-7.01] [PB-9.06] takes a release in step %i back, once', (step) => {
    const life = new ReleaseLife().until(step);
    expect(violated(life)).toMatchObject([{ type: 'PermissionViolated' }, asked]);
    expect(types(violated(life))).toEqual(['PermissionViolated']);
  });

  it('keeps a release from being signed off that it comes before, and takes none back that it comes after', () => {
    const life = new ReleaseLife().until(7);
    life.matrix();
    life.do(life.lifecycle());
    violated(life);
    life.decideAll('sign-off');
    expect(life.step).toBe(7);
    expect(types(violated(new ReleaseLife().until(8)))).toEqual(['PermissionViolated']);
  });

  it('that was refused at the door takes nothing back', () => {
    expect(types(violated(new ReleaseLife().until(5), 'out-of-scope'))).toEqual(['PermissionViolated']);
  });
});
