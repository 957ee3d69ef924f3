import { uuidv5 } from '@kwanus/canonical';
import { asEvent, dueDates, type Integration, integration, PassTime } from '@kwanus/domain-integration';
import { DueDates, type DueHandler, EventStore, type Reaction, type StoredEvent } from '@kwanus/event-store';
import { fold } from '@kwanus/kernel';
import { Injectable } from '@nestjs/common';
import { IntegrationDesk } from '../integration-desk.js';
import { integrationOf, integrationStream } from '../integration-streams.js';
import { Playbooks } from '../playbooks/playbooks.js';

const KIND = 'intake-due';

/** After these, something else may fall due than before. */
const MOVING: ReadonlySet<string> = new Set([
  'WaiverGranted',
  'WaiverExpired',
  'StewardshipScheduled',
  'StewardshipReminded',
  'StewardshipOverdue',
  'StewardshipEscalated',
  'StewardshipRecorded',
  'ReleaseSignedOff',
  'RolledBack',
  'IntegrationSuspended',
  'IntegrationReinstated',
  'IntegrationRetired',
  'PlaybookAdopted',
]);

/** Waivers that run out, annual tasks that are reminded, overdue, escalated: what the rules say falls due is scheduled, nothing else. */
@Injectable()
export class IntegrationDue {
  constructor(
    private readonly due: DueDates,
    private readonly store: EventStore,
    private readonly playbooks: Playbooks,
    private readonly desk: IntegrationDesk,
  ) {}

  /** Moves the due dates after every event that may have moved them. */
  reaction(): Reaction {
    return {
      name: 'intake.due',
      handle: async (event) => {
        const integrationId = integrationOf(event.streamId);
        if (integrationId !== null && MOVING.has(event.type)) await this.move(integrationId, event);
      },
    };
  }

  /** Lets time pass for the integration whose moment has come. */
  handler(): DueHandler {
    return {
      kind: KIND,
      fall: async ({ payload }, commandId) => {
        const { integrationId, eventId, correlationId } = payload as {
          readonly integrationId: string;
          readonly eventId: string;
          readonly correlationId: string;
        };
        const command = new PassTime(integrationId, uuidv5(`intake validation ${commandId}`));
        await this.desk.record(integrationId, command, {
          actor: { id: 'system:intake', kind: 'system' },
          correlationId,
          causationId: eventId,
          commandId,
        });
      },
    };
  }

  private async move(integrationId: string, event: StoredEvent): Promise<void> {
    const { events } = await this.store.readStream(integrationStream(integrationId), {
      toVersion: event.version,
    });
    const before = fold(integration, events.slice(0, -1).map(asEvent));
    const falling = this.falling(integration.evolve(before, asEvent(event)));
    for (const key of this.falling(before).keys())
      if (!falling.has(key)) await this.due.cancel(keyOf(integrationId, key));
    const { eventId, metadata } = event;
    for (const [key, dueAt] of falling)
      await this.due.schedule({
        key: keyOf(integrationId, key),
        kind: KIND,
        dueAt,
        payload: { integrationId, eventId, correlationId: metadata.correlationId },
      });
  }

  private falling(state: Integration): ReadonlyMap<string, string> {
    if (!state.proposed) return new Map();
    return new Map(dueDates(state, this.playbooks.of(state.playbook)).map(({ key, dueAt }) => [key, dueAt]));
  }
}

const keyOf = (integrationId: string, key: string): string => `${KIND} ${integrationId} ${key}`;
