import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import {
  BootstrapSeats,
  ConfirmSeatChange,
  describeMembership,
  type MembershipCommand,
  type MembershipEvent,
  membership,
  ProposeSeatChange,
} from './membership.js';

const BODIES = { bodies: ['TSC', 'SCO'] };
const change = (
  by: string,
  actor: string,
  kind: 'seat' | 'unseat' = 'seat',
  { proposal = 'p1', partner = null }: { readonly proposal?: string; readonly partner?: string | null } = {},
) => new ProposeSeatChange({ proposal, body: 'TSC', change: kind, actor, reason: 'rotation' }, by, partner);
const confirm = (by: string, proposal = 'p1', body = 'TSC') =>
  new ConfirmSeatChange(proposal, body, by, 'agreed');

function after(...commands: readonly MembershipCommand[]): readonly MembershipEvent[] {
  return commands.reduce<readonly MembershipEvent[]>(
    (events, command) => [...events, ...membership.decide(command, fold(membership, events), BODIES)],
    membership.decide(new BootstrapSeats({ TSC: ['tara'] }), membership.initialState, BODIES),
  );
}
const seats = (...commands: readonly MembershipCommand[]) => fold(membership, after(...commands)).seats;

describe('[PB-5.06] seats', () => {
  it('come from the bootstrap once', () =>
    expect(seats(new BootstrapSeats({ TSC: ['eve'] }))).toEqual({ TSC: ['tara'] }));

  it('change when a second admin confirms, in both directions, each as an event', () => {
    expect(seats(change('ada', 'tobias'))).toEqual({ TSC: ['tara'] });
    expect(seats(change('ada', 'tobias'), confirm('boris'))).toEqual({ TSC: ['tara', 'tobias'] });
    expect(seats(change('ada', 'tara', 'unseat'), confirm('boris'))).toEqual({ TSC: [] });
    const events = after(
      change('ada', 'tobias'),
      confirm('boris'),
      change('ada', 'tara', 'unseat', { proposal: 'p2' }),
      confirm('boris', 'p2'),
    );
    expect(events.map(describeMembership).every((sentence) => sentence.length > 5)).toBe(true);
  });

  it.each([
    ['own-seat', [change('ada', 'ada')]],
    ['own-seat', [change('ada', 'boris'), confirm('boris')]],
    ['second-admin-needed', [change('ada', 'tobias'), confirm('ada')]],
    ['partner-holds-no-seat', [change('ada', 'olivia', 'seat', { partner: 'readme' })]],
    ['already-so', [change('ada', 'tara')]],
    ['already-so', [change('ada', 'tobias', 'unseat')]],
    ['unknown-proposal', [confirm('boris')]],
    ['unknown-proposal', [change('ada', 'tobias'), confirm('boris', 'p1', 'SCO')]],
    [
      'unknown-body',
      [
        new ProposeSeatChange(
          { proposal: 'p', body: 'XXX', change: 'seat', actor: 'x', reason: 'r' },
          'ada',
          null,
        ),
      ],
    ],
  ] as const)('%s is refused', (code, commands) =>
    expect(() => after(...commands)).toThrow(expect.objectContaining({ code })),
  );

  it('proposed twice under one name is one proposal; under two names nobody sits twice', () => {
    expect(after(change('ada', 'tobias'), change('ada', 'tobias'))).toHaveLength(2);
    const twice = [
      change('ada', 'tobias'),
      change('ada', 'tobias', 'seat', { proposal: 'p2' }),
      confirm('boris'),
      confirm('boris', 'p2'),
    ];
    expect(seats(...twice)).toEqual({ TSC: ['tara', 'tobias'] });
  });
});
