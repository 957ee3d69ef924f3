import type { DecisionRule } from '@kwanus/domain-playbook';
import type { Membership } from './context.js';
import type { Integration, Release, Vote } from './integration.state.js';

/** @returns the digests of what a decision covers, as the release stands now; null for what is absent is left out */
export function coveredDigests(
  release: Release,
  covers: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(covers.map((key) => [key, release.digests[key] ?? 'absent']));
}

/** @returns what of a vote's covers has another digest now */
export const changedCovers = (vote: Vote, release: Release, rule: DecisionRule): readonly string[] => {
  const now = coveredDigests(release, rule.covers);
  return rule.covers.filter((key) => vote.covers[key] !== now[key]);
};

/**
 * The votes on a decision that hold for a release: its own, and approving ones of other releases that were given on the very same
 * digests (what carries over is a rule, not a feeling). Votes of proposers of this release never count.
 */
export function votesInForce(state: Integration, release: Release, rule: DecisionRule): readonly Vote[] {
  const holding = state.votes.filter(
    (vote) =>
      vote.decision === rule.id &&
      (vote.release === release.release || (vote.vote === 'approve' && rule.kind !== 'sign-off')) &&
      !release.proposers.includes(vote.by) &&
      changedCovers(vote, release, rule).length === 0,
  );
  const latest = new Map(holding.map((vote) => [vote.by, vote]));
  return [...latest.values()];
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
  if (votes.some(({ vote, release: of }) => vote === 'reject' && of === release.release)) return 'rejected';
  return votes.filter(({ vote }) => vote === 'approve').length >= quorum ? 'approved' : 'open';
}

/** @returns the body for which somebody has already voted in this release, other than the given one; null when there is none */
export const otherBodyOf = (
  state: Integration,
  release: string,
  actor: string,
  body: string,
): string | null =>
  state.votes.find((vote) => vote.release === release && vote.by === actor && vote.body !== body)?.body ??
  null;

/** @returns true when the actor holds a seat of the body */
export const sits = (membership: Membership, body: string, actor: string): boolean =>
  membership.seats[body]?.includes(actor) ?? false;
