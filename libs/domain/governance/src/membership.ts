import { type Decider, DomainRejection } from '@kwanus/kernel';

/** The seats of all bodies, in one stream: their order decides who sat where when a vote was given. */
export type MembershipEvent =
  | {
      readonly type: 'SeatsBootstrapped';
      readonly data: { readonly seats: Readonly<Record<string, readonly string[]>> };
    }
  | {
      readonly type: 'SeatChangeProposed';
      readonly data: {
        readonly proposal: string;
        readonly body: string;
        readonly change: 'seat' | 'unseat';
        readonly actor: string;
        readonly by: string;
        readonly reason: string;
      };
    }
  | {
      readonly type: 'SeatChangeConfirmed';
      readonly data: { readonly proposal: string; readonly by: string; readonly reason: string };
    }
  | {
      readonly type: 'SeatGranted';
      readonly data: { readonly proposal: string; readonly body: string; readonly actor: string };
    }
  | {
      readonly type: 'SeatRevoked';
      readonly data: { readonly proposal: string; readonly body: string; readonly actor: string };
    };

/** The first seats, from a file, once. */
export class BootstrapSeats {
  readonly type = 'BootstrapSeats';
  constructor(readonly seats: Readonly<Record<string, readonly string[]>>) {}
}
/** An admin proposes that somebody takes or leaves a seat. */
export class ProposeSeatChange {
  readonly type = 'ProposeSeatChange';
  /** @param actorPartner the partner that the actor is known to belong to; null for the platform's own people */
  constructor(
    readonly change: {
      readonly proposal: string;
      readonly body: string;
      readonly change: 'seat' | 'unseat';
      readonly actor: string;
      readonly reason: string;
    },
    readonly by: string,
    readonly actorPartner: string | null,
  ) {}
}
/** A second admin confirms it. */
export class ConfirmSeatChange {
  readonly type = 'ConfirmSeatChange';
  constructor(
    readonly proposal: string,
    readonly body: string,
    readonly by: string,
    readonly reason: string,
  ) {}
}
export type MembershipCommand = BootstrapSeats | ProposeSeatChange | ConfirmSeatChange;

/** A change of seats that waits for a second admin. */
export type SeatProposal = {
  readonly proposal: string;
  readonly body: string;
  readonly change: 'seat' | 'unseat';
  readonly actor: string;
  readonly by: string;
  readonly reason: string;
};

export type Seats = {
  readonly bootstrapped: boolean;
  readonly seats: Readonly<Record<string, readonly string[]>>;
  readonly proposals: Readonly<Record<string, SeatProposal>>;
};

/** Which bodies there are. */
export interface GovernanceContext {
  readonly bodies: readonly string[];
}

function bootstrap(
  { seats }: BootstrapSeats,
  { bootstrapped }: Seats,
  { bodies }: GovernanceContext,
): readonly MembershipEvent[] {
  if (bootstrapped) return [];
  const unknown = Object.keys(seats).filter((body) => !bodies.includes(body));
  if (unknown.length > 0)
    throw new DomainRejection(
      'unknown-body',
      `The first seats name ${unknown.join(', ')}. The bodies are: ${bodies.join(', ')}.`,
    );
  return [{ type: 'SeatsBootstrapped', data: { seats } }];
}

function propose(
  { change, by, actorPartner }: ProposeSeatChange,
  state: Seats,
  { bodies }: GovernanceContext,
): readonly MembershipEvent[] {
  if (!bodies.includes(change.body))
    throw new DomainRejection(
      'unknown-body',
      `There is no body ${change.body}. They are: ${bodies.join(', ')}.`,
    );
  if (change.actor === by) throw new DomainRejection('own-seat', 'Nobody seats or unseats themselves.');
  if (change.change === 'seat' && actorPartner !== null)
    throw new DomainRejection(
      'partner-holds-no-seat',
      `They belong to ${actorPartner}; a partner's people hold no seat.`,
    );
  const sits = state.seats[change.body]?.includes(change.actor) ?? false;
  if (sits === (change.change === 'seat'))
    throw new DomainRejection(
      'already-so',
      `They ${sits ? 'hold' : 'do not hold'} a seat of ${change.body} already.`,
    );
  if (state.proposals[change.proposal] !== undefined) return [];
  return [{ type: 'SeatChangeProposed', data: { ...change, by } }];
}

