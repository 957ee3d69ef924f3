import { uuidv5 } from '@kwanus/canonical';
import type { CommandMetadata } from '@kwanus/event-store';

/** What a later act of the service itself must know of the event that it follows from. */
export interface Cause {
  readonly eventId: string;
  readonly correlationId: string;
  readonly playbookVersion?: string;
}

/** @returns metadata of what the service does by itself, recognisable when it is done again */
export const ownMetadata = (
  { eventId, correlationId, playbookVersion }: Cause,
  commandId: string,
): CommandMetadata => ({
  actor: { id: 'system:rollout', kind: 'system' },
  correlationId,
  causationId: eventId,
  commandId,
  ...(playbookVersion === undefined ? {} : { playbookVersion }),
});

/** @returns the command id (UUIDv5) of what is done once because of something */
export const onceFor = (what: string, cause: string): string => uuidv5(`rollout ${what} ${cause}`);
