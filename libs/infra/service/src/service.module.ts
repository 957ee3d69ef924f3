import { type DynamicModule, Module } from '@nestjs/common';
import type { ServiceDefinition } from './options.js';

/**
 * What every service is made of. Provides and exports, for the importing service alone (tokens are resolved per module, four
 * services stand in one application): EventStore, UnitOfWork, Projections, Reactions, Jobs, DueDates, Consumers, Transport,
 * ArtifactStore, IdempotencyStore, Cursors, and the tokens CLOCK, IDENTITIES, SERVICE_OPTIONS.
 */
@Module({})
export class ServiceModule {
  static forService(definition: ServiceDefinition): DynamicModule {
    return { module: ServiceModule, providers: [{ provide: SERVICE_OPTIONS, useValue: definition.options }] };
  }
}

/** Injects the ServiceOptions. */
export const SERVICE_OPTIONS = Symbol('kwanus service options');
/** Injects the Clock of the kernel. */
export const CLOCK = Symbol('kwanus clock');
/** Injects the Identities. */
export const IDENTITIES = Symbol('kwanus identities');
