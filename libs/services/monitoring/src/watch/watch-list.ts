import {
  type DeclaredNames,
  declaredNames,
  type WatchEvent,
  type WatchState,
  watch,
} from '@kwanus/domain-monitoring';
import { Injectable } from '@nestjs/common';
import { becauseOf, MonitoringStreams } from '../monitoring-streams.js';

/** What monitoring knows of integrations: one stream each. */
@Injectable()
export class WatchList {
  constructor(private readonly streams: MonitoringStreams) {}

  /** @returns everything known of the integration; nothing when it was never heard of */
  async of(integrationId: string): Promise<WatchState> {
    return (await this.streams.read(watch, watchStream(integrationId))).state;
  }

  /** Records a fact of another service; called from its message, so with the command id made from that. */
  async record(
    fact: WatchEvent,
    message: { readonly id: string; readonly correlationId: string },
    commandId: string,
  ): Promise<void> {
    await this.streams.handle({
      decider: watch,
      streamId: watchStream(fact.integrationId),
      routingKey: fact.integrationId,
      command: { type: 'RecordFact', fact },
      metadata: { ...becauseOf(commandId, message.id), commandId, correlationId: message.correlationId },
    });
  }

  /** @returns what releases of the integrations declared */
  async declared(
    integrations: readonly string[],
  ): Promise<(integration: string, release: string) => DeclaredNames | undefined> {
    const known = new Map<string, WatchState>();
    for (const integration of integrations) known.set(integration, await this.of(integration));
    return (integration, release) => {
      const found = known.get(integration)?.releases.get(release);
      return found === undefined ? undefined : declaredNames(found.watched);
    };
  }
}

/** @returns the stream of an integration's releases and rollouts as monitoring knows them */
export const watchStream = (integrationId: string): string => `watch-${integrationId}`;
