import type { HeldPermission } from './disuse.decider.js';
import type { WatchedRollout, WatchState } from './watch.decider.js';

/** A release that somebody meets, by the rollout that brought it; undefined where nobody is meant to. */
export function liveRollout(state: WatchState, release: string): WatchedRollout | undefined {
  if (state.ended.has(release)) return undefined;
  const brought = broughtBy(state, release);
  return brought !== undefined && !isReplaced(state, release) ? brought : undefined;
}

/**
 * @returns what the live release holds, each since the integration has held it without a break: a permission that a release takes over from
 * the one before it is no younger for that. Nothing where the release is not live.
 */
export function heldPermissions(state: WatchState, release: string): readonly HeldPermission[] {
  if (liveRollout(state, release) === undefined) return [];
  const permissions = state.releases.get(release)?.watched.permissions ?? [];
  return permissions.flatMap(({ id }) => {
    const since = heldSince(state, release, id);
    return since === null ? [] : [{ permission: id, since }];
  });
}

function heldSince(state: WatchState, release: string, permission: string): string | null {
  let since: string | null = null;
  const seen = new Set<string>();
  for (let at: string | null = release; at !== null && !seen.has(at); ) {
    seen.add(at);
    const rollout = broughtBy(state, at);
    const holds = state.releases.get(at)?.watched.permissions.some(({ id }) => id === permission);
    if (rollout === undefined || holds !== true) break;
    since = rollout.startedAt;
    at = rollout.previous;
  }
  return since;
}

const broughtBy = ({ rollouts }: WatchState, release: string): WatchedRollout | undefined =>
  [...rollouts.values()]
    .filter((one) => one.release === release && one.startedAt !== null && one.ended !== 'rolled-back')
    .at(-1);

const isReplaced = ({ rollouts }: WatchState, release: string): boolean =>
  [...rollouts.values()].some((one) => one.previous === release && one.ended === 'completed');
