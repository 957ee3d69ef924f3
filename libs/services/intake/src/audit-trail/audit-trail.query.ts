import type { Caller } from '@kwanus/auth';
import type { intakeHttp } from '@kwanus/contracts';
import { asEvent, describe, reasonOf } from '@kwanus/domain-integration';
import { EventStore, type StoredEvent } from '@kwanus/event-store';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { z } from 'zod';
import { integrationStream } from '../integration-streams.js';
import { type Names, People } from '../people/people.js';

export type AuditEventView = z.infer<typeof intakeHttp.AuditEventView>;

/** Which part of an audit trail: after the event of that number, up to a version or a moment. */
export interface TrailPart {
  readonly since: number;
  readonly limit: number;
  readonly toVersion?: number;
  readonly at?: string;
}

/** What happened to an integration, who did it, and why? */
export class GetAuditTrail extends Query<readonly AuditEventView[]> {
  constructor(
    readonly integrationId: string,
    readonly part: TrailPart,
    readonly caller: Caller,
  ) {
    super();
  }
}

/** Read from the log itself: the trail can't differ from what it is the trail of. */
@QueryHandler(GetAuditTrail)
export class GetAuditTrailHandler implements IQueryHandler<GetAuditTrail> {
  constructor(
    private readonly store: EventStore,
    private readonly people: People,
  ) {}

  async execute({ integrationId, part, caller }: GetAuditTrail): Promise<readonly AuditEventView[]> {
    const { since, limit, toVersion, at } = part;
    const last = Math.min(toVersion ?? Number.MAX_SAFE_INTEGER, since + limit);
    const { events } = await this.store.readStream(integrationStream(integrationId), {
      fromVersion: since + 1,
      toVersion: last,
      ...(at === undefined ? {} : { at }),
    });
    const names = await this.people.names(
      caller,
      events.map(({ metadata }) => metadata.actor.id),
    );
    return events.map((event) => auditEventView(event, names));
  }
}

const textIn = (data: StoredEvent['data'], key: string): string | null => {
  const value = data[key];
  return typeof value === 'string' ? value : null;
};

function auditEventView(event: StoredEvent, names: Names): AuditEventView {
  const { metadata, data } = event;
  return {
    number: event.version,
    eventId: event.eventId,
    type: event.type,
    schemaVersion: event.schemaVersion,
    sentence: describe(asEvent(event)),
    reason: reasonOf(asEvent(event)),
    release: textIn(data, 'release'),
    actor: names(metadata.actor.id),
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    playbookVersion: metadata.playbookVersion ?? null,
    correlationId: metadata.correlationId,
    causationId: metadata.causationId,
    data: data as AuditEventView['data'],
    prevHash: event.prevHash,
    hash: event.hash,
  };
}
