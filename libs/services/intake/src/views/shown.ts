import { compareVersions, type Integration, type Release } from '@kwanus/domain-integration';
import type { Playbook } from '@kwanus/domain-playbook';
import type { Overview } from '../overview/overview.js';
import type { Names } from '../people/people.js';

/** What a view is made from: an integration as it is or was, its playbook, the moment of asking, and the names that may be told. */
export interface Shown {
  readonly overview: Overview;
  readonly playbook: Playbook;
  readonly asOf: string;
  readonly names: Names;
}

/** @returns the releases, the highest version first */
export const newestFirst = ({ releases }: Integration): readonly Release[] =>
  Object.values(releases).sort((a, b) => compareVersions(b.release, a.release));

/** @returns the releases that were asked for: one, or all, the highest version first */
export const releasesIn = ({ state }: Overview, version: string | undefined): readonly Release[] =>
  newestFirst(state).filter(({ release }) => version === undefined || release === version);

/** @returns the release that is meant when none is named: the highest one under way, else the highest */
export function mainRelease(state: Integration): Release | undefined {
  const releases = newestFirst(state);
  return releases.find(({ status }) => status === 'in-progress') ?? releases[0];
}

/** @returns every actor that a view of the integration may name */
export function actorsIn({ state }: Overview): ReadonlySet<string> {
  const actors = new Set(state.votes.map(({ by }) => by));
  for (const { proposers, tasks, waivers, declared } of Object.values(state.releases)) {
    for (const actor of [...proposers, declared.accountable.contact, declared.accountable.sponsor])
      actors.add(actor);
    for (const { by } of [...Object.values(tasks), ...waivers]) actors.add(by);
  }
  return actors;
}
