import { openExtensionSandbox } from '@kwanus/checks-sandbox';
import { type DatabaseOptions, openVulnerabilityScanner } from '@kwanus/checks-vulnerabilities';
import { milliseconds } from '@kwanus/domain-monitoring';
import type { FirstPermission } from '@kwanus/domain-validation';
import { loadPlaybook } from '@kwanus/playbook';
import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { CompatibilityController } from './compatibility/compatibility.controller.js';
import { MatrixQuery } from './compatibility/matrix.query.js';
import { committedPermissions, committedPlatform } from './first-day/committed-files.js';
import { FIRST_PERMISSIONS, FirstDay } from './first-day/first-day.js';
import { PermissionDecisionsController } from './permissions/decisions.controller.js';
import { LinksQuery } from './permissions/links.query.js';
import { PermissionDecisions } from './permissions/permission-decisions.js';
import { PermissionsController } from './permissions/permissions.controller.js';
import { RevocationDecisions, UNUSED_AFTER } from './permissions/revocation-decisions.js';
import { RevocationsController } from './permissions/revocations.controller.js';
import { RevocationsQuery } from './permissions/revocations.query.js';
import { SeatBook } from './permissions/seat-book.js';
import { PLATFORM, Platform, type PlatformFacts } from './platform/platform.js';
import { PlatformReleasedJob } from './platform/platform-released.job.js';
import { Revalidation } from './platform/revalidation.js';
import { validationPublisher } from './publishing/validation.publisher.js';
import { CheckThreads } from './runs/check-threads.js';
import { CHECK_TOOLS, type CheckTools, RunInputsGatherer } from './runs/run-inputs.js';
import { DEFAULT_RUN_LIMITS, RUN_LIMITS, type RunLimits } from './runs/run-limits.js';
import { RunBooks, RunValidationJob } from './runs/run-validation.job.js';
import { RunsQuery } from './runs/runs.query.js';
import { ValidationsController } from './runs/validations.controller.js';
import {
  GrantStreams,
  MatrixStreams,
  PlatformStreams,
  REGISTRY_RULE,
  RegistryStreams,
  RunStreams,
  SeatStreams,
} from './validation-streams.js';
import { NotedBooks, ValidationJobs, ValidationLog, ValidationRegistration } from './validation-work.js';

/** What the validation service is given when it starts. */
export interface ValidationOptions extends ServiceOptions {
  /** Default: what platform-versions.yaml says. */
  readonly platform?: PlatformFacts;
  /** What a registry without a version begins with. Default: what permissions.yaml says. */
  readonly permissions?: readonly FirstPermission[];
  /** What bills of materials are compared with. Default: nothing, so that the scan is inconclusive. */
  readonly vulnerabilities?: DatabaseOptions;
  /** How much one run may take of the machine. Default: 400 MiB of memory, 512 MiB of files. */
  readonly runLimits?: RunLimits;
}

/** The validation service: runs of checks, the permission registry, the compatibility matrix. */
@Module({})
export class ValidationModule {
  static register(options: ValidationOptions): DynamicModule {
    const playbook = loadPlaybook(options.playbookVersion);
    return {
      module: ValidationModule,
      imports: [ServiceModule.forService({ name: 'validation', publisher: validationPublisher, options })],
      controllers: [
        ValidationsController,
        PermissionDecisionsController,
        RevocationsController,
        PermissionsController,
        CompatibilityController,
      ],
      providers: [
        { provide: PLATFORM, useValue: options.platform ?? committedPlatform() },
        { provide: FIRST_PERMISSIONS, useValue: options.permissions ?? committedPermissions() },
        { provide: CHECK_TOOLS, useValue: checkTools(options.vulnerabilities) },
        { provide: RUN_LIMITS, useValue: options.runLimits ?? DEFAULT_RUN_LIMITS },
        { provide: REGISTRY_RULE, useValue: playbook.registry },
        PlatformStreams,
        Platform,
        FirstDay,
        RunStreams,
        RegistryStreams,
        MatrixStreams,
        SeatStreams,
        GrantStreams,
        SeatBook,
        PermissionDecisions,
        LinksQuery,
        RevocationsQuery,
        RevocationDecisions,
        { provide: UNUSED_AFTER, useValue: milliseconds(playbook.monitoring.unused.after) },
        RunsQuery,
        MatrixQuery,
        RunInputsGatherer,
        RunBooks,
        CheckThreads,
        RunValidationJob,
        Revalidation,
        PlatformReleasedJob,
        NotedBooks,
        ValidationLog,
        ValidationJobs,
        ValidationRegistration,
      ],
    };
  }
}

const checkTools = (database: DatabaseOptions | undefined): CheckTools => ({
  sandbox: openExtensionSandbox(),
  ...(database === undefined ? {} : { vulnerabilities: openVulnerabilityScanner(database) }),
});
