import { type Decider, isDomainRejection } from '@kwanus/kernel';
import type { RolloutCommand } from './rollout.commands.js';
import { type RolloutContext, rollout } from './rollout.decider.js';
import type { RolloutEvent } from './rollout.events.js';
import type { Rollout } from './rollout.state.js';

/**
 * The same rules for facts that come from other services: what the rules refuse has happened all the same, so it is kept as
 * `LateFactRecorded`, without effect, instead of being refused.
 */
export const rolloutOfFacts: Decider<Rollout, RolloutCommand, RolloutEvent, RolloutContext> = {
  ...rollout,
  decide(command, state, context): readonly RolloutEvent[] {
    try {
      return rollout.decide(command, state, context);
    } catch (error) {
      if (!isDomainRejection(error)) throw error;
      const { type: fact, at } = command;
      return [{ type: 'LateFactRecorded', fact, code: error.code, reason: error.message, at }];
    }
  },
};
