import type { DecisionRule, StepNumber } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { addDuration } from './dates.js';
import { neverWaived, releaseOf } from './gates.js';
import type { GrantWaiver, Vote } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { withConsequences } from './progress.js';
import { assertOpen } from './refusals.js';
import { coveredDigests, otherBodyOf, sits } from './votes.js';

/** @throws DomainRejection when the person may not decide for the body in this release (separation of duties) */
export function assertMayDecide(
  state: Integration,
  release: Release,
  voter: { by: string; partner: string | null; body: string },
  { membership }: IntegrationContext,
): void {
  const { by, partner, body } = voter;
  if (partner !== null)
    throw new DomainRejection('partner-holds-no-seat', "A partner's people hold no seat and decide nothing.");
  if (!sits(membership, body, by))
    throw new DomainRejection('no-seat', `You hold no seat of ${body}. Its members decide this.`, [
      { what: `a decision by a member of ${body}`, who: body, requirement: `seat:${body}` },
    ]);
  if (release.proposers.includes(by))
    throw new DomainRejection(
      'own-proposal',
      'Who proposed something in this release decides nothing on it.',
    );
  const other = otherBodyOf(state, release.release, by, body);
  if (other !== null)
    throw new DomainRejection(
      'signed-for-another-body',
      `You have decided for ${other} in release ${release.release}; one person decides for one body only.`,
    );
}

