import type { Decider } from '@kwanus/kernel';
import type { Watched } from './watched.js';

/** A release that is to be rolled out, as intake asked for it. */
export interface ReleaseWatched {
  readonly type: 'ReleaseWatched';
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
  readonly previous: string | null;
  readonly watched: Watched;
  readonly accountable: { readonly contact: string; readonly sponsor: string };
}
/** Somebody meets the release from now on. */
export interface ExposureStarted {
  readonly type: 'ExposureStarted';
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
  readonly at: string;
}
/** Nothing more is judged for the rollout. */
export interface ExposureEnded {
  readonly type: 'ExposureEnded';
  readonly integrationId: string;
  readonly release: string;
  readonly rolloutId: string;
  readonly outcome: 'rolled-back' | 'completed';
}
/** Nobody is meant to meet the release (null: any release) any more. */
export interface ReleaseEnded {
  readonly type: 'ReleaseEnded';
  readonly integrationId: string;
  readonly release: string | null;
  readonly cause: 'withdrawn' | 'suspended' | 'retired';
}
/** The body has taken a permission away from releases. */
export interface GrantRevoked {
  readonly type: 'GrantRevoked';
  readonly integrationId: string;
  readonly releases: readonly string[];
  readonly permission: string;
}
export type WatchEvent = ReleaseWatched | ExposureStarted | ExposureEnded | ReleaseEnded | GrantRevoked;

/** Facts of other services, recorded as they come: `{ type: 'RecordFact', fact }`. */
export interface RecordFact {
  readonly type: 'RecordFact';
  readonly fact: WatchEvent;
}

/** One rollout as monitoring sees it. */
export interface WatchedRollout {
  readonly rolloutId: string;
  readonly release: string;
  /** Null for a first release, and until intake's request has arrived. */
  readonly previous: string | null;
  /** When exposure began; null: not yet. */
  readonly startedAt: string | null;
  readonly ended: ExposureEnded['outcome'] | null;
}

/** What monitoring knows of one integration. */
export interface WatchState {
  readonly releases: ReadonlyMap<string, ReleaseWatched>;
  readonly rollouts: ReadonlyMap<string, WatchedRollout>;
  /** Releases that nobody is meant to meet any more, whatever their rollouts say. */
  readonly ended: ReadonlySet<string>;
  /** By release: what was taken away from it. `releases` no longer lists it. */
  readonly revoked: ReadonlyMap<string, ReadonlySet<string>>;
}

/** @returns the rollouts that need verdicts: exposed and not ended */
export const liveRollouts = ({ rollouts }: WatchState): readonly WatchedRollout[] =>
  [...rollouts.values()].filter(({ startedAt, ended }) => startedAt !== null && ended === null);

/**
 * The stream `watch-<integration>`: which releases are promised what, which rollouts are live. Facts are never refused, may come in any order
 * across topics, and again.
 */
export const watch: Decider<WatchState, RecordFact, WatchEvent, unknown> = {
  initialState: { releases: new Map(), rollouts: new Map(), ended: new Set(), revoked: new Map() },
  decide: ({ fact }, state): readonly WatchEvent[] => (isNews(fact, state) ? [fact] : []),
  evolve(state, event): WatchState {
    switch (event.type) {
      case 'ReleaseWatched':
        return watchRelease(state, event);
      case 'ExposureStarted':
        return begin(state, event);
      case 'ExposureEnded':
        return change(state, event, () => ({ ended: event.outcome }));
      case 'ReleaseEnded':
        return endRelease(state, event);
      case 'GrantRevoked':
        return event.releases.reduce((known, release) => revoke(known, release, event.permission), state);
    }
  },
};

function isNews(fact: WatchEvent, { releases, rollouts, revoked }: WatchState): boolean {
  switch (fact.type) {
    case 'ReleaseWatched':
      return releases.get(fact.release)?.rolloutId !== fact.rolloutId;
    case 'ExposureStarted':
      return !hasBegun(rollouts.get(fact.rolloutId));
    case 'ExposureEnded':
      return isEnd(fact, rollouts.get(fact.rolloutId));
    case 'ReleaseEnded':
      return true;
    case 'GrantRevoked':
      return isRevocation(fact, revoked);
  }
}

const hasBegun = (known: WatchedRollout | undefined): boolean =>
  known !== undefined && known.startedAt !== null;

const isRevocation = ({ releases, permission }: GrantRevoked, revoked: WatchState['revoked']): boolean =>
  releases.some((release) => revoked.get(release)?.has(permission) !== true);

/** A rollout that is complete can be taken back; one that was rolled back does not become complete. */
function isEnd({ outcome }: ExposureEnded, known: WatchedRollout | undefined): boolean {
  if (known === undefined || known.ended === null) return true;
  return known.ended === 'completed' && outcome === 'rolled-back';
}

/** A release that was withdrawn can be submitted and rolled out again. */
function begin(state: WatchState, event: ExposureStarted): WatchState {
  const known = change(state, event, ({ startedAt }) => ({ startedAt: startedAt ?? event.at }));
  return { ...known, ended: new Set([...state.ended].filter((release) => release !== event.release)) };
}

function watchRelease(state: WatchState, event: ReleaseWatched): WatchState {
  const known = change(state, event, () => ({ previous: event.previous }));
  const left = withoutPermissions(event, state.revoked.get(event.release) ?? new Set());
  return { ...known, releases: new Map(state.releases).set(event.release, left) };
}

/** A suspension ends with the reinstatement, and is silent until then: nothing is held against that time. */
function endRelease(state: WatchState, { release, cause }: ReleaseEnded): WatchState {
  if (cause === 'suspended') return state;
  const over = release === null ? [...state.releases.keys()] : [release];
  return { ...state, ended: new Set([...state.ended, ...over]) };
}

function revoke(state: WatchState, release: string, permission: string): WatchState {
  const taken = new Set([...(state.revoked.get(release) ?? []), permission]);
  const known = state.releases.get(release);
  return {
    ...state,
    revoked: new Map(state.revoked).set(release, taken),
    releases:
      known === undefined
        ? state.releases
        : new Map(state.releases).set(release, withoutPermissions(known, taken)),
  };
}

const withoutPermissions = (release: ReleaseWatched, taken: ReadonlySet<string>): ReleaseWatched => ({
  ...release,
  watched: {
    ...release.watched,
    permissions: release.watched.permissions.filter(({ id }) => !taken.has(id)),
  },
});

function change(
  state: WatchState,
  { rolloutId, release }: { readonly rolloutId: string; readonly release: string },
  to: (present: WatchedRollout) => Partial<WatchedRollout>,
): WatchState {
  const fresh: WatchedRollout = { rolloutId, release, previous: null, startedAt: null, ended: null };
  const present = state.rollouts.get(rolloutId) ?? fresh;
  return { ...state, rollouts: new Map(state.rollouts).set(rolloutId, { ...present, ...to(present) }) };
}
