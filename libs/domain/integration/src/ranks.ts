import type { Giver } from './integration.commands.js';
import type { Rank } from './integration.events.js';
import type { Rollout } from './integration.state.js';

/** What a paused rollout waits for. */
export const RESUMPTION = 'lifecycle:resume';

/** Who asks for a pause, the lowest first: the gate itself gives way to whoever supplies what it misses. */
const RANKS: readonly Rank[] = ['gate', 'partner', 'reviewer', 'operator', 'admin'];

/** @returns a number by which ranks compare */
export const level = (rank: Rank): number => RANKS.indexOf(rank);
const highest = (ranks: readonly Rank[]): Rank =>
  ranks.reduce((top, rank) => (level(rank) > level(top) ? rank : top), 'gate');

/** @returns the highest rank that somebody acts with */
export const rankOf = ({ partner, roles }: Giver): Rank =>
  partner === null ? highest(RANKS.filter((rank) => roles.includes(rank))) : 'partner';

/** @returns who may let a paused rollout go on, the lowest that can */
export const mayResume = ({ pauses }: Rollout): Rank => {
  const by = highest(pauses);
  return by === 'gate' ? 'partner' : by;
};

/** @returns true when a pause by this one would hold more than those that were asked for */
export const outranks = (giver: Giver, { pauses }: Rollout): boolean =>
  level(rankOf(giver)) > level(highest(pauses));
