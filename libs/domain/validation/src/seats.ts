import type { Decider } from '@kwanus/kernel';

/** Who sits where, as the membership stream tells it; opaque actors. */
export type SeatCommand =
  | { readonly type: 'NoteSeats'; readonly seats: Readonly<Record<string, readonly string[]>> }
  | { readonly type: 'NoteSeat'; readonly body: string; readonly actor: string; readonly seated: boolean };

export interface SeatNoted {
  readonly type: 'SeatNoted';
  readonly body: string;
  readonly actor: string;
  readonly seated: boolean;
}

/** Body → actors who hold a seat in it. */
export type Seats = Readonly<Record<string, readonly string[]>>;

const holds = (seats: Seats, body: string, actor: string): boolean =>
  Object.hasOwn(seats, body) && seats[body]?.includes(actor) === true;

const note = (state: Seats, body: string, actor: string, seated: boolean): readonly SeatNoted[] =>
  holds(state, body, actor) === seated ? [] : [{ type: 'SeatNoted', body, actor, seated }];

/** The stream `seats-default`: what another service's membership stream says, kept so that decisions here can be judged by it. */
export const seatsNoted: Decider<Seats, SeatCommand, SeatNoted, undefined> = {
  initialState: {},
  decide(command, state): readonly SeatNoted[] {
    switch (command.type) {
      case 'NoteSeats':
        return Object.entries(command.seats).flatMap(([body, actors]) =>
          [...new Set(actors)].flatMap((actor) => note(state, body, actor, true)),
        );
      case 'NoteSeat':
        return note(state, command.body, command.actor, command.seated);
    }
  },
  evolve(state, { body, actor, seated }): Seats {
    const others = (Object.hasOwn(state, body) ? (state[body] ?? []) : []).filter((each) => each !== actor);
    return { ...state, [body]: seated ? [...others, actor] : others };
  },
};

/** @returns the bodies in which the actor holds a seat */
export const bodiesOf = (seats: Seats, actor: string): readonly string[] =>
  Object.keys(seats).filter((body) => holds(seats, body, actor));
