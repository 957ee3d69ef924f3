import {
  asEvent,
  type Integration,
  type IntegrationCommand,
  type IntegrationContext,
  type IntegrationEvent,
  integration,
} from '@kwanus/domain-integration';
import { DeciderStreams, type EventForm, EventStore, UnitOfWork } from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';
import { Injectable } from '@nestjs/common';

const PREFIX = 'integration-';

/** @returns the stream of an integration */
export const integrationStream = (integrationId: string): string => `${PREFIX}${integrationId}`;

/** @returns the integration whose stream it is, or null */
export const integrationOf = (streamId: string): string | null =>
  streamId.startsWith(PREFIX) ? streamId.slice(PREFIX.length) : null;

const FORM: EventForm<IntegrationEvent> = {
  toStored: ({ type, data }) => ({ type, data: data as unknown as JsonObject }),
  fromStored: asEvent,
};

/** The aggregate of one integration over the bridge to the log. */
@Injectable()
export class IntegrationStreams extends DeciderStreams<
  Integration,
  IntegrationCommand,
  IntegrationEvent,
  IntegrationContext
> {
  constructor(store: EventStore, work: UnitOfWork) {
    super(store, work, integration, FORM);
  }
}
