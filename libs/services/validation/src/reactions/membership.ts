import { TOPICS } from '@kwanus/contracts';
import type { ConsumerDefinition } from '@kwanus/messaging';
import { z } from 'zod';
import type { SeatBook } from '../permissions/seat-book.js';

const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;
const Bootstrapped = z.object({ seats: z.record(z.string(), z.array(z.string())) });
const Changed = z.object({ body: z.string(), actor: z.string() });

/** Who takes and leaves seats, for decisions that are taken here. */
export const membershipHandlers = (seats: SeatBook): ConsumerDefinition['handlers'] => ({
  [ofType('seats-bootstrapped')]: ({ data }, { metadata }) =>
    seats.note({ type: 'NoteSeats', ...Bootstrapped.parse(data) }, metadata),
  [ofType('seat-granted')]: ({ data }, { metadata }) =>
    seats.note({ type: 'NoteSeat', ...Changed.parse(data), seated: true }, metadata),
  [ofType('seat-revoked')]: ({ data }, { metadata }) =>
    seats.note({ type: 'NoteSeat', ...Changed.parse(data), seated: false }, metadata),
});
