import { describe, expect, it } from '@jest/globals';
import { fold, isDomainRejection } from '@kwanus/kernel';
import { specify } from '@kwanus/testing-kernel';
import fc from 'fast-check';
import {
  BootstrapSeats,
  ConfirmSeatChange,
  describeMembership,
  type MembershipCommand,
  type MembershipEvent,
  membership,
  ProposeSeatChange,
} from './membership.js';

const context = { bodies: ['TSC', 'SCO', 'ERC', 'CGB'] };
const spec = specify(membership, context);
const seats = { TSC: ['person:tess'], SCO: ['person:sid'] };
const bootstrapped: MembershipEvent = { type: 'SeatsBootstrapped', data: { seats } };

const change = {
  proposal: 'p1',
  body: 'TSC',
  change: 'seat' as 'seat' | 'unseat',
  actor: 'person:tom',
  reason: 'elected',
};
const propose = (changes: Partial<typeof change> = {}, by = 'person:amy', partner: string | null = null) =>
  new ProposeSeatChange({ ...change, ...changes }, by, partner);
const confirm = (by: string, proposal = 'p1', body = 'TSC') =>
  new ConfirmSeatChange(proposal, body, by, 'minutes of 3 November');
const proposed = (changes: Partial<typeof change> = {}): MembershipEvent => ({
  type: 'SeatChangeProposed',
  data: { ...change, ...changes, by: 'person:amy' },
});
const granted: readonly MembershipEvent[] = [
  {
    type: 'SeatChangeConfirmed',
    data: { proposal: 'p1', by: 'person:bob', reason: 'minutes of 3 November' },
  },
  { type: 'SeatGranted', data: { proposal: 'p1', body: 'TSC', actor: 'person:tom' } },
];

describe('The first seats', () => {
  it('[PB-5.06] come from a file, once, as an event', () => {
    spec.given().when(new BootstrapSeats(seats)).then([bootstrapped]);
    spec
      .given([bootstrapped])
      .when(new BootstrapSeats({ TSC: ['person:mallory'] }))
      .thenNothing();
  });

  it('are of bodies that there are', () => {
    spec
      .given()
      .when(new BootstrapSeats({ XYZ: ['person:tess'] }))
      .thenRejected('unknown-body');
  });
});

describe('A change of seats', () => {
  it('[PB-5.06] is proposed by one admin and confirmed by a second one', () => {
    spec.given([bootstrapped]).when(propose()).then([proposed()]);
    spec.given([bootstrapped, proposed()]).when(confirm('person:bob')).then(granted);
    expect(spec.given([bootstrapped, proposed(), ...granted]).state()).toEqual({
      bootstrapped: true,
      seats: { TSC: ['person:tess', 'person:tom'], SCO: ['person:sid'] },
      proposals: {},
    });
  });

  it('does not come into force by the proposal alone', () => {
    expect(spec.given([bootstrapped, proposed()]).state().seats).toEqual(seats);
  });

  it('is not confirmed by who proposed it: it says that a second admin is needed', () => {
    const { missing } = spec
      .given([bootstrapped, proposed()])
      .when(confirm('person:amy'))
      .thenRejected('second-admin-needed', ['seat-change:p1']);
    expect(missing[0]).toMatchObject({ who: 'admin' });
  });

  it('nobody seats themselves, neither by proposing it nor by confirming it', () => {
    spec.given([bootstrapped]).when(propose({}, 'person:tom')).thenRejected('own-seat');
    spec.given([bootstrapped, proposed()]).when(confirm('person:tom')).thenRejected('own-seat');
  });

  it('a partner’s people hold no seat, but one who became a partner’s can be unseated', () => {
    spec
      .given([bootstrapped])
      .when(propose({}, 'person:amy', 'acme'))
      .thenRejected('partner-holds-no-seat');
    spec
      .given([bootstrapped])
      .when(propose({ change: 'unseat', actor: 'person:tess' }, 'person:amy', 'acme'))
      .thenTypes(['SeatChangeProposed']);
  });

  it('takes a seat away as it gives one', () => {
    const leaving = { change: 'unseat' as const, actor: 'person:tess' };
    const outcome = spec.given([bootstrapped, proposed(leaving)]).when(confirm('person:bob'));
    const events = outcome.thenTypes(['SeatChangeConfirmed', 'SeatRevoked']);
    expect(spec.given([bootstrapped, proposed(leaving), ...events]).state().seats).toEqual({
      TSC: [],
      SCO: ['person:sid'],
    });
  });

  it('changes something: who sits is not seated, who does not sit is not unseated', () => {
    spec
      .given([bootstrapped])
      .when(propose({ actor: 'person:tess' }))
      .thenRejected('already-so');
    spec
      .given([bootstrapped])
      .when(propose({ change: 'unseat' }))
      .thenRejected('already-so');
  });

  it('is of a body that there is, and of a proposal that waits, of that very body', () => {
    spec
      .given([bootstrapped])
      .when(propose({ body: 'XYZ' }))
      .thenRejected('unknown-body');
    spec.given([bootstrapped]).when(confirm('person:bob')).thenRejected('unknown-proposal');
    spec
      .given([bootstrapped, proposed()])
      .when(confirm('person:bob', 'p1', 'SCO'))
      .thenRejected('unknown-proposal');
    for (const name of ['__proto__', 'constructor', 'toString'])
      spec.given([bootstrapped]).when(confirm('person:bob', name)).thenRejected('unknown-proposal');
  });

  it('proposed twice under one id is proposed once; confirmed twice it is confirmed once', () => {
    spec.given([bootstrapped, proposed()]).when(propose()).thenNothing();
    spec
      .given([bootstrapped, proposed(), ...granted])
      .when(confirm('person:bob'))
      .thenRejected('unknown-proposal');
  });

  it('overtakes every other proposal about the same seat', () => {
    const { proposals, seats: now } = spec
      .given([
        bootstrapped,
        proposed(),
        proposed({ proposal: 'p2' }),
        proposed({ proposal: 'p3', body: 'SCO' }),
        proposed({ proposal: 'p4', actor: 'person:tina' }),
        ...granted,
      ])
      .state();
    expect(Object.keys(proposals)).toEqual(['p3', 'p4']);
    expect(now['TSC']).toEqual(['person:tess', 'person:tom']);
  });
});

