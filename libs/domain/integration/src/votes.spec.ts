import { describe, expect, it } from '@jest/globals';
import { CONTEXT, PLAYBOOK, SEATS } from '../testing/orders.js';
import { ReleaseLife } from '../testing/release-life.js';
import { type Integration, standingOf, votesInForce } from './index.js';

const refusal = (code: string) => expect.objectContaining({ code });
const TSC = PLAYBOOK.decisions.find(({ id }) => id === 'approval:TSC') ?? PLAYBOOK.decisions[0]!;

/** Submits as somebody of the platform, who becomes a proposer by it. */
function submitAs(life: ReleaseLife, by: string, parts: Readonly<Record<string, string>> = {}): void {
  const { submitted } = life.submission(by, { parts });
  life.do(
    Object.assign(life.submission(by), {
      submitted,
      given: { ...life.given(by), roles: ['operator'], sponsor: null },
    }),
  );
}

describe('[PB-5.06] a vote that carries over', () => {
  it('is lent by nobody who proposed the release that it was given in', () => {
    const first = new ReleaseLife().until(1);
    first.vote('tara', 'approval:TSC');
    const second = first.next('1.1.0');
    second.submit('amir');
    expect(second.missing()).not.toContain('approval:TSC');
    submitAs(first, 'tara', { 'document:tutorials': 'by tara' });
    expect(second.missing()).toContain('approval:TSC');
  });

  it('counts after a vote in the release itself, whichever came first', () => {
    const first = new ReleaseLife().until(1);
    const second = first.next('1.1.0');
    second.submit('amir');
    second.vote('tara', 'approval:TSC', 'reject');
    first.vote('tara', 'approval:TSC');
    const { votes } = { votes: votesInForce(second.state, second.shown(), TSC) };
    expect(votes.map(({ by, vote, release }) => [by, vote, release])).toEqual([['tara', 'reject', '1.1.0']]);
    expect(standingOf(second.state, second.shown(), TSC, 1)).toBe('rejected');
  });

  it('is not lent by who became a proposer after it was given, in whatever step', () => {
    const first = new ReleaseLife().until(7);
    first.matrix();
    const operator = { ...first.given('carla'), roles: ['operator'] };
    first.do(Object.assign(first.lifecycle(), { given: operator }));
    first.decideAll('sign-off', 1);
    expect(first.shown()).toMatchObject({ status: 'live', proposers: ['ada', 'carla'] });
    const second = first.next('1.1.0');
    second.submit('amir');
    expect(second.missing()).toEqual(['approval:CGB']);
  });

  it('counts for one body only: of two that would carry over the older one does', () => {
    const first = new ReleaseLife().until(1);
    first.vote('multi', 'approval:TSC');
    const second = first.next('1.1.0');
    second.submit('amir', { parts: { 'manifest:compatibility': 'other' } });
    second.vote('multi', 'approval:SCO');
    const third = first.next('1.2.0');
    third.submit('amir');
    expect(third.missing()).toEqual(['approval:SCO', 'approval:ERC', 'approval:CGB']);
    third.submit('amir', { parts: { 'manifest:compatibility': 'other' } });
    expect(third.missing()).toEqual(['approval:TSC', 'approval:ERC', 'approval:CGB']);
  });

  it('is of no use to a decision that belongs to another body now', () => {
    const life = new ReleaseLife().until(1);
    life.vote('multi', 'approval:TSC');
    const moved = { ...TSC, body: 'SCO' };
    expect(votesInForce(life.state, life.shown(), TSC)).toHaveLength(1);
    expect(votesInForce(life.state, life.shown(), moved)).toHaveLength(0);
  });

  it('is looked at again in step 4: a voter without a seat by then has to be followed by one who has one', () => {
    const first = new ReleaseLife().until(8);
    const second = first.next('1.1.0');
    second.submit('amir');
    for (const phase of ['preparation', 'implementation'] as const) second.phase(phase);
    second.context = { ...CONTEXT, membership: { version: 8, seats: { ...SEATS, TSC: ['tobias'] } } };
    second.fact(second.verdict());
    expect(second.step).toBe(4);
    expect(second.missing()).toEqual(['approval:TSC', 'checkpoint:compatibility']);
    second.context = CONTEXT;
    second.vote('tobias', 'approval:TSC');
    expect(second.missing()).toEqual(['checkpoint:compatibility']);
    second.vote('tobias', 'checkpoint:compatibility');
    expect(second.step).toBe(5);
  });
});

