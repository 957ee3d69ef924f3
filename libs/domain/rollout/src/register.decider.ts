import type { Decider, Timestamp } from '@kwanus/kernel';
import { gt } from 'semver';
import type { Refusal } from './admission.js';
import type { RolloutRequest } from './rollout.events.js';

/** What can happen to a release or a whole integration outside its rollout. */
export type LifecycleKind =
  | 'release-withdrawn'
  | 'release-signed-off'
  | 'release-deprecated'
  | 'integration-suspended'
  | 'integration-reinstated'
  | 'integration-deprecated'
  | 'integration-retired';

/** The record of a release: made once, never changed. */
export interface ReleaseRecorded {
  readonly type: 'ReleaseRecorded';
  readonly integrationId: string;
  readonly release: string;
  readonly previous: string | null;
  readonly subject: RolloutRequest['subject'];
  /** Digests of contract, workflows, permissions, bundle … by name. */
  readonly record: Readonly<Record<string, string>>;
  readonly risk: RolloutRequest['risk'];
  readonly accountable: RolloutRequest['accountable'];
  readonly at: Timestamp;
}
export interface RolloutOpened {
  readonly type: 'RolloutOpened';
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
  readonly previous: string | null;
  readonly at: Timestamp;
}
export interface LifecycleNoted {
  readonly type: 'LifecycleNoted';
  readonly integrationId: string;
  /** Null: the whole integration. */
  readonly release: string | null;
  readonly kind: LifecycleKind;
  readonly reason: string;
  readonly at: Timestamp;
}
export type RegisterEvent = ReleaseRecorded | RolloutOpened | LifecycleNoted;

/** Call it only when `refusalByRegister` has nothing against the request. */
export interface OpenRollout {
  readonly type: 'OpenRollout';
  readonly request: RolloutRequest;
  readonly at: Timestamp;
}
export interface NoteLifecycle extends Omit<LifecycleNoted, 'type'> {
  readonly type: 'NoteLifecycle';
}
export type RegisterCommand = OpenRollout | NoteLifecycle;

/** Every release of an integration that ever came to a rollout. */
export interface Register {
  readonly releases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The rollout opened last; it may be over. */
  readonly current: { readonly rolloutId: string; readonly release: string } | null;
  readonly withdrawn: readonly string[];
  readonly suspended: boolean;
  readonly retired: boolean;
}

/**
 * The same version has the same digests for ever; a version follows the one that it replaces; nothing of a suspended or retired
 * integration is rolled out.
 * @returns null when nothing speaks against it
 */
export function refusalByRegister(register: Register, request: RolloutRequest): Refusal | null {
  const { release, previous, integrationId } = request;
  if (register.retired) return { code: 'integration-retired', reason: `${integrationId} is retired.` };
  if (register.suspended)
    return {
      code: 'integration-suspended',
      reason: `${integrationId} is suspended; reinstate it, then ask again.`,
    };
  const changed = changedIn(register.releases[release], request.record);
  if (changed.length > 0)
    return {
      code: 'release-changed',
      reason: `${release} was recorded with other digests of ${changed.join(', ')}; a release never changes: give it a new version.`,
    };
  if (previous !== null && !gt(release, previous))
    return {
      code: 'version-not-newer',
      reason: `${release} does not come after ${previous}, which it replaces.`,
    };
  return Object.keys(request.record).length > 0
    ? null
    : { code: 'record-empty', reason: 'The release has no digests; without them it is not a release.' };
}

function changedIn(
  known: Readonly<Record<string, string>> | undefined,
  asked: Readonly<Record<string, string>>,
): readonly string[] {
  if (known === undefined) return [];
  const names = new Set([...Object.keys(known), ...Object.keys(asked)]);
  return [...names].filter((name) => known[name] !== asked[name]).toSorted();
}

function open({ request, at }: OpenRollout, state: Register): readonly RegisterEvent[] {
  const { integrationId, release, rolloutId, previous, subject, record, risk, accountable } = request;
  if (state.current?.rolloutId === rolloutId) return [];
  const opened: RegisterEvent = { type: 'RolloutOpened', integrationId, release, rolloutId, previous, at };
  if (Object.hasOwn(state.releases, release)) return [opened];
  return [
    { type: 'ReleaseRecorded', integrationId, release, previous, subject, record, risk, accountable, at },
    opened,
  ];
}

function noted(state: Register, { kind, release }: LifecycleNoted): Register {
  switch (kind) {
    case 'release-withdrawn':
      return release === null ? state : { ...state, withdrawn: [...state.withdrawn, release] };
    case 'integration-suspended':
      return { ...state, suspended: true };
    case 'integration-reinstated':
      return { ...state, suspended: false };
    case 'integration-retired':
      return { ...state, retired: true };
    default:
      return state;
  }
}

/** The releases of one integration, stream `releases-<integrationId>`. */
export const releases: Decider<Register, RegisterCommand, RegisterEvent, unknown> = {
  initialState: {
    releases: {},
    current: null,
    withdrawn: [],
    suspended: false,
    retired: false,
  },
  decide(command, state): readonly RegisterEvent[] {
    switch (command.type) {
      case 'OpenRollout':
        return open(command, state);
      case 'NoteLifecycle':
        return [{ ...command, type: 'LifecycleNoted' }];
    }
  },
  evolve(state, event): Register {
    switch (event.type) {
      case 'ReleaseRecorded':
        return { ...state, releases: { ...state.releases, [event.release]: event.record } };
      case 'RolloutOpened': {
        const { release, rolloutId } = event;
        const withdrawn = state.withdrawn.filter((other) => other !== release);
        return { ...state, withdrawn, current: { release, rolloutId } };
      }
      case 'LifecycleNoted':
        return noted(state, event);
      default:
        return state;
    }
  },
};
