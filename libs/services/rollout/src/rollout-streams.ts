import {
  type Register,
  type RegisterCommand,
  type RegisterEvent,
  type Rollout,
  type RolloutCommand,
  type RolloutContext,
  type RolloutEvent,
  releases,
  rolloutOfFacts,
} from '@kwanus/domain-rollout';
import { DeciderStreams, EventStore, UnitOfWork } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';

/** Streams `rollout-<rolloutId>`. */
@Injectable()
export class RolloutStreams extends DeciderStreams<Rollout, RolloutCommand, RolloutEvent, RolloutContext> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, rolloutOfFacts);
  }
}

/** Streams `releases-<integrationId>`. */
@Injectable()
export class ReleaseStreams extends DeciderStreams<Register, RegisterCommand, RegisterEvent, unknown> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, releases);
  }
}

export const rolloutStream = (rolloutId: string): string => `rollout-${rolloutId}`;
export const releasesStream = (integrationId: string): string => `releases-${integrationId}`;