it('every event of the seats has one sentence, and none names a person', () => {
  const revoked: MembershipEvent = {
    type: 'SeatRevoked',
    data: { proposal: 'p', body: 'TSC', actor: 'person:tom' },
  };
  expect([bootstrapped, proposed(), ...granted, revoked].map(describeMembership)).toEqual([
    'the first seats are taken: TSC 1, SCO 1',
    "a change of TSC's seats is proposed (seat)",
    'the change of seats is confirmed by a second admin',
    'a seat of TSC is taken',
    'a seat of TSC is left',
  ]);
});

describe('Whatever is commanded, in whatever order', () => {
  const people = fc.constantFrom('person:amy', 'person:bob', 'person:tess', 'person:tom', 'person:sid');
  const bodies = fc.constantFrom('TSC', 'SCO');
  const ids = fc.constantFrom('p1', 'p2', 'p3');
  const command: fc.Arbitrary<MembershipCommand> = fc.oneof(
    { weight: 1, arbitrary: fc.constant(new BootstrapSeats(seats)) },
    {
      weight: 5,
      arbitrary: fc
        .record({
          proposal: ids,
          body: bodies,
          change: fc.constantFrom('seat' as const, 'unseat' as const),
          actor: people,
        })
        .chain((wanted) => people.map((by) => propose(wanted, by))),
    },
    {
      weight: 5,
      arbitrary: fc.tuple(people, ids, bodies).map(([by, id, body]) => confirm(by, id, body)),
    },
  );

  const run = (commands: readonly MembershipCommand[]): readonly MembershipEvent[] =>
    commands.reduce<readonly MembershipEvent[]>((log, one) => {
      try {
        return [...log, ...membership.decide(one, fold(membership, log), context)];
      } catch (error) {
        if (!isDomainRejection(error)) throw error;
        return log;
      }
    }, []);

  it('[PB-5.06] a seat changes hands by two admins other than its holder, and nobody sits twice', () => {
    let changes = 0;
    fc.assert(
      fc.property(fc.array(command, { minLength: 30, maxLength: 90 }), (commands) => {
        const log = run(commands);
        const proposals = new Map<string, Extract<MembershipEvent, { type: 'SeatChangeProposed' }>['data']>();
        let confirmedBy = '';
        for (const event of log) {
          if (event.type === 'SeatChangeProposed') proposals.set(event.data.proposal, event.data);
          if (event.type === 'SeatChangeConfirmed') confirmedBy = event.data.by;
          if (event.type !== 'SeatGranted' && event.type !== 'SeatRevoked') continue;
          changes += 1;
          const { by, actor } = proposals.get(event.data.proposal) ?? { by: '', actor: '' };
          expect(actor).toBe(event.data.actor);
          expect(new Set([by, confirmedBy, actor]).size).toBe(3);
        }
        for (const members of Object.values(fold(membership, log).seats))
          expect(new Set(members).size).toBe(members.length);
      }),
      { seed: 20261123, numRuns: 300 },
    );
    expect(changes).toBeGreaterThan(100);
  });
});
