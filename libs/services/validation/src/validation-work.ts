import { Jobs, Projections, Reactions } from '@kwanus/event-store';
import { Consumers } from '@kwanus/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { matrixProjection } from './compatibility/matrix.projection.js';
import { SeatBook } from './permissions/seat-book.js';
import { PLATFORM, type PlatformFacts } from './platform.js';
import { integrationConsumer } from './reactions/integration.consumer.js';
import { RunBooks, RunValidationJob } from './runs/run-validation.job.js';
import { runsProjection } from './runs/runs.projection.js';

/** Where the service registers what it does without being asked. */
@Injectable()
export class ValidationLog {
  constructor(
    readonly projections: Projections,
    readonly reactions: Reactions,
    readonly jobs: Jobs,
    readonly consumers: Consumers,
  ) {}
}

/** Registers everything that validation does without being asked. */
@Injectable()
export class ValidationRegistration {
  constructor(
    { projections, reactions, jobs, consumers }: ValidationLog,
    seats: SeatBook,
    job: RunValidationJob,
    { runs, matrix }: RunBooks,
    @Inject(PLATFORM) platform: PlatformFacts,
  ) {
    for (const projection of [runsProjection, matrixProjection]) projections.register(projection);
    consumers.register(integrationConsumer(runs, matrix, platform, seats));
    reactions.register(job.reaction());
    jobs.register(job.handler());
  }
}
