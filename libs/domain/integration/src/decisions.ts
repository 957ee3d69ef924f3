import type { DecisionRule, Playbook } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { isOut, releaseOf } from './gates.js';
import type { Vote } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { quorumOf } from './judges.js';
import { withConsequences } from './progress.js';
import { assertNotWithdrawn, assertOpen } from './refusals.js';
import { assertMayDecide } from './separation.js';
import { stepVote } from './step-votes.js';
import { coveredDigests, standingOf, votesInForce } from './votes.js';

/** A vote on a decision of the playbook or on a rollout step, or its withdrawal; the same vote again is not news. */
export function vote(
  command: Vote,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, ballot } = command;
  assertOpen(state);
  const release = releaseOf(state, given.release);
  assertNotWithdrawn(release);
  const news =
    ballot.kind === 'step'
      ? stepVote(command, state, release, context)
      : ruleVote(command, state, release, context);
  return news.length === 0
    ? []
    : withConsequences(state, news, given.release, { ...context, requestId: given.requestId });
}

function ruleVote(
  { given, ballot }: Vote,
  state: Integration,
  release: Release,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const rule = ruleOf(context, ballot);
  assertMayDecide(state, release, { ...given, body: rule.body }, context);
  assertOpenFor(rule, state, release, context.playbook);
  const of = { integrationId: state.integrationId, release: release.release };
  const mine = state.votes.find(
    (one) => one.release === release.release && one.decision === rule.id && one.by === given.by,
  );
  if (ballot.vote === 'withdraw') {
    if (mine === undefined) throw noVote(rule, votesInForce(state, release, rule), given.by);
    const { id: decision, body } = rule;
    return [{ type: 'VoteWithdrawn', data: { ...of, decision, body, by: given.by, reason: ballot.reason } }];
  }
  if (mine?.vote === ballot.vote) return [];
  return [
    {
      type: 'VoteRecorded',
      data: {
        ...of,
        decision: rule.id,
        kind: rule.kind,
        name: rule.name,
        body: rule.body,
        vote: ballot.vote,
        by: given.by,
        reason: ballot.reason,
        covers: coveredDigests(release, rule.covers),
        membershipVersion: context.membership.version,
        evidence: ballot.evidence,
        attestation: 'none',
      },
    },
  ];
}

function noVote(
  { title }: DecisionRule,
  holding: readonly { readonly by: string; readonly release: string }[],
  by: string,
): DomainRejection {
  const carried = holding.find((one) => one.by === by);
  return new DomainRejection(
    'no-vote',
    carried === undefined
      ? `You have not voted on ${title}.`
      : `Your vote on ${title} carries over from release ${carried.release}: withdraw it there, or vote against it here.`,
  );
}

function ruleOf({ playbook }: IntegrationContext, { kind, name, body }: Vote['ballot']): DecisionRule {
  const owned = playbook.decisions.filter((rule) => rule.kind === kind && rule.body === body);
  const [rule, ...others] = owned.filter((one) => name === null || one.name === name);
  if (rule !== undefined && others.length === 0) return rule;
  throw new DomainRejection(
    'unknown-decision',
    owned.length === 0
      ? `${body} has no ${kind} to decide.`
      : `Which ${kind} of ${body}? Name one of: ${owned.map((one) => one.name).join(', ')}.`,
  );
}

/** The steps in which the kind of decision may be taken: an approval that lost its ground is given anew until step 4 is passed. */
const STEPS = { approval: [1, 4], checkpoint: [1, 4], 'sign-off': [7, 7] } as const;

/** A vote belongs to the time before its step has been passed; one that was voided later can be given again. */
function assertOpenFor(rule: DecisionRule, state: Integration, release: Release, playbook: Playbook): void {
  const { kind, title } = rule;
  const { step, status, release: version } = release;
  const [from, to] = STEPS[kind];
  if (step < from || step > to || isOut(release))
    throw new DomainRejection(
      'wrong-step',
      `${title} is decided in step ${to === from ? to : `${from} to ${to}`}; release ${version} is in step ${step} (${status}).`,
    );
  const settled = standingOf(state, release, rule, quorumOf(playbook, rule)) === 'approved';
  if (kind === 'approval' && step > 1 && settled)
    throw new DomainRejection(
      'wrong-step',
      `${title} was given and its step has been passed; release ${version} is in step ${step}. A checkpoint of step 4 is where to object now.`,
    );
}
