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
export type WatchEvent = ReleaseWatched | ExposureStarted | ExposureEnded | ReleaseEnded;

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
}

/** @returns the rollouts that need verdicts: exposed and not ended */
export const liveRollouts = ({ rollouts }: WatchState): readonly WatchedRollout[] =>
  [...rollouts.values()].filter(({ startedAt, ended }) => startedAt !== null && ended === null);

/**
 * The stream `watch-<integration>`: which releases are promised what, which rollouts are live. Facts are never refused, may come in any order
 * across topics, and again.
 */
export const watch: Decider<WatchState, RecordFact, WatchEvent, unknown> = {
  initialState: { releases: new Map(), rollouts: new Map() },
  decide: ({ fact }, state): readonly WatchEvent[] => (isNews(fact, state) ? [fact] : []),
  evolve(state, event): WatchState {
    switch (event.type) {
      case 'ReleaseWatched':
        return watchRelease(state, event);
      case 'ExposureStarted':
        return change(state, event, ({ startedAt }) => ({ startedAt: startedAt ?? event.at }));
      case 'ExposureEnded':
        return change(state, event, () => ({ ended: event.outcome }));
      case 'ReleaseEnded':
        return state;
    }
  },
};

function isNews(fact: WatchEvent, { releases, rollouts }: WatchState): boolean {
  switch (fact.type) {
    case 'ReleaseWatched':
      return releases.get(fact.release)?.rolloutId !== fact.rolloutId;
    case 'ExposureStarted':
      return (rollouts.get(fact.rolloutId)?.startedAt ?? null) === null;
    case 'ExposureEnded':
      return isEnd(fact, rollouts.get(fact.rolloutId)?.ended ?? null);
    case 'ReleaseEnded':
      return true;
  }
}

/** A rollout that is complete can be taken back; one that was rolled back does not become complete. */
const isEnd = ({ outcome }: ExposureEnded, known: WatchedRollout['ended']): boolean =>
  known === null || (known === 'completed' && outcome === 'rolled-back');

function watchRelease(state: WatchState, event: ReleaseWatched): WatchState {
  const { rollouts } = change(state, event, () => ({ previous: event.previous }));
  return { rollouts, releases: new Map(state.releases).set(event.release, event) };
}

function change(
  state: WatchState,
  { rolloutId, release }: { readonly rolloutId: string; readonly release: string },
  to: (present: WatchedRollout) => Partial<WatchedRollout>,
): WatchState {
  const fresh: WatchedRollout = { rolloutId, release, previous: null, startedAt: null, ended: null };
  const present = state.rollouts.get(rolloutId) ?? fresh;
  return { ...state, rollouts: new Map(state.rollouts).set(rolloutId, { ...present, ...to(present) }) };
}
