import { Jobs, Projections, Reactions } from '@kwanus/event-store';
import { Consumers } from '@kwanus/messaging';
import { Injectable } from '@nestjs/common';
import { matrixProjection } from './compatibility/matrix.projection.js';
import { linksProjection } from './permissions/links.projection.js';
import { revocationsProjection } from './permissions/revocations.projection.js';
import { SeatBook } from './permissions/seat-book.js';
import { Platform } from './platform/platform.js';
import { PlatformReleasedJob } from './platform/platform-released.job.js';
import { integrationConsumer } from './reactions/integration.consumer.js';
import { monitoringConsumer } from './reactions/monitoring.consumer.js';
import { RunBooks, RunValidationJob } from './runs/run-validation.job.js';
import { runsProjection } from './runs/runs.projection.js';
import { GrantStreams } from './validation-streams.js';

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

/** What other services say and nobody here decides. */
@Injectable()
export class NotedBooks {
  constructor(
    readonly seats: SeatBook,
    readonly grants: GrantStreams,
  ) {}
}

/** What the service does that takes long. */
@Injectable()
export class ValidationJobs {
  constructor(
    readonly run: RunValidationJob,
    readonly released: PlatformReleasedJob,
  ) {}
}

/** Registers everything that validation does without being asked. */
@Injectable()
export class ValidationRegistration {
  constructor(
    { projections, reactions, jobs, consumers }: ValidationLog,
    { seats, grants }: NotedBooks,
    { run, released }: ValidationJobs,
    { runs, matrix }: RunBooks,
    platform: Platform,
  ) {
    for (const projection of [runsProjection, matrixProjection, linksProjection, revocationsProjection])
      projections.register(projection);
    consumers.register(integrationConsumer({ runs, matrix, grants }, platform, seats));
    consumers.register(monitoringConsumer({ grants }));
    for (const job of [run, released]) {
      reactions.register(job.reaction());
      jobs.register(job.handler());
    }
  }
}
