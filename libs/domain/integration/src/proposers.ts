import type { Release } from './integration.state.js';

/** An identity is one whether its token makes it a person or a service: what the actor ids of both share. */
const identityOf = (actorId: string): string => actorId.slice(actorId.indexOf(':') + 1);

/** @returns true when the actor proposed something in the release, or answers for the service that did */
export const hasProposed = ({ proposers }: Pick<Release, 'proposers'>, actorId: string): boolean =>
  proposers.some((proposer) => identityOf(proposer) === identityOf(actorId));
