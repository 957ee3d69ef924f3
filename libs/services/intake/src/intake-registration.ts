import { DueDates, Projections, Reactions } from '@kwanus/event-store';
import { Consumers } from '@kwanus/messaging';
import { Injectable } from '@nestjs/common';
import { activity } from './activity/activity.projection.js';
import { artifactReferences } from './artifacts/artifact-references.projection.js';
import { IntegrationDesk } from './integration-desk.js';
import { integrations } from './overview/integrations.projection.js';
import { Playbooks } from './playbooks/playbooks.js';
import { IntegrationDue } from './reactions/due.js';
import { monitoringConsumer } from './reactions/monitoring.consumer.js';
import { rolloutConsumer } from './reactions/rollout.consumer.js';
import { validationConsumer } from './reactions/validation.consumer.js';

/** What feeds intake: its own log. */
@Injectable()
export class IntakeReadModels {
  constructor(projections: Projections, playbooks: Playbooks) {
    projections.register(integrations(playbooks));
    projections.register(activity);
    projections.register(artifactReferences);
  }
}

/** What intake does without being asked by a person. */
@Injectable()
export class IntakeDuties {
  constructor(
    consumers: Consumers,
    reactions: Reactions,
    dueDates: DueDates,
    desk: IntegrationDesk,
    due: IntegrationDue,
  ) {
    for (const consumer of [validationConsumer, rolloutConsumer, monitoringConsumer])
      consumers.register(consumer(desk));
    reactions.register(due.reaction());
    dueDates.register(due.handler());
  }
}
