import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { addDuration, isAfter } from './dates.js';
import { isOut, releaseOf } from './gates.js';
import type { GrantWaiver } from './integration.commands.js';
import type { IntegrationEvent, WaiverTarget } from './integration.events.js';
import type { Integration, Release, Rollout } from './integration.state.js';
import { withConsequences } from './progress.js';
import { assertNotWithdrawn, assertOpen } from './refusals.js';
import { assertMayDecide } from './separation.js';
import { neverWaived } from './waivers.js';

/** A member of the owning body accepts what a check says, until a day. */
export function grantWaiver(
  { given, waiver }: GrantWaiver,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  assertOpen(state);
  const release = releaseOf(state, given.release);
  assertNotWithdrawn(release);
  if (release.waivers.some(({ waiverId }) => waiverId === waiver.waiverId)) return [];
  assertMayDecide(state, release, { ...given, body: waiver.body }, context);
  assertLasting(waiver, context);
  assertOwned(waiver, release, context);
  assertUseful(waiver.target, release);
  const of = { integrationId: state.integrationId, release: release.release };
  const granted: IntegrationEvent = {
    type: 'WaiverGranted',
    data: { ...of, ...waiver, by: given.by, membershipVersion: context.membership.version },
  };
  return withConsequences(
    state,
    [granted, ...holdWaived(waiver, release, { ...of, by: given.by })],
    of.release,
    {
      ...context,
      requestId: given.requestId,
    },
  );
}

function holdWaived(
  { target, body, reason, expiresAt }: GrantWaiver['waiver'],
  { rollout }: Release,
  of: { readonly integrationId: string; readonly release: string; readonly by: string },
): readonly IntegrationEvent[] {
  if (target.kind !== 'rollout-hold' || rollout === null) return [];
  const { rolloutId } = rollout;
  return [
    {
      type: 'RolloutHoldWaived',
      data: { ...of, rolloutId, step: target.step, body, reason, until: expiresAt },
    },
  ];
}

function assertLasting({ expiresAt }: GrantWaiver['waiver'], { playbook, asOf }: IntegrationContext): void {
  if (!isAfter(expiresAt, asOf)) throw new DomainRejection('waiver-expired', 'A waiver ends in the future.');
  const { maxDuration } = playbook.waivers;
  if (isAfter(expiresAt, addDuration(asOf, maxDuration)))
    throw new DomainRejection('waiver-too-long', `A waiver lasts at most ${maxDuration}.`);
}

const notTheOwner = (message: string, owner: string): DomainRejection =>
  new DomainRejection('not-the-owner', message, [
    { what: `a waiver by ${owner}`, who: owner, requirement: `seat:${owner}` },
  ]);

function assertOwned(
  { target, body }: GrantWaiver['waiver'],
  release: Release,
  { playbook }: IntegrationContext,
): void {
  if (target.kind === 'rollout-hold') return assertOwnsHold(target.step, body, release);
  if (target.kind === 'rollout-type') {
    const { laxerRolloutBy } = playbook.waivers;
    if (body !== laxerRolloutBy)
      throw notTheOwner(`A laxer rollout is allowed by ${laxerRolloutBy} alone.`, laxerRolloutBy);
    return;
  }
  const never = [target.check, ...(target.kind === 'finding' ? [target.ruleId] : [])].find((id) =>
    neverWaived(playbook, id),
  );
  if (never !== undefined)
    throw new DomainRejection('never-waived', `${never} can't be waived by anybody.`, [
      { what: `a release without ${never}`, who: 'partner', requirement: `check:${target.check}` },
    ]);
  const owner = playbook.checks.find(({ id }) => id === target.check)?.waivableBy ?? null;
  if (owner === null)
    throw new DomainRejection('unknown-check', `Playbook ${playbook.version} has no check ${target.check}.`);
  if (owner !== body)
    throw notTheOwner(`${target.check} belongs to ${owner}; ${body} can't waive it.`, owner);
}

/** Whoever lets the rollout into the step; else who approves any step of its plan; else every body. */
function assertOwnsHold(held: string, body: string, { rollout }: Release): void {
  const steps = rollout?.steps ?? [];
  const own = steps.find(({ id }) => id === held)?.approvals ?? [];
  const owners = own.length > 0 ? own : [...new Set(steps.flatMap(({ approvals }) => approvals))];
  if (owners.length === 0 || owners.includes(body)) return;
  throw notTheOwner(
    `The hold at ${held} belongs to ${owners.join(', ')}; ${body} can't waive it.`,
    owners[0] ?? '',
  );
}

/** A waiver of what is not there, or no longer to be decided, would only look like one. */
function assertUseful(target: WaiverTarget, release: Release): void {
  const { rollout, release: version, step, status } = release;
  if (isOut(release))
    throw new DomainRejection(
      'release-is-out',
      `Release ${version} is ${status}; nothing of it is left to waive.`,
    );
  if (target.kind === 'rollout-type' && step > 4 && status === 'in-progress')
    throw new DomainRejection(
      'wrong-step',
      `The rollout of ${version} has been asked for; its type is chosen before step 5.`,
    );
  if (target.kind === 'rollout-hold') assertHeldAt(target.step, rollout, version);
}

function assertHeldAt(step: string, rollout: Rollout | null, version: string): void {
  if (rollout?.state === 'held' && rollout.step === step) return;
  const now = rollout === null ? '' : ` (it is ${rollout.state} at ${rollout.step ?? 'its beginning'})`;
  throw new DomainRejection('not-held', `The rollout of ${version} is not held at ${step}${now}.`);
}
