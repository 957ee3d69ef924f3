import type { DecisionRule } from '@kwanus/domain-playbook';
import type { Membership } from './context.js';
import type { Integration, Release, Vote } from './integration.state.js';
import { hasProposed } from './proposers.js';
import { entry } from './records.js';

const ABSENT = 'absent';

/** @returns the digests of what a decision covers, as the release stands now; what it lacks is `absent` */
export function coveredDigests(
  release: Release,
  covers: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(covers.map((key) => [key, entry(release.digests, key) ?? ABSENT]));
}

/** @param seen digests as they were. @returns which of the keys have another digest in the release now */
export const changedKeys = (
  seen: Readonly<Record<string, string>>,
  release: Release,
  keys: readonly string[],
): readonly string[] =>
  keys.filter((key) => (entry(seen, key) ?? ABSENT) !== (entry(release.digests, key) ?? ABSENT));

/** @returns what of a vote's covers has another digest now */
export const changedCovers = (vote: Vote, release: Release, rule: DecisionRule): readonly string[] =>
  changedKeys(vote.covers, release, rule.covers);

/**
 * An approving vote of another release that was given on the very digests of this one, by somebody who proposed neither.
 * Sign-offs never carry over.
 */
function carriesOver(state: Integration, vote: Vote, release: Release): boolean {
  const { by, decision } = vote;
  return (
    vote.release !== release.release &&
    vote.vote === 'approve' &&
    vote.kind !== 'sign-off' &&
    !hasProposed(release, by) &&
    !hasProposed(entry(state.releases, vote.release) ?? { proposers: [] }, by) &&
    !release.disregarded.some((one) => one.by === by && one.decision === decision) &&
    changedKeys(vote.covers, release, Object.keys(vote.covers)).length === 0
  );
}

/**
 * @returns the one body that somebody has decided for in a release, by a vote, a waiver, a rollout step, or by a vote that carries
 * over to it; null when they have not decided anything
 */
export const bodyOf = (state: Integration, release: Release, actor: string): string | null =>
  entry(release.deciders, actor) ??
  state.votes.find((vote) => vote.by === actor && carriesOver(state, vote, release))?.body ??
  null;

/**
 * The votes on a decision that hold for a release: its own, and approving ones of other releases that were given on the very same
 * digests (what carries over is a rule, not a feeling). Votes of proposers of this release never count; of several votes of one
 * person the last one does, and one in this release before one that carries over.
 */
export function votesInForce(state: Integration, release: Release, rule: DecisionRule): readonly Vote[] {
  const holding = state.votes.filter(
    (vote) =>
      vote.decision === rule.id &&
      vote.body === rule.body &&
      !hasProposed(release, vote.by) &&
      changedCovers(vote, release, rule).length === 0 &&
      bodyOf(state, release, vote.by) === rule.body,
  );
  const own = holding.filter((vote) => vote.release === release.release);
  const carried = holding.filter((vote) => carriesOver(state, vote, release));
  return [...new Map([...carried, ...own].map((vote) => [vote.by, vote])).values()];
}

export type Standing = 'open' | 'approved' | 'rejected';

/** @returns how a decision stands: rejected by one vote against it, approved by a quorum of different people */
export function standingOf(
  state: Integration,
  release: Release,
  rule: DecisionRule,
  quorum: number,
): Standing {
  const votes = votesInForce(state, release, rule);
  if (votes.some(({ vote }) => vote === 'reject')) return 'rejected';
  return votes.length >= quorum ? 'approved' : 'open';
}

/** @returns true when the actor holds a seat of the body */
export const sits = (membership: Membership, body: string, actor: string): boolean =>
  entry(membership.seats, body)?.includes(actor) ?? false;
