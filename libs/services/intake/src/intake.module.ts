import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ArtifactAccess, UPLOADS } from './artifacts/artifact-access.js';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { IntakeRegistration } from './intake-registration.js';
import { PERSONS, People } from './people/people.js';
import { integrationPublisher } from './publishing/integration.publisher.js';

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
      controllers: [ArtifactsController],
      providers: [ArtifactAccess, People, IntakeRegistration],
    };
  }
}