export function vote(
  command: Vote,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, ballot } = command;
  assertOpen(state);
  const release = releaseOf(state, given.release);
  if (release.status === 'withdrawn')
    throw new DomainRejection('withdrawn', `Release ${given.release} is withdrawn.`);
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
): IntegrationEvent[] {
  const rule = ruleOf(context, ballot);
  assertMayDecide(state, release, { ...given, body: rule.body }, context);
  assertOpenFor(rule, release, { vote: ballot.vote, playbook: context.playbook });
  const mine = state.votes.find(
    ({ release: of, decision, by }) => of === release.release && decision === rule.id && by === given.by,
  );
  const of = { integrationId: state.integrationId, release: release.release };
  if (ballot.vote === 'withdraw') {
    if (mine === undefined) throw new DomainRejection('no-vote', `You have not voted on ${rule.title}.`);
    return [
      {
        type: 'VoteWithdrawn',
        data: { ...of, decision: rule.id, body: rule.body, by: given.by, reason: ballot.reason },
      },
    ];
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

function ruleOf({ playbook }: IntegrationContext, { kind, name, body }: Vote['ballot']): DecisionRule {
  const rules = playbook.decisions.filter(
    (rule) => rule.kind === kind && rule.body === body && (name === null || rule.name === name),
  );
  const [rule] = rules;
  if (rule !== undefined && rules.length === 1) return rule;
  const known = playbook.decisions
    .filter((one) => one.kind === kind && one.body === body)
    .map((one) => one.name);
  throw new DomainRejection(
    'unknown-decision',
    known.length === 0
      ? `${body} has no ${kind} to decide.`
      : `Which ${kind} of ${body}? Name one of: ${known.join(', ')}.`,
  );
}

const DECIDED_IN: Readonly<Record<DecisionRule['kind'], readonly [number, number]>> = {
  approval: [1, 4],
  checkpoint: [1, 4],
  'sign-off': [7, 7],
};

/**
 * A vote belongs to the time before the last step that asks for it has been passed: an approval that an amendment made void is
 * given again in step 4. It can be withdrawn only while no step stands on it.
 */
function assertOpenFor(
  { id, kind, title }: DecisionRule,
  { step, release }: Release,
  { vote: given, playbook }: { readonly vote: string; readonly playbook: IntegrationContext['playbook'] },
): void {
  const [from, to] = DECIDED_IN[kind];
  const asking = playbook.steps.filter(({ requires }) => requires.includes(id)).map(({ number }) => number);
  const passed = asking.some((number) => number < step) && !asking.includes(step as StepNumber);
  if (step >= from && step <= to && !(given === 'withdraw' && passed)) return;
  throw new DomainRejection(
    'wrong-step',
    `${title} is ${given === 'withdraw' ? 'withdrawn before its step is passed' : `decided in step ${to === from ? to : `${from} to ${to}`}`}; release ${release} is in step ${step}.`,
  );
}

function stepVote(
  { given, ballot }: Vote,
  state: Integration,
  release: Release,
  context: IntegrationContext,
): IntegrationEvent[] {
  assertMayDecide(state, release, { ...given, body: ballot.body }, context);
  const { rollout } = release;
  if (rollout === null || rollout.state !== 'awaiting' || !rollout.awaiting.includes(ballot.body))
    throw new DomainRejection(
      'not-awaited',
      `The rollout of ${release.release} does not wait for ${ballot.body}${rollout === null ? '' : ` (it is ${rollout.state}${rollout.step === null ? '' : ` at ${rollout.step}`})`}.`,
    );
  if (ballot.name !== null && ballot.name !== rollout.step)
    throw new DomainRejection(
      'wrong-rollout-step',
      `The rollout waits at ${rollout.step ?? '?'}, not at ${ballot.name}.`,
    );
  if (ballot.vote === 'withdraw')
    throw new DomainRejection('no-vote', 'A step that is approved has begun; pause or roll back instead.');
  return [
    {
      type: ballot.vote === 'approve' ? 'RolloutStepApproved' : 'RolloutStepRejected',
      data: {
        integrationId: state.integrationId,
        release: release.release,
        rolloutId: rollout.rolloutId,
        step: rollout.step ?? '',
        body: ballot.body,
        reason: ballot.reason,
        by: given.by,
        membershipVersion: context.membership.version,
      },
    },
  ];
}

/** A member of the owning body accepts what a check says, until a day. */
export function grantWaiver(
  { given, waiver }: GrantWaiver,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  assertOpen(state);
  const release = releaseOf(state, given.release);
  assertMayDecide(state, release, { ...given, body: waiver.body }, context);
  assertWaivable(waiver, context);
  if (release.waivers.some(({ waiverId }) => waiverId === waiver.waiverId)) return [];
  const of = { integrationId: state.integrationId, release: release.release };
  const news: IntegrationEvent[] = [
    {
      type: 'WaiverGranted',
      data: { ...of, ...waiver, by: given.by, membershipVersion: context.membership.version },
    },
  ];
  if (waiver.target.kind === 'rollout-hold' && release.rollout !== null)
    news.push({
      type: 'RolloutHoldWaived',
      data: {
        ...of,
        rolloutId: release.rollout.rolloutId,
        step: waiver.target.step,
        body: waiver.body,
        reason: waiver.reason,
        by: given.by,
      },
    });
  return withConsequences(state, news, release.release, { ...context, requestId: given.requestId });
}

function assertWaivable(
  { target, body, expiresAt }: GrantWaiver['waiver'],
  { playbook, asOf }: IntegrationContext,
): void {
  if (expiresAt <= asOf) throw new DomainRejection('waiver-expired', 'A waiver ends in the future.');
  const { maxDuration, laxerRolloutBy } = playbook.waivers;
  if (expiresAt > addDuration(asOf, maxDuration))
    throw new DomainRejection('waiver-too-long', `A waiver lasts at most ${maxDuration}.`);
  if (target.kind === 'rollout-type' && body !== laxerRolloutBy)
    throw new DomainRejection('not-the-owner', `A laxer rollout is allowed by ${laxerRolloutBy} alone.`);
  if (target.kind === 'rollout-type' || target.kind === 'rollout-hold') return;
  if (
    neverWaived(playbook, target.check) ||
    (target.kind === 'finding' && neverWaived(playbook, target.ruleId))
  )
    throw new DomainRejection(
      'never-waived',
      `${target.kind === 'finding' ? target.ruleId : target.check} can't be waived by anybody.`,
    );
  const owner = playbook.checks.find(({ id }) => id === target.check)?.waivableBy;
  if (owner === undefined)
    throw new DomainRejection('unknown-check', `Playbook ${playbook.version} has no check ${target.check}.`);
  if (owner !== body)
    throw new DomainRejection(
      'not-the-owner',
      `${target.check} belongs to ${owner ?? 'nobody'}; ${body} can't waive it.`,
    );
}
