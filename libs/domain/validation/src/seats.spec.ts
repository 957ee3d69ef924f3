import { describe, expect, it } from '@jest/globals';
import { fold } from '@kwanus/kernel';
import { bodiesOf, type SeatCommand, type SeatNoted, seatsNoted } from './seats.js';

const noted = (...commands: readonly SeatCommand[]): readonly SeatNoted[] =>
  commands.reduce<readonly SeatNoted[]>(
    (events, command) => [...events, ...seatsNoted.decide(command, fold(seatsNoted, events), undefined)],
    [],
  );
const seat = (body: string, actor: string, seated = true): SeatCommand => ({
  type: 'NoteSeat',
  body,
  actor,
  seated,
});

describe('seats as the membership stream tells them', () => {
  it('[PB-5.06] are those of the bootstrap, and every change since', () => {
    const first: SeatCommand = { type: 'NoteSeats', seats: { TSC: ['tara', 'tara'], SCO: ['selma'] } };
    const seats = fold(
      seatsNoted,
      noted(first, seat('SCO', 'sven'), seat('TSC', 'tara', false), seat('SCO', 'tara')),
    );
    expect(seats).toEqual({ TSC: [], SCO: ['selma', 'sven', 'tara'] });
    expect(bodiesOf(seats, 'tara')).toEqual(['SCO']);
    expect(bodiesOf(seats, 'nobody')).toEqual([]);
  });

  it('are no news when they are told again', () => {
    expect(noted(seat('TSC', 'tara'), seat('TSC', 'tara'))).toHaveLength(1);
    expect(noted(seat('TSC', 'tara', false))).toEqual([]);
  });

  it('of a body that is called like what every object has are seats like others', () => {
    const seats = fold(seatsNoted, noted(seat('constructor', 'tara')));
    expect(bodiesOf(seats, 'tara')).toEqual(['constructor']);
    expect(noted(seat('toString', 'tara', false))).toEqual([]);
  });
});
