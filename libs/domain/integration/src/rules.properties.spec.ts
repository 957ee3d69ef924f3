import { describe, expect, it } from '@jest/globals';
import { isDomainRejection } from '@kwanus/kernel';
import fc from 'fast-check';
import { ID, PLAYBOOK, SEATS } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import {
  evolve,
  type Integration,
  type IntegrationEvent,
  integration,
  MoveIntegration,
  PassTime,
  votesInForce,
} from './index.js';

const PEOPLE = ['ada', 'amir', 'tara', 'selma', 'elena', 'carla', 'multi', 'tobias', 'oscar'];
const person = fc.constantFrom(...PEOPLE);
const decision = fc.constantFrom(...PLAYBOOK.decisions.map(({ id }) => id));
type Move = (life: ReleaseLife) => unknown;

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.tuple(person, decision, fc.constantFrom('approve', 'reject', 'withdraw')).map(
    ([by, id, vote]): Move =>
      (life) =>
        life.vote(by, id, vote as 'approve'),
  ),
  fc.tuple(person, fc.constantFrom('', 'x', 'y')).map(
    ([by, text]): Move =>
      (life) =>
        life.do(
          Object.assign(life.submission(by, { parts: { contract: text } }), {
            given: { ...life.given(by), roles: ['operator'], sponsor: null },
          }),
        ),
  ),
  fc.constantFrom<Move>(
    (life) => life.decideAll('approval'),
    (life) => life.decideAll('checkpoint', 1),
    (life) => life.decideAll('sign-off', 1),
    (life) => life.phase('preparation'),
    (life) => life.phase('implementation'),
    (life) => life.fact(life.verdict()),
    (life) => life.fact(life.verdict({}, 'ValidationFailed')),
    (life) => life.rollOut(),
    (life) => life.rollBack(),
    (life) => life.refuse(),
    (life) => life.bake(),
    (life) => life.matrix(),
    (life) => life.do(life.lifecycle()),
    (life) => life.do(life.move('withdraw')),
    (life) => life.do(life.move('resubmit')),
    (life) => life.do(life.move('rollout')),
    (life) => life.do(new PassTime(ID, life.requestId())),
    (life) => life.later('P200D'),
  ),
  fc.constantFrom('suspend', 'reinstate', 'deprecate').map(
    (to): Move =>
      (life) =>
        life.do(
          new MoveIntegration(
            {
              integrationId: ID,
              release: null,
              by: 'oscar',
              partner: null,
              roles: ['operator'],
              requestId: life.requestId(),
            },
            to as 'suspend',
            'r',
          ),
        ),
  ),
);

const START = [0, 1, 4, 5, 7, 8] as const;
const history = fc.tuple(
  fc.constantFrom(...START),
  fc.array(fc.tuple(move, fc.boolean()), { maxLength: 25 }),
);

/** Makes it happen; what is refused has not happened. */
function lived(
  [start, moves]: readonly [number, readonly (readonly [Move, boolean])[]],
  each: (life: ReleaseLife, before: Integration) => void,
): ReleaseLife {
  const life = new ReleaseLife().until(start);
  const other = life.next('1.1.0');
  for (const [make, onOther] of moves) {
    const before = life.state;
    const actor = onOther ? other : life;
    actor.context = life.context;
    try {
      make(actor);
    } catch (error) {
      if (!isDomainRejection(error) && !(error instanceof TypeError)) throw error;
    }
    if (!onOther) other.context = actor.context;
    each(life, before);
  }
  return life;
}

describe('whatever is asked, in whatever order', () => {
  it('[PB-11.05] nothing is signed off with a blocked gate, nor by fewer than four people, nor by a proposer', () =>
    fc.assert(
      fc.property(history, (given) => {
        const life = lived(given, () => undefined);
        life.events.forEach((event, at) => {
          if (event.type !== 'ReleaseSignedOff') return;
          const state = life.events.slice(0, at).reduce(evolve, integration.initialState);
          const release = state.releases[event.data.release];
          if (release === undefined) throw new TypeError('signed off without having been opened');
          const signers = PLAYBOOK.decisions
            .filter(({ kind }) => kind === 'sign-off')
            .flatMap((rule) => votesInForce(state, release, rule).map(({ by }) => by));
          expect(new Set(signers).size).toBeGreaterThanOrEqual(4);
          expect(signers.filter((by) => release.proposers.includes(by))).toEqual([]);
          expect(signers.every((by) => Object.values(SEATS).flat().includes(by))).toBe(true);
          expect(types(life.events.slice(0, at))).toContain('GovernanceValidated');
        });
      }),
      { numRuns: 150 },
    ));

  it('at most one release is in steps 5 to 6, one person has decided for one body, at most one release is live', () =>
    fc.assert(
      fc.property(history, (given) => {
        lived(given, ({ state }) => {
          const releases = Object.values(state.releases);
          expect(
            releases.filter(({ step, status }) => status === 'in-progress' && (step === 5 || step === 6))
              .length,
          ).toBeLessThanOrEqual(1);
          expect(releases.filter(({ status }) => status === 'live').length).toBeLessThanOrEqual(1);
          for (const { release } of releases)
            for (const by of PEOPLE)
              expect(
                new Set(
                  state.votes
                    .filter((vote) => vote.release === release && vote.by === by)
                    .map(({ body }) => body),
                ).size,
              ).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: 100 },
    ));

  it('the log only grows, and folds to the same state from JSON', () =>
    fc.assert(
      fc.property(history, (given) => {
        const { events, state } = lived(given, () => undefined);
        const copies = JSON.parse(JSON.stringify(events)) as IntegrationEvent[];
        expect(copies.reduce(evolve, integration.initialState)).toEqual(state);
      }),
      { numRuns: 100 },
    ));

  it('evolve takes events in any order, of releases that are not there too', () => {
    const { events } = new ReleaseLife().until(8);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(events),
        fc.constantFrom('1.0.0', '9.9.9', '__proto__', 'constructor'),
        (some, release) => {
          const moved = some.map(
            (event) =>
              ({
                ...event,
                data: { ...event.data, ...('release' in event.data ? { release } : {}) },
              }) as IntegrationEvent,
          );
          expect(() => moved.reduce(evolve, integration.initialState)).not.toThrow();
        },
      ),
    );
  });
});
