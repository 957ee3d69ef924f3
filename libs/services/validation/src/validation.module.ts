import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { CompatibilityController } from './compatibility/compatibility.controller.js';
import { MatrixQuery } from './compatibility/matrix.query.js';
import { PermissionsController } from './permissions/permissions.controller.js';
import { SeatBook } from './permissions/seat-book.js';
import { PLATFORM, PLATFORM_IN_SERVICE, type PlatformFacts } from './platform.js';
import { validationPublisher } from './publishing/validation.publisher.js';
import { RunInputsGatherer } from './runs/run-inputs.js';
import { RunBooks, RunValidationJob } from './runs/run-validation.job.js';
import { RunsQuery } from './runs/runs.query.js';
import { ValidationsController } from './runs/validations.controller.js';
import { MatrixStreams, RegistryStreams, RunStreams, SeatStreams } from './validation-streams.js';
import { ValidationLog, ValidationRegistration } from './validation-work.js';

/** What the validation service is given when it starts. */
export interface ValidationOptions extends ServiceOptions {
  /** Default: 4.2.0 and 5.0.0 in production. */
  readonly platform?: PlatformFacts;
}

/** The validation service: runs of checks, the permission registry, the compatibility matrix. */
@Module({})
export class ValidationModule {
  static register(options: ValidationOptions): DynamicModule {
    return {
      module: ValidationModule,
      imports: [ServiceModule.forService({ name: 'validation', publisher: validationPublisher, options })],
      controllers: [ValidationsController, PermissionsController, CompatibilityController],
      providers: [
        { provide: PLATFORM, useValue: options.platform ?? PLATFORM_IN_SERVICE },
        RunStreams,
        RegistryStreams,
        MatrixStreams,
        SeatStreams,
        SeatBook,
        RunsQuery,
        MatrixQuery,
        RunInputsGatherer,
        RunBooks,
        RunValidationJob,
        ValidationLog,
        ValidationRegistration,
      ],
    };
  }
}
