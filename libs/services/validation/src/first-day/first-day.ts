import { uuidv5 } from '@kwanus/canonical';
import type { FirstPermission } from '@kwanus/domain-validation';
import type { CommandMetadata } from '@kwanus/event-store';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Platform } from '../platform/platform.js';
import { REGISTRY_STREAM, RegistryStreams } from '../validation-streams.js';

/** Injects the permissions that a registry without a version begins with. */
export const FIRST_PERMISSIONS = Symbol('kwanus first permissions');

/**
 * What the service knows before anybody tells it anything, as events: once the log has started, before any message is taken and any
 * request is answered.
 */
@Injectable()
export class FirstDay implements OnModuleInit {
  constructor(
    private readonly registry: RegistryStreams,
    private readonly platform: Platform,
    @Inject(FIRST_PERMISSIONS) private readonly permissions: readonly FirstPermission[],
  ) {}

  async onModuleInit(): Promise<void> {
    const metadata = ofStart('bootstrap permissions');
    await this.registry.handle({
      streamId: REGISTRY_STREAM,
      routingKey: REGISTRY_STREAM,
      command: { type: 'BootstrapPermissions', permissions: this.permissions, by: { ...ACTOR, seats: [] } },
      context: this.registry.rule,
      metadata,
    });
    await this.platform.record((versions) => ofStart(`platform ${versions.join(' ')}`));
  }
}

const ACTOR = { id: 'system:validation', kind: 'system' } as const;

function ofStart(what: string): CommandMetadata {
  const commandId = uuidv5(`validation ${what}`);
  return { actor: ACTOR, correlationId: commandId, causationId: null, commandId };
}
