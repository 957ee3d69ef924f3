import { describe, expect, it } from '@jest/globals';
import { isDomainRejection } from '@kwanus/kernel';
import fc from 'fast-check';
import { ID, PLAYBOOK, SEATS } from '../testing/orders.js';
import { ReleaseLife, types } from '../testing/release-life.js';
import {
  addDuration,
  evolve,
  GrantWaiver,
  gate,
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

const NOT_PERFORMED = {
  check: 'api-reference',
  kind: 'documentation',
  outcome: 'not-performed',
  summary: 'not built',
  blocking: [],
  warnings: 0,
} as const;

const waive = (life: ReleaseLife, lasting: string) =>
  life.do(
    new GrantWaiver(life.given('tara'), {
      waiverId: life.requestId(),
      body: 'TSC',
      target: { kind: 'check', check: 'api-reference' },
      reason: 'known',
      expiresAt: addDuration(life.context.asOf, lasting),
    }),
  );

function alert(life: ReleaseLife, type: 'AlertRaised' | 'AlertResolved'): void {
  const of = { integrationId: ID, release: life.release, cause: life.cause(), alertId: 'a', reason: 'r' };
  life.fact(
    type === 'AlertResolved'
      ? { type, data: of }
      : { type, data: { ...of, severity: 'page', signal: 'api-errors', numbers: {} } },
  );
}

function unseat(life: ReleaseLife, actor: string): void {
  const { version, seats } = life.context.membership;
  const left = Object.entries(seats).map(([body, actors]) => [body, actors.filter((one) => one !== actor)]);
  life.context = {
    ...life.context,
    membership: { version: version + 1, seats: Object.fromEntries(left) as typeof SEATS },
  };
}

function seat(life: ReleaseLife): void {
  const { version } = life.context.membership;
  life.context = { ...life.context, membership: { version: version + 1, seats: SEATS } };
}

/** Every body decides, by whichever of its members may. */
function decide(life: ReleaseLife, kind: 'approval' | 'checkpoint' | 'sign-off'): void {
  for (const { id, body } of PLAYBOOK.decisions.filter((rule) => rule.kind === kind))
    for (const by of SEATS[body] ?? []) attempt(() => life.vote(by, id));
}

/** What is due in the step that the release is in. */
const GO_ON: Readonly<Record<number, Move>> = {
  1: (life) => decide(life, 'approval'),
  2: (life) => life.phase('preparation'),
  3: (life) => life.phase('implementation'),
  4: (life) => {
    attempt(() => life.fact(life.verdict()));
    for (const kind of ['approval', 'checkpoint'] as const) decide(life, kind);
  },
  5: (life) => life.rollOut(),
  6: (life) => life.bake(),
  7: (life) => {
    life.matrix();
    attempt(() => life.do(life.lifecycle()));
    decide(life, 'sign-off');
  },
};

function attempt(make: () => unknown): void {
  try {
    make();
  } catch (error) {
    if (!isDomainRejection(error) && !(error instanceof TypeError)) throw error;
  }
}

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
    (life) => life.fact(life.verdict({ checks: [NOT_PERFORMED] }, 'ValidationInconclusive')),
    (life) => waive(life, 'P30D'),
    (life) => waive(life, 'P90D'),
    (life) => alert(life, 'AlertRaised'),
    (life) => alert(life, 'AlertResolved'),
    (life) => life.do(life.move('rollback', 'oscar')),
    (life) => unseat(life, 'tobias'),
    (life) => unseat(life, 'elena'),
    (life) => seat(life),
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

const goOn: Move = (life) => {
  if (life.state.releases[life.release] === undefined) life.submit();
  else GO_ON[life.step]?.(life);
};

const START = [0, 1, 4, 5, 7, 8] as const;
const history = fc.tuple(
  fc.constantFrom(...START),
  fc.array(
    fc.tuple(
      fc.oneof({ weight: 3, arbitrary: move }, { weight: 2, arbitrary: fc.constant(goOn) }),
      fc.boolean(),
    ),
    {
      maxLength: 25,
    },
  ),
);

/** Makes it happen; what is refused has not happened. */
function lived(
  [start, moves]: readonly [number, readonly (readonly [Move, boolean])[]],
  each: (life: ReleaseLife, before: Integration, news: readonly IntegrationEvent[]) => void,
): ReleaseLife {
  const life = new ReleaseLife().until(start);
  const other = life.next('1.1.0');
  for (const [make, onOther] of moves) {
    const before = life.state;
    const count = life.events.length;
    const actor = onOther ? other : life;
    actor.context = life.context;
    attempt(() => make(actor));
    if (!onOther) other.context = actor.context;
    each(life, before, life.events.slice(count));
  }
  return life;
}

/** The states in which a command signed releases off: before their last step was passed. */
function signings(before: Integration, news: readonly IntegrationEvent[]) {
  return news.flatMap((event, at) =>
    event.type === 'ReleaseSignedOff'
      ? [{ state: news.slice(0, at - 1).reduce(evolve, before), release: event.data.release }]
      : [],
  );
}

/** Each sign-off that stands in the log came after all that it needs, from four people who did not propose the release. */
function signedOffRightly({ events }: ReleaseLife): void {
  events.forEach((event, at) => {
    if (event.type !== 'ReleaseSignedOff') return;
    const state = events.slice(0, at).reduce(evolve, integration.initialState);
    const release = state.releases[event.data.release];
    if (release === undefined) throw new TypeError('signed off without having been opened');
    const signers = PLAYBOOK.decisions
      .filter(({ kind }) => kind === 'sign-off')
      .flatMap((rule) => votesInForce(state, release, rule).map(({ by }) => by));
    expect(new Set(signers).size).toBeGreaterThanOrEqual(4);
    expect(signers.filter((by) => release.proposers.includes(by))).toEqual([]);
    expect(signers.every((by) => Object.values(SEATS).flat().includes(by))).toBe(true);
    expect(types(events.slice(0, at))).toContain('GovernanceValidated');
  });
}

/** At most one release is in steps 5 to 6, one is live, and one person has decided for one body. */
function onlyOneOfEach({ state }: ReleaseLife): void {
  const releases = Object.values(state.releases);
  const inRollout = releases.filter(
    ({ step, status }) => status === 'in-progress' && (step === 5 || step === 6),
  );
  expect(inRollout.length).toBeLessThanOrEqual(1);
  expect(releases.filter(({ status }) => status === 'live').length).toBeLessThanOrEqual(1);
  for (const { release } of releases)
    for (const by of PEOPLE) {
      const votes = state.votes.filter((vote) => vote.release === release && vote.by === by);
      expect(new Set(votes.map(({ body }) => body)).size).toBeLessThanOrEqual(1);
    }
}

function foldsFromJson({ events, state }: ReleaseLife): void {
  const copies = JSON.parse(JSON.stringify(events)) as IntegrationEvent[];
  expect(copies.reduce(evolve, integration.initialState)).toEqual(state);
}

describe('whatever is asked, in whatever order', () => {
  it('[PB-11.05] [PB-2.7] nothing is signed off with a blocked gate, nor by fewer than four people, nor by a proposer; one release at a time; the log folds to the state', () => {
    let signed = 0;
    fc.assert(
      fc.property(history, (given) => {
        const life = lived(given, (each, before, news) => {
          onlyOneOfEach(each);
          for (const { state, release } of signings(before, news)) {
            signed += 1;
            for (const step of [1, 2, 3, 7] as const)
              expect(gate(state, release, step, each.context).missing).toEqual([]);
            expect(state.releases[release]).toMatchObject({ step: 7, rollout: { state: 'completed' } });
          }
        });
        signedOffRightly(life);
        foldsFromJson(life);
      }),
      { numRuns: 200 },
    );
    expect(signed).toBeGreaterThan(5);
  });

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
