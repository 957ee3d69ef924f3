import type { PlatformEvent } from '@kwanus/checks-kit';
import type { CommandMetadata } from '@kwanus/event-store';
import { Inject, Injectable } from '@nestjs/common';
import { PLATFORM_STREAM, PlatformStreams } from '../validation-streams.js';

/** What the validation service knows of the platform that integrations meet. */
export interface PlatformFacts {
  /** Versions in service: the columns of the compatibility matrix. */
  readonly versions: readonly string[];
  readonly environment: string;
  /** Events that the platform publishes; absent: nothing is known of them. */
  readonly events?: readonly PlatformEvent[];
}

/** Injects the PlatformFacts that this instance was started with. */
export const PLATFORM = Symbol('kwanus platform facts');

/** The platform as its stream tells it, now and in the past. */
@Injectable()
export class Platform {
  constructor(
    private readonly streams: PlatformStreams,
    @Inject(PLATFORM) private readonly given: PlatformFacts,
  ) {}

  get environment(): string {
    return this.given.environment;
  }

  get events(): readonly PlatformEvent[] | undefined {
    return this.given.events;
  }

  /** @param at as it was at this moment; left out: now */
  async facts(at?: string): Promise<PlatformFacts> {
    const { state } = await this.streams.load(PLATFORM_STREAM, at === undefined ? {} : { at });
    return { versions: state, environment: this.given.environment };
  }

  /** Records the versions that this instance was started with, each once. */
  async record(metadataOf: (versions: readonly string[]) => CommandMetadata): Promise<void> {
    const { versions } = this.given;
    await this.streams.handle({
      streamId: PLATFORM_STREAM,
      routingKey: PLATFORM_STREAM,
      command: { type: 'ReleasePlatform', versions },
      context: undefined,
      metadata: metadataOf(versions),
    });
  }
}
