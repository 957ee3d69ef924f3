import { type Decider, DomainRejection, type Json, type JsonObject } from '@kwanus/kernel';

export const CHECK_OUTCOMES = ['passed', 'failed', 'inconclusive', 'not-performed'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];
export type RunPurpose = 'release' | 'preparation' | 'stewardship';
export type RunOutcome = 'passed' | 'failed' | 'inconclusive';

/** What identifies a run, in every event of it. */
export interface RunOf {
  readonly integrationId: string;
  readonly release: string;
  readonly runId: string;
  readonly requestId: string;
}

/** What is to be judged, by digest. */
export interface RequestedSubmission {
  readonly release: string;
  readonly manifestPath: string;
  readonly files: readonly JsonObject[];
}

/** What intake asked for. */
export interface RunRequest extends RunOf {
  readonly purpose: RunPurpose;
  readonly task: string | null;
  readonly submission: RequestedSubmission;
  readonly bases: readonly RequestedSubmission[];
  /** The only present moment that the checks know. */
  readonly asOf: string;
  /** Absent: all that belong to the purpose. */
  readonly checks?: readonly string[];
  /** Why the service runs it by itself; absent: intake asked for it, and waits for the verdict. */
  readonly because?: 'platform-released';
}

/** What a run is pinned to when it begins, so that it can be repeated with the same verdict. */
export interface RunPins {
  readonly checks: readonly string[];
  readonly ruleset: string;
  readonly registryVersion: number;
  readonly platformVersions: readonly string[];
  /** The platform's registry of events; absent in runs that began before it was asked for. */
  readonly events?: readonly JsonObject[];
  readonly profile: 'strict-partner' | 'lenient';
  /** Version of the stream `grants-<integrationId>`; absent in runs that began before it was asked for. */
  readonly grantsVersion?: number;
  /** How the submission's own workflows are started, and what they start; for runs of others. */
  readonly links?: readonly JsonObject[];
  /** Workflows of other integrations that it can set going, as they were then; absent in runs that began before it was asked for. */
  readonly neighbours?: JsonObject;
}

/** One check as it came out. */
export interface FinishedCheck {
  readonly check: string;
  readonly kind: string;
  readonly outcome: CheckOutcome;
  readonly summary: string;
  /** At most 200; all of them are in the artefact when there are more. */
  readonly findings: readonly JsonObject[];
  readonly findingsArtifact: string | null;
}

/** What a run came to. */
export interface RunVerdict {
  readonly outcome: RunOutcome;
  readonly checks: readonly JsonObject[];
  readonly facts: { readonly [key: string]: Json };
  readonly inputs: Readonly<Record<string, string>>;
  readonly ruleset: string;
  readonly registryVersion: number;
  /** SHA-256 of the verdict's canonical bytes; null where the run could not be carried out. */
  readonly verdictDigest: string | null;
}

export type RunCommand =
  | { readonly type: 'RequestRun'; readonly request: RunRequest }
  | { readonly type: 'StartRun'; readonly pins: RunPins }
  | { readonly type: 'RecordCheck'; readonly result: FinishedCheck }
  | { readonly type: 'FinishRun'; readonly verdict: RunVerdict }
  /** Who asked for it waits for it no more. */
  | { readonly type: 'CancelRun'; readonly reason: string };

export type RunEvent =
  | ({ readonly type: 'RunRequested' } & RunRequest)
  | ({ readonly type: 'RunStarted'; readonly purpose: RunPurpose } & RunOf & RunPins)
  | ({ readonly type: 'CheckFinished' } & RunOf & FinishedCheck)
  | ({ readonly type: 'RunCancelled'; readonly reason: string } & RunOf)
  | ({ readonly type: 'RunFinished'; readonly purpose: RunPurpose; readonly task: string | null } & RunOf &
      Pick<RunRequest, 'because'> &
      RunVerdict);

/** A validation run. */
export interface ValidationRun {
  readonly status: 'unknown' | 'requested' | 'running' | 'finished' | 'cancelled';
  readonly request: RunRequest | null;
  readonly pins: RunPins | null;
  readonly checks: readonly FinishedCheck[];
  readonly verdict: RunVerdict | null;
}

