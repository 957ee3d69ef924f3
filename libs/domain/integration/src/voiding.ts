import type { DecisionRule } from '@kwanus/domain-playbook';
import type { IntegrationContext } from './context.js';
import { isOut } from './gates.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Vote } from './integration.state.js';
import { entry } from './records.js';
import { changedCovers, sits, votesInForce } from './votes.js';

type Voided = { readonly decision: string; readonly by: string; readonly changed: readonly string[] };

/**
 * @param before the state before the command: votes that carried over then and don't any more are named too
 * @returns VotesVoided for votes that lost their ground: another digest, a seat that is gone, a voter who became a proposer, a
 * rollout that a sign-off was not about; `changed` says which
 */
export function voided(
  before: Integration,
  now: Integration,
  version: string,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const release = entry(now.releases, version);
  if (release === undefined || isOut(release)) return [];
  const votes = context.playbook.decisions.flatMap((rule): readonly Voided[] => [
    ...ownVoided(now, release, rule, context),
    ...lostCarried(before, now, version, { rule, context }),
  ]);
  return votes.length === 0
    ? []
    : [{ type: 'VotesVoided', data: { integrationId: now.integrationId, release: version, votes } }];
}

function ownVoided(
  { votes }: Integration,
  release: Release,
  rule: DecisionRule,
  context: IntegrationContext,
): readonly Voided[] {
  return votes
    .filter((vote) => vote.release === release.release && vote.decision === rule.id)
    .map((vote) => ({
      decision: rule.id,
      by: vote.by,
      changed: reasonsAgainst(vote, release, rule, context),
    }))
    .filter(({ changed }) => changed.length > 0);
}

function reasonsAgainst(
  vote: Vote,
  release: Release,
  rule: DecisionRule,
  { membership }: IntegrationContext,
): readonly string[] {
  if (rule.kind === 'sign-off' && release.step < 7) return ['rollout'];
  if (rule.kind !== 'sign-off' && release.step > 4) return [];
  const unseated = !sits(membership, rule.body, vote.by) && (release.step === 4 || vote.vote === 'reject');
  return [
    ...changedCovers(vote, release, rule),
    ...(release.proposers.includes(vote.by) ? ['proposer'] : []),
    ...(unseated && rule.kind !== 'sign-off' ? ['seat'] : []),
  ];
}

/** Of votes that carry over: those that did before the command and don't now, and in step 4 those whose voter lost the seat. */
function lostCarried(
  before: Integration,
  now: Integration,
  version: string,
  { rule, context }: { readonly rule: DecisionRule; readonly context: IntegrationContext },
): readonly Voided[] {
  const [earlier, release] = [entry(before.releases, version), entry(now.releases, version)];
  if (release === undefined || release.step > 4) return [];
  const holding = votesInForce(now, release, rule);
  const lost = (earlier === undefined ? [] : votesInForce(before, earlier, rule)).filter(
    (vote) => vote.release !== version && now.votes.includes(vote) && !holding.includes(vote),
  );
  const unseated = holding.filter(
    ({ release: of, by }) => of !== version && release.step === 4 && !sits(context.membership, rule.body, by),
  );
  return [
    ...lost.map((vote) => ({
      decision: rule.id,
      by: vote.by,
      changed: [
        ...changedCovers(vote, release, rule),
        ...(release.proposers.includes(vote.by) ? ['proposer'] : []),
      ],
    })),
    ...unseated.map(({ by }) => ({ decision: rule.id, by, changed: ['seat'] })),
  ].filter(({ changed }) => changed.length > 0);
}
