import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ActivityController } from './activity/activity.controller.js';
import { Activity } from './activity/activity.query.js';
import { ArtifactAccess, UPLOADS } from './artifacts/artifact-access.js';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { AuditTrailController } from './audit-trail/audit-trail.controller.js';
import { GetAuditTrailHandler } from './audit-trail/audit-trail.query.js';
import { BodiesController } from './bodies/bodies.controller.js';
import { Memberships } from './bodies/memberships.js';
import { DecideOnIntegrationHandler } from './commands/decide-on-integration.handler.js';
import { DecisionQueueController } from './decision-queue/decision-queue.controller.js';
import { GetDecisionQueueHandler } from './decision-queue/decision-queue.query.js';
import { DecisionsController } from './decisions/decisions.controller.js';
import { EvidenceController } from './evidence/evidence.controller.js';
import { IntakeDuties, IntakeReadModels } from './intake-registration.js';
import { IntegrationDesk } from './integration-desk.js';
import { IntegrationStreams } from './integration-streams.js';
import { IntegrationsController } from './integrations/integrations.controller.js';
import { ListIntegrationsHandler } from './integrations/list-integrations.query.js';
import { RecordsController } from './integrations/records.controller.js';
import { LifecycleController } from './lifecycle/lifecycle.controller.js';
import { GetOverviewHandler } from './overview/get-overview.query.js';
import { PERSONS, People } from './people/people.js';
import { PlaybooksController } from './playbooks/playbooks.controller.js';
import { Playbooks } from './playbooks/playbooks.js';
import { integrationPublisher } from './publishing/integration.publisher.js';
import { IntegrationDue } from './reactions/due.js';
import { StewardshipCalendarController } from './stewardship-calendar/stewardship-calendar.controller.js';
import { GetStewardshipCalendarHandler } from './stewardship-calendar/stewardship-calendar.query.js';
import { SubmitReleaseController } from './submit-release/submit-release.controller.js';
import { OpenReleaseHandler } from './submit-release/submit-release.handler.js';
import { Showing } from './views/shown.query.js';

const CONTROLLERS = [
  SubmitReleaseController,
  IntegrationsController,
  RecordsController,
  AuditTrailController,
  DecisionsController,
  EvidenceController,
  LifecycleController,
  DecisionQueueController,
  BodiesController,
  ArtifactsController,
  PlaybooksController,
  StewardshipCalendarController,
  ActivityController,
];
const HANDLERS = [
  OpenReleaseHandler,
  DecideOnIntegrationHandler,
  GetOverviewHandler,
  ListIntegrationsHandler,
  GetAuditTrailHandler,
  GetDecisionQueueHandler,
  GetStewardshipCalendarHandler,
];
const PARTS = [
  Playbooks,
  People,
  Memberships,
  IntegrationStreams,
  IntegrationDesk,
  IntegrationDue,
  Showing,
  Activity,
  ArtifactAccess,
  IntakeReadModels,
  IntakeDuties,
];

/** The intake service: the integration aggregate behind HTTP, read models, audit trail. */
@Module({})
export class IntakeModule {
  static register(options: ServiceOptions): DynamicModule {
    const tables = [UPLOADS, PERSONS];
    return {
      module: IntakeModule,
      imports: [
        CqrsModule,
        ServiceModule.forService({ name: 'intake', publisher: integrationPublisher, tables, options }),
      ],
      controllers: CONTROLLERS,
      providers: [...PARTS, ...HANDLERS],
    };
  }
}
