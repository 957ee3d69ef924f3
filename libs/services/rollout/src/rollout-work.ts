import { DueDates, Jobs, Projections, Reactions } from '@kwanus/event-store';
import { Consumers } from '@kwanus/messaging';
import { Injectable } from '@nestjs/common';
import { RollbackConfirmation } from './due/confirm-rollback.job.js';
import { RolloutDue } from './due/rollout-due.js';
import { flags } from './flags/flags.projection.js';
import { integrationConsumer } from './reactions/integration.consumer.js';
import { monitoringConsumer } from './reactions/monitoring.consumer.js';
import { releaseRecords } from './releases/releases.projection.js';
import { RolloutDesk } from './rollout-desk.js';
import { rollouts } from './rollouts/rollouts.projection.js';

/** Where the service registers what it does without being asked. */
@Injectable()
export class RolloutLog {
  constructor(
    readonly projections: Projections,
    readonly reactions: Reactions,
    readonly jobs: Jobs,
    readonly dueDates: DueDates,
  ) {}
}

/** Registers everything that rollout does without being asked. */
@Injectable()
export class RolloutRegistration {
  constructor(
    { projections, reactions, jobs, dueDates }: RolloutLog,
    consumers: Consumers,
    desk: RolloutDesk,
    due: RolloutDue,
    confirmation: RollbackConfirmation,
  ) {
    for (const projection of [rollouts, releaseRecords, flags]) projections.register(projection);
    consumers.register(integrationConsumer(desk));
    consumers.register(monitoringConsumer(desk));
    reactions.register(due.reaction());
    reactions.register(confirmation.reaction());
    dueDates.register(due.handler());
    jobs.register(confirmation.handler());
  }
}