const ofRun = ({ integrationId, release, runId, requestId }: RunOf): RunOf => ({
  integrationId,
  release,
  runId,
  requestId,
});

function requestOf({ request }: ValidationRun): RunRequest {
  if (request === null)
    throw new DomainRejection('no-such-run', 'There is no such validation run: ask for one first.');
  return request;
}

const isOver = ({ status }: ValidationRun): boolean => status === 'finished' || status === 'cancelled';

const cancel = (state: ValidationRun, reason: string): readonly RunEvent[] =>
  state.request === null || isOver(state) ? [] : [{ type: 'RunCancelled', ...ofRun(state.request), reason }];

function recordCheck(state: ValidationRun, result: FinishedCheck): readonly RunEvent[] {
  const request = requestOf(state);
  if (state.pins === null)
    throw new DomainRejection('run-not-started', 'The run has not begun, so nothing can have been checked.');
  if (isOver(state) || state.checks.some(({ check }) => check === result.check)) return [];
  return [{ type: 'CheckFinished', ...ofRun(request), ...result }];
}

function finish(state: ValidationRun, verdict: RunVerdict): readonly RunEvent[] {
  const request = requestOf(state);
  if (isOver(state)) return [];
  const missing = (state.pins?.checks ?? []).filter(
    (check) => !state.checks.some((done) => done.check === check),
  );
  if (
    verdict.outcome === 'passed' &&
    (missing.length > 0 || state.checks.some(({ outcome }) => outcome !== 'passed'))
  )
    throw new DomainRejection(
      'not-all-passed',
      `A run passes when every check of it has passed${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}.`,
    );
  const { purpose, task, because } = request;
  const asked = { ...ofRun(request), purpose, task, ...(because === undefined ? {} : { because }) };
  return [{ type: 'RunFinished', ...asked, ...verdict }];
}

const pinsOf = ({
  checks,
  ruleset,
  registryVersion,
  platformVersions,
  profile,
  events,
  grantsVersion,
  links,
  neighbours,
}: Extract<RunEvent, { type: 'RunStarted' }>): RunPins => ({
  checks,
  ruleset,
  registryVersion,
  platformVersions,
  profile,
  ...(events === undefined ? {} : { events }),
  ...(grantsVersion === undefined ? {} : { grantsVersion }),
  ...(links === undefined ? {} : { links }),
  ...(neighbours === undefined ? {} : { neighbours }),
});

/** Streams `validation-<runId>`: asked for, begun with what it is pinned to, check by check, and a verdict, unless it is cancelled before. Repetitions are no news. */
export const validationRun: Decider<ValidationRun, RunCommand, RunEvent, undefined> = {
  initialState: { status: 'unknown', request: null, pins: null, checks: [], verdict: null },
  decide(command, state): readonly RunEvent[] {
    switch (command.type) {
      case 'RequestRun':
        return state.request === null ? [{ type: 'RunRequested', ...command.request }] : [];
      case 'StartRun': {
        const request = requestOf(state);
        return state.pins === null && !isOver(state)
          ? [{ type: 'RunStarted', ...ofRun(request), purpose: request.purpose, ...command.pins }]
          : [];
      }
      case 'RecordCheck':
        return recordCheck(state, command.result);
      case 'FinishRun':
        return finish(state, command.verdict);
      case 'CancelRun':
        return cancel(state, command.reason);
    }
  },
  evolve(state, event): ValidationRun {
    switch (event.type) {
      case 'RunRequested': {
        const { type: _, ...request } = event;
        return { ...state, status: 'requested', request };
      }
      case 'RunStarted':
        return { ...state, status: 'running', pins: pinsOf(event) };
      case 'CheckFinished': {
        const { check, kind, outcome, summary, findings, findingsArtifact } = event;
        return {
          ...state,
          checks: [...state.checks, { check, kind, outcome, summary, findings, findingsArtifact }],
        };
      }
      case 'RunCancelled':
        return { ...state, status: 'cancelled' };
      case 'RunFinished': {
        const { outcome, checks, facts, inputs, ruleset, registryVersion, verdictDigest } = event;
        return {
          ...state,
          status: 'finished',
          verdict: { outcome, checks, facts, inputs, ruleset, registryVersion, verdictDigest },
        };
      }
    }
  },
};
