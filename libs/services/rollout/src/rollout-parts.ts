import type { Type } from '@nestjs/common';
import { RollbackConfirmation } from './due/confirm-rollback.job.js';
import { RolloutDue } from './due/rollout-due.js';
import { FlagsQuery } from './flags/flags.query.js';
import { OfrepController } from './flags/ofrep.controller.js';
import { ReleasesController } from './releases/releases.controller.js';
import { ReleasesQuery } from './releases/releases.query.js';
import { RolloutDesk } from './rollout-desk.js';
import { ReleaseStreams, RolloutStreams } from './rollout-streams.js';
import { RolloutLog, RolloutRegistration } from './rollout-work.js';
import { RolloutsController } from './rollouts/rollouts.controller.js';
import { RolloutsQuery } from './rollouts/rollouts.query.js';

export const ROLLOUT_CONTROLLERS: readonly Type[] = [ReleasesController, RolloutsController, OfrepController];

/** Everything of the service but its playbooks, which say where they come from. */
export const ROLLOUT_PROVIDERS: readonly Type[] = [
  RolloutStreams,
  ReleaseStreams,
  RolloutDesk,
  RolloutDue,
  RollbackConfirmation,
  RolloutsQuery,
  ReleasesQuery,
  FlagsQuery,
  RolloutLog,
  RolloutRegistration,
];
