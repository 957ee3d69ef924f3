import { ON_LIFE, ON_ROLLOUT } from './evolve-later.js';
import type { Handlers } from './evolve-parts.js';
import { EARLY } from './evolve-release.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration } from './integration.state.js';

const HANDLERS: Handlers<IntegrationEvent['type']> = { ...EARLY, ...ON_ROLLOUT, ...ON_LIFE };

/** How many causes are kept: a fact that comes again comes soon. */
const CAUSES = 100;

/** @returns the state after the event; reads nothing else */
export function evolve(state: Integration, event: IntegrationEvent): Integration {
  const handle = HANDLERS[event.type] as (before: Integration, one: IntegrationEvent) => Integration;
  const after = handle(state, event);
  if (!('cause' in event.data)) return after;
  return { ...after, recentCauses: [...after.recentCauses, event.data.cause].slice(-CAUSES) };
}

/** @returns true when these rules know the type of event */
export const isKnownType = (type: string): type is IntegrationEvent['type'] => Object.hasOwn(HANDLERS, type);
