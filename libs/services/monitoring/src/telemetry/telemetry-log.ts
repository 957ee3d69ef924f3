import { uuidv5 } from '@kwanus/canonical';
import type { ReleaseWindow } from '@kwanus/domain-monitoring';
import {
  type AppendRequest,
  type CommandMetadata,
  EventStore,
  Jobs,
  type NewEvent,
  Projections,
  type StoredEvent,
  UnitOfWork,
} from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';

/** The log of sealed windows: beside the service's own, never relayed. */
export const TELEMETRY_LOG = 'monitoring_telemetry';
export const TELEMETRY_SCHEMA = TELEMETRY_LOG;

/** The ports of the telemetry log, under one token: those of the service's own log have the plain ones. */
@Injectable()
export class TelemetryLog {
  constructor(
    readonly store: EventStore,
    readonly work: UnitOfWork,
    readonly projections: Projections,
    readonly jobs: Jobs,
  ) {}
}

/** Everything that one release did in one window; written once. */
export const WINDOW_SEALED = 'WindowSealed';
/** What came for a window after it was sealed: to be added to it. */
export const SLI_CORRECTED = 'SliCorrected';

/** The data of both. */
export type WindowData = ReleaseWindow;

/** Who writes it. */
const ACTOR = { id: 'system:monitoring', kind: 'system' } as const;

/** @returns the stream that holds a release's windows */
export const windowStream = ({
  integration,
  release,
}: Pick<ReleaseWindow, 'integration' | 'release'>): string => `windows-${integration}@${release}`;

/** @returns metadata of what monitoring does by itself, for the reason that the text names */
export function ownMetadata(cause: string): CommandMetadata {
  const commandId = uuidv5(cause);
  return { actor: ACTOR, correlationId: commandId, causationId: null, commandId };
}

/** Windows of one stream, as events in one append. `cause` says what sealed them; the same cause never appends twice. */
export function windowAppend(
  windows: { readonly sealed: readonly ReleaseWindow[]; readonly late: readonly ReleaseWindow[] },
  streamId: string,
  cause: string,
): AppendRequest | null {
  const ofStream = (window: ReleaseWindow): boolean => windowStream(window) === streamId;
  const sealed = windows.sealed.filter(ofStream);
  const late = windows.late.filter(ofStream);
  const integration = [...sealed, ...late][0]?.integration;
  if (integration === undefined) return null;
  return {
    streamId,
    streamType: 'windows',
    routingKey: integration,
    expectedVersion: 'any',
    events: [
      ...sealed.map((window) => eventOf(WINDOW_SEALED, window)),
      ...late.map((window) => eventOf(SLI_CORRECTED, window)),
    ],
    metadata: ownMetadata(`${streamId} ${cause} ${sealed.map(({ from }) => from).join()}`),
  };
}

const eventOf = (type: string, { integration, release, from, to, totals }: ReleaseWindow): NewEvent => ({
  type,
  data: { integration, release, from, to, totals: JSON.parse(JSON.stringify(totals)) as NewEvent['data'] },
});

/** @returns the window that the event tells of; null for other types */
export const windowOfEvent = ({ type, data }: Pick<StoredEvent, 'type' | 'data'>): WindowData | null =>
  type === WINDOW_SEALED || type === SLI_CORRECTED ? (data as unknown as WindowData) : null;
