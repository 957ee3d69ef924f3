import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import type { Vote } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Rollout } from './integration.state.js';
import { assertNotLapsed } from './pausing.js';
import { assertMayDecide } from './separation.js';
import { sits } from './votes.js';

/** A body lets the rollout enter the step that it waits at, or does not. */
export function stepVote(
  { given, ballot }: Vote,
  state: Integration,
  release: Release,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  assertMayDecide(state, release, { ...given, body: ballot.body }, context);
  const { rollout } = release;
  if (rollout !== null && isRepeated(rollout, ballot, given.by)) return [];
  const step = stepThatWaits(rollout, ballot, release.release);
  if (ballot.vote === 'approve') assertNotLapsed(state, release, context);
  if (ballot.vote === 'withdraw')
    throw new DomainRejection(
      'no-vote',
      'The approval of a step is taken back by a rejection while the step waits; once it has begun, pause or roll back.',
    );
  return [
    {
      type: ballot.vote === 'approve' ? 'RolloutStepApproved' : 'RolloutStepRejected',
      data: {
        integrationId: state.integrationId,
        release: release.release,
        rolloutId: rollout?.rolloutId ?? '',
        step,
        body: ballot.body,
        reason: ballot.reason,
        by: given.by,
        membershipVersion: context.membership.version,
        ...(ballot.vote === 'approve'
          ? stillNeeded(rollout, step, { ...ballot, by: given.by }, context)
          : {}),
      },
    },
  ];
}

/** As with decisions: a quorum of different people, and nobody of the body against it. */
function stillNeeded(
  rollout: Rollout | null,
  step: string,
  { body, by }: { readonly body: string; readonly by: string },
  { playbook, membership }: IntegrationContext,
): { readonly stillNeeded?: number } {
  const others = (rollout?.stepVotes ?? []).filter(
    (one) => one.step === step && one.body === body && one.by !== by && sits(membership, body, one.by),
  );
  const against = others.filter(({ vote }) => vote === 'reject').length;
  const quorum = playbook.bodies.find(({ id }) => id === body)?.quorum ?? 1;
  const needed = Math.max(quorum - 1 - (others.length - against), against);
  return needed > 0 ? { stillNeeded: needed } : {};
}

const isRepeated = (
  { stepVotes, step }: Rollout,
  { body, vote, name }: Vote['ballot'],
  by: string,
): boolean =>
  stepVotes.some(
    (one) => one.step === (name ?? step) && one.body === body && one.by === by && one.vote === vote,
  );

/** While a step waits, a body that has spoken may change its mind. */
const isAsked = ({ awaiting, stepVotes, step }: Rollout, body: string): boolean =>
  awaiting.includes(body) || stepVotes.some((one) => one.step === step && one.body === body);

function stepThatWaits(rollout: Rollout | null, { body, name }: Vote['ballot'], release: string): string {
  if (rollout === null || rollout.state !== 'awaiting' || !isAsked(rollout, body)) {
    const at =
      rollout === null
        ? ''
        : ` (it is ${rollout.state}${rollout.step === null ? '' : ` at ${rollout.step}`})`;
    throw new DomainRejection('not-awaited', `The rollout of ${release} does not wait for ${body}${at}.`);
  }
  const step = rollout.step ?? '';
  if (name !== null && name !== step)
    throw new DomainRejection('wrong-rollout-step', `The rollout waits at ${step}, not at ${name}.`);
  return step;
}