describe('a vote in the release itself', () => {
  it('stays in force before step 4 though its voter lost the seat, unless it was a no', () => {
    const life = new ReleaseLife().until(1);
    life.vote('tara', 'approval:TSC');
    life.vote('sven', 'approval:SCO', 'reject');
    life.context = {
      ...CONTEXT,
      membership: { version: 8, seats: { ...SEATS, TSC: ['tobias'], SCO: ['selma'] } },
    };
    life.vote('selma', 'approval:SCO');
    expect(life.missing()).toEqual(['approval:ERC', 'approval:CGB']);
    expect(life.events.at(-1)).toMatchObject({
      type: 'VotesVoided',
      data: { votes: [{ decision: 'approval:SCO', by: 'sven', changed: ['seat'] }] },
    });
  });

  it('of somebody who proposed is not in force, even where one stood in a log', () => {
    const life = new ReleaseLife().until(1);
    life.vote('tara', 'approval:TSC');
    const release = { ...life.shown(), proposers: ['ada', 'tara'] };
    const state: Integration = { ...life.state, releases: { '1.0.0': release } };
    expect(votesInForce(state, release, TSC)).toEqual([]);
  });

  it.each([
    ['a partner’s person who was given a seat', 'ada', 'partner-holds-no-seat'],
    ['somebody without a seat', 'selma', 'no-seat'],
  ])('by %s is refused: %s', (_, by, code) => {
    const life = new ReleaseLife().until(1);
    life.context = {
      ...CONTEXT,
      membership: { version: 8, seats: { ...SEATS, TSC: ['tara', 'ada'] } },
    };
    expect(() => life.vote(by, 'approval:TSC')).toThrow(refusal(code));
  });

  it('[PB-3.06] [PB-3.07] [PB-3.08] [PB-3.09] is of a member, with the reason and the version of the seats that it was judged by', () => {
    const life = new ReleaseLife().until(2);
    const votes = life.events.flatMap((event) => (event.type === 'VoteRecorded' ? [event.data] : []));
    expect(votes.map(({ decision, body, by }) => [decision, body, by])).toEqual([
      ['approval:TSC', 'TSC', 'tara'],
      ['approval:SCO', 'SCO', 'selma'],
      ['approval:ERC', 'ERC', 'elena'],
      ['approval:CGB', 'CGB', 'carla'],
    ]);
    for (const { reason, membershipVersion, covers } of votes) {
      expect([reason, membershipVersion]).toEqual(['looked at it', 7]);
      expect(Object.keys(covers).length).toBeGreaterThan(5);
    }
  });

  it('names the decision where a body has several', () => {
    const life = new ReleaseLife().until(4);
    const ballot = life.ballot('selma', 'checkpoint:security');
    const unnamed = Object.assign(ballot, { ballot: { ...ballot.ballot, name: null } });
    expect(() => life.do(unnamed)).toThrow('Name one of: permission, security.');
  });
});

describe('a vote on a rollout step', () => {
  it('is for the step that waits', () => {
    const life = new ReleaseLife().until(5);
    life.await('TSC');
    const other = life.stepBallot('tara', 'TSC');
    expect(() => life.do(Object.assign(other, { ballot: { ...other.ballot, name: '100' } }))).toThrow(
      refusal('wrong-rollout-step'),
    );
  });

  it('waits for nobody while the rollout does something else', () => {
    const life = new ReleaseLife().until(5);
    life.await('TSC', 'SCO');
    life.fact({ type: 'RolloutPaused', data: { ...life.ofRollout(), step: '50', reason: 'to look' } });
    expect(() => life.do(life.stepBallot('tara', 'TSC'))).toThrow(refusal('not-awaited'));
  });
});

describe('a rollout step takes the quorum of its body', () => {
  const asked = (quorum: number): ReleaseLife => {
    const life = new ReleaseLife().until(5);
    const bodies = PLAYBOOK.bodies.map((body) => (body.id === 'TSC' ? { ...body, quorum } : body));
    life.context = { ...life.context, playbook: { ...PLAYBOOK, bodies } };
    life.await('TSC');
    return life;
  };
  const missing = (life: ReleaseLife) => life.gate(5).missing.map(({ who }) => who);

  it('[PB-9.03] of different people: until then the body is waited for, and each vote says how many it still takes', () => {
    const life = asked(2);
    expect(life.do(life.stepBallot('tara', 'TSC'))).toMatchObject([{ data: { stillNeeded: 1 } }]);
    expect(missing(life)).toEqual(['TSC']);
    expect(life.do(life.stepBallot('tara', 'TSC'))).toEqual([]);
    const [last] = life.do(life.stepBallot('tobias', 'TSC'));
    expect(last?.data).not.toHaveProperty('stillNeeded');
    expect(missing(life)).toEqual(['rollout']);
  });

  it('[PB-9.03] and nobody of the body against it, who still sits there', () => {
    const life = asked(1);
    life.do(life.stepBallot('tara', 'TSC', 'reject'));
    expect(life.do(life.stepBallot('tobias', 'TSC'))).toMatchObject([{ data: { stillNeeded: 1 } }]);
    expect(life.gate(5).missing).toMatchObject([{ who: 'TSC', what: expect.stringContaining('rejected') }]);
    life.do(life.stepBallot('tara', 'TSC'));
    expect(missing(life)).toEqual(['rollout']);
    const other = asked(1);
    other.do(other.stepBallot('tara', 'TSC', 'reject'));
    const seats = { ...SEATS, TSC: ['tobias'] };
    other.context = { ...other.context, membership: { version: 8, seats } };
    other.do(other.stepBallot('tobias', 'TSC'));
    expect(missing(other)).toEqual(['rollout']);
  });
});
