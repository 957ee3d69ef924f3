import type { DecisionRule } from '@kwanus/domain-playbook';
import type { IntegrationContext } from './context.js';
import { isOut } from './gates.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Vote, Waiver } from './integration.state.js';
import { hasProposed } from './proposers.js';
import { entry } from './records.js';
import { changedCovers, sits, votesInForce } from './votes.js';
import { waiversInForce } from './waivers.js';

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
  const of = { integrationId: now.integrationId, release: version };
  return [
    ...(votes.length === 0 ? [] : [{ type: 'VotesVoided', data: { ...of, votes } } as const]),
    ...unseatedWaivers(release, context).map(
      ({ waiverId }) => ({ type: 'WaiverExpired', data: { ...of, waiverId, because: 'seat' } }) as const,
    ),
  ];
}

/** In step 4 waivers are judged again like votes: one that was granted by somebody who has lost the seat ends. */
const unseatedWaivers = (release: Release, { membership, asOf }: IntegrationContext): readonly Waiver[] =>
  release.step === 4
    ? waiversInForce(release, asOf).filter(({ body, by }) => !sits(membership, body, by))
    : [];

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
  const judgedNow = release.step === 4 || rule.kind === 'sign-off' || vote.vote === 'reject';
  const unseated = judgedNow && !sits(membership, rule.body, vote.by);
  return [
    ...changedCovers(vote, release, rule),
    ...(hasProposed(release, vote.by) ? ['proposer'] : []),
    ...(unseated ? ['seat'] : []),
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
        ...(hasProposed(release, vote.by) ? ['proposer'] : []),
      ],
    })),
    ...unseated.map(({ by }) => ({ decision: rule.id, by, changed: ['seat'] })),
  ].filter(({ changed }) => changed.length > 0);
}
