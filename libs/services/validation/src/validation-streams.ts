import {
  type CompatibilityMatrix,
  compatibilityMatrix,
  type GrantsCommand,
  type GrantsEvent,
  type IntegrationGrants,
  integrationGrants,
  type MatrixCommand,
  type MatrixEvent,
  type PermissionRegistry,
  type PlatformCommand,
  type PlatformVersionReleased,
  type PlatformVersions,
  permissionRegistry,
  platformVersions,
  type RegistryCommand,
  type RegistryContext,
  type RegistryEvent,
  type RunCommand,
  type RunEvent,
  type SeatCommand,
  type SeatNoted,
  type Seats,
  seatsNoted,
  type ValidationRun,
  validationRun,
} from '@kwanus/domain-validation';
import { DeciderStreams, EventStore, UnitOfWork } from '@kwanus/event-store';
import { Inject, Injectable } from '@nestjs/common';

/** Streams `validation-<runId>`. */
@Injectable()
export class RunStreams extends DeciderStreams<ValidationRun, RunCommand, RunEvent, undefined> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, validationRun);
  }
}

/** Injects what the playbook in force says of the registry. */
export const REGISTRY_RULE = Symbol('kwanus registry rule');

/** The stream `permission-registry-default`. */
@Injectable()
export class RegistryStreams extends DeciderStreams<
  PermissionRegistry,
  RegistryCommand,
  RegistryEvent,
  RegistryContext
> {
  constructor(
    store: EventStore,
    work: UnitOfWork,
    @Inject(REGISTRY_RULE) readonly rule: RegistryContext,
  ) {
    super(store, work, permissionRegistry);
  }
}

/** Streams `matrix-<integrationId>`. */
@Injectable()
export class MatrixStreams extends DeciderStreams<
  CompatibilityMatrix,
  MatrixCommand,
  MatrixEvent,
  undefined
> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, compatibilityMatrix);
  }
}

/** Streams `grants-<integrationId>`. */
@Injectable()
export class GrantStreams extends DeciderStreams<
  IntegrationGrants,
  GrantsCommand,
  GrantsEvent,
  RegistryContext
> {
  constructor(
    store: EventStore,
    work: UnitOfWork,
    @Inject(REGISTRY_RULE) readonly rule: RegistryContext,
  ) {
    super(store, work, integrationGrants);
  }
}

/** The stream `seats-default`. */
@Injectable()
export class SeatStreams extends DeciderStreams<Seats, SeatCommand, SeatNoted, undefined> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, seatsNoted);
  }
}

/** The stream `platform-default`. */
@Injectable()
export class PlatformStreams extends DeciderStreams<
  PlatformVersions,
  PlatformCommand,
  PlatformVersionReleased,
  undefined
> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, platformVersions);
  }
}

export const runStream = (runId: string): string => `validation-${runId}`;
export const SEATS_STREAM = 'seats-default';
export const PLATFORM_STREAM = 'platform-default';
export const REGISTRY_STREAM = 'permission-registry-default';
export const grantsStream = (integrationId: string): string => `grants-${integrationId}`;
export const matrixStream = (integrationId: string): string => `matrix-${integrationId}`;
