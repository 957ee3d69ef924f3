import { migrateArtifacts, type PostgresArtifactStore } from '@kwanus/artifacts';
import { TOPICS } from '@kwanus/contracts';
import type { EventLog } from '@kwanus/event-store';
import type { IdempotencyStore, ReadinessCheck } from '@kwanus/http';
import type { Relay, ServiceConsumers } from '@kwanus/messaging';
import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { ServiceDefinition } from './options.js';

/** The parts that are started and stopped. */
export interface ServiceParts {
  readonly definition: ServiceDefinition;
  readonly log: EventLog;
  readonly relay: Relay | null;
  readonly consumers: ServiceConsumers;
  readonly artifacts: PostgresArtifactStore;
  readonly kept: IdempotencyStore;
}

const PRUNE_EVERY_MS = 600_000;

/**
 * Starts a service in this order: artefact store and log (migrations, epoch, read models, own background work), before any
 * `onApplicationBootstrap` of the service; then topics, relay, consumers. Stops in the opposite order: no new messages, relay
 * out, then, when everybody else is done, log and artefact store. What a service registers, it registers in constructors.
 */
export class ServiceLifecycle
  implements
    OnModuleInit,
    OnApplicationBootstrap,
    BeforeApplicationShutdown,
    OnApplicationShutdown,
    ReadinessCheck
{
  readonly #logger: Logger;
  #pruning: NodeJS.Timeout | undefined;
  #started = false;

  constructor(private readonly parts: ServiceParts) {
    this.#logger = new Logger(parts.definition.name);
  }

  get name(): string {
    return this.parts.definition.name;
  }

  /** The log answers. @throws whatever keeps it from answering */
  readonly check = async (): Promise<void> => {
    await this.parts.log.work.query('SELECT 1');
  };

  async onModuleInit(): Promise<void> {
    const { definition, log } = this.parts;
    const { artifactsUrl, migrationUrl, artifactsMigrationUrl } = definition.options;
    const owner =
      artifactsMigrationUrl ?? (onSameDatabase(artifactsUrl, migrationUrl) ? migrationUrl : undefined);
    const role = userOf(artifactsUrl);
    if (owner !== undefined) await migrateArtifacts(owner, role === userOf(owner) ? undefined : role);
    await log.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    const { definition, relay, consumers } = this.parts;
    if (definition.options.background === false) return;
    this.#started = true;
    await definition.options.transport.ensureTopics(Object.values(TOPICS));
    await consumers.start();
    relay?.start();
    this.#pruning = setInterval(() => void this.#prune(), PRUNE_EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    clearInterval(this.#pruning);
    const { consumers, relay } = this.parts;
    await this.#each(
      () => consumers.stop(),
      () => relay?.stop(),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    const { log, artifacts } = this.parts;
    await this.#each(
      () => log.stop(),
      () => artifacts.close(),
    );
  }

  /** Forgets answers and messages of long ago. */
  #prune(): Promise<void> {
    const { kept, consumers } = this.parts;
    return this.#each(
      () => kept.prune(),
      () => consumers.prune(),
    );
  }

  /** One after the other; that one fails is no reason to leave out the next one. */
  async #each(...steps: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
    for (const step of steps)
      try {
        await step();
      } catch (error) {
        this.#logger.error(error);
      }
  }
}

const userOf = (url: string): string => decodeURIComponent(new URL(url).username);

function onSameDatabase(first: string, second: string): boolean {
  const [one, other] = [new URL(first), new URL(second)];
  return one.host === other.host && one.pathname === other.pathname;
}