function confirm(
  { proposal, body, by, reason }: ConfirmSeatChange,
  state: Seats,
): readonly MembershipEvent[] {
  const known = state.proposals[proposal];
  if (known === undefined || known.body !== body)
    throw new DomainRejection('unknown-proposal', `No change of ${body}'s seats called ${proposal} waits.`);
  if (known.by === by)
    throw new DomainRejection(
      'second-admin-needed',
      'A second admin confirms it, not the one who proposed it.',
      [
        {
          what: 'confirmation by a second admin',
          who: 'admin',
          requirement: `seat-change:${proposal}`,
        },
      ],
    );
  if (known.actor === by) throw new DomainRejection('own-seat', 'Nobody seats or unseats themselves.');
  return [
    { type: 'SeatChangeConfirmed', data: { proposal, by, reason } },
    {
      type: known.change === 'seat' ? 'SeatGranted' : 'SeatRevoked',
      data: { proposal, body, actor: known.actor },
    },
  ];
}

/** Proposals that are left when a seat has changed hands: every other one about the same seat is overtaken. */
const remaining = (
  proposals: Seats['proposals'],
  taken: (proposal: SeatProposal) => boolean,
): Seats['proposals'] => Object.fromEntries(Object.entries(proposals).filter(([, one]) => !taken(one)));

function seatChanged(
  { proposals, ...state }: Seats,
  { body, actor }: { readonly body: string; readonly actor: string },
  holds: boolean,
): Seats {
  const others = (state.seats[body] ?? []).filter((one) => one !== actor);
  return {
    ...state,
    seats: { ...state.seats, [body]: holds ? [...others, actor] : others },
    proposals: remaining(proposals, (one) => one.body === body && one.actor === actor),
  };
}

/** Who sits where. Seats come from this stream alone, never from a token. */
export const membership: Decider<Seats, MembershipCommand, MembershipEvent, GovernanceContext> = {
  initialState: { bootstrapped: false, seats: {}, proposals: {} },
  decide(command, state, context) {
    switch (command.type) {
      case 'BootstrapSeats':
        return bootstrap(command, state, context);
      case 'ProposeSeatChange':
        return propose(command, state, context);
      case 'ConfirmSeatChange':
        return confirm(command, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'SeatsBootstrapped':
        return { ...state, bootstrapped: true, seats: event.data.seats };
      case 'SeatChangeProposed':
        return { ...state, proposals: { ...state.proposals, [event.data.proposal]: event.data } };
      case 'SeatChangeConfirmed': {
        const { proposal } = event.data;
        return { ...state, proposals: remaining(state.proposals, (one) => one.proposal === proposal) };
      }
      case 'SeatGranted':
        return seatChanged(state, event.data, true);
      case 'SeatRevoked':
        return seatChanged(state, event.data, false);
    }
  },
};

/** @returns one sentence for a person */
export function describeMembership(event: MembershipEvent): string {
  switch (event.type) {
    case 'SeatsBootstrapped':
      return `the first seats are taken: ${Object.entries(event.data.seats)
        .map(([body, actors]) => `${body} ${actors.length}`)
        .join(', ')}`;
    case 'SeatChangeProposed':
      return `a change of ${event.data.body}'s seats is proposed (${event.data.change})`;
    case 'SeatChangeConfirmed':
      return 'the change of seats is confirmed by a second admin';
    case 'SeatGranted':
      return `a seat of ${event.data.body} is taken`;
    case 'SeatRevoked':
      return `a seat of ${event.data.body} is left`;
  }
}
