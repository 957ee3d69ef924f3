import { asEvent, type Integration, type IntegrationEvent, integration } from '@kwanus/domain-integration';
import type { StoredEvent } from '@kwanus/event-store';

/** What is known of an integration: the state that the rules know, and when things happened, which the rules don't need. */
export interface Overview {
  readonly state: Integration;
  readonly version: number;
  readonly updatedAt: string;
  /** What → when it was recorded last; see `moment`. */
  readonly times: Readonly<Record<string, string>>;
}

/** An integration of which nothing happened yet. */
export const NOTHING_YET: Overview = {
  state: integration.initialState,
  version: 0,
  updatedAt: '',
  times: {},
};

/** The keys under which `times` keeps when something happened. */
export const moment = {
  submitted: (release: string): string => `submitted ${release}`,
  amended: (release: string): string => `amended ${release}`,
  entered: (release: string, step: number): string => `entered ${release} ${step}`,
  vote: (release: string, decision: string, by: string): string => `vote ${release} ${decision} ${by}`,
  task: (release: string, task: string): string => `task ${release} ${task}`,
  waiver: (waiverId: string): string => `waiver ${waiverId}`,
  validated: (release: string): string => `validated ${release}`,
  awaited: (release: string): string => `awaited ${release}`,
  done: (task: string): string => `done ${task}`,
} as const;

type Moments = { readonly [Type in IntegrationEvent['type']]?: (data: EventData<Type>) => string };
type EventData<Type> = Extract<IntegrationEvent, { readonly type: Type }>['data'];

const MOMENTS: Moments = {
  ReleaseOpened: ({ release }) => moment.submitted(release),
  ReleaseAmended: ({ release }) => moment.amended(release),
  StepEntered: ({ release, step }) => moment.entered(release, step),
  VoteRecorded: ({ release, decision, by }) => moment.vote(release, decision, by),
  EvidenceRecorded: ({ release, task }) => moment.task(release, task),
  WaiverGranted: ({ waiverId }) => moment.waiver(waiverId),
  ValidationPassed: ({ release }) => moment.validated(release),
  ValidationFailed: ({ release }) => moment.validated(release),
  ValidationInconclusive: ({ release }) => moment.validated(release),
  RolloutApprovalAwaited: ({ release }) => moment.awaited(release),
  StewardshipRecorded: ({ task }) => moment.done(task),
};

/** @returns what is known after the event; pure, so that the read model and a replay of the stream agree to the byte */
export function evolveOverview(overview: Overview, stored: StoredEvent): Overview {
  const event = asEvent(stored);
  const key = (MOMENTS[event.type] as ((data: unknown) => string) | undefined)?.(event.data);
  return {
    state: integration.evolve(overview.state, event),
    version: stored.version,
    updatedAt: stored.recordedAt,
    times: key === undefined ? overview.times : { ...overview.times, [key]: stored.recordedAt },
  };
}
