import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Rollout, Steward } from './integration.state.js';
import { entry } from './records.js';

/** A handler for each of the types. */
export type Handlers<Type extends IntegrationEvent['type']> = {
  readonly [Each in Type]: (
    state: Integration,
    event: Extract<IntegrationEvent, { type: Each }>,
  ) => Integration;
};

/** @returns the state with one release changed; as it was when there is none */
export function changed(
  state: Integration,
  version: string,
  change: (release: Release) => Partial<Release>,
): Integration {
  const release = entry(state.releases, version);
  if (release === undefined) return state;
  return { ...state, releases: { ...state.releases, [version]: { ...release, ...change(release) } } };
}

/** @returns the state with the rollout changed that the event speaks of; as it was when another is under way */
export const rolled = (
  state: Integration,
  event: { readonly data: { readonly release: string; readonly rolloutId: string } },
  change: Partial<Rollout>,
): Integration =>
  changed(state, event.data.release, ({ rollout }) =>
    rollout?.rolloutId === event.data.rolloutId ? { rollout: { ...rollout, ...change } } : {},
  );

/** @returns the state with one annual task changed */
export const stewarded = (state: Integration, task: string, change: Partial<Steward>): Integration => {
  const known = entry(state.stewardship, task);
  return known === undefined
    ? state
    : { ...state, stewardship: { ...state.stewardship, [task]: { ...known, ...change } } };
};

/** @returns the release's deciders with one more; who decided for a body first stays with it */
export const decided = ({ deciders }: Release, by: string, body: string): Pick<Release, 'deciders'> => ({
  deciders: entry(deciders, by) === undefined ? { ...deciders, [by]: body } : deciders,
});

/** @returns all entries once */
export const joined = (...lists: readonly (readonly string[])[]): readonly string[] => [
  ...new Set(lists.flat()),
];

/** @returns the actor as a list; empty for nobody */
export const named = (actor: string | null | undefined): readonly string[] =>
  actor === null || actor === undefined ? [] : [actor];
