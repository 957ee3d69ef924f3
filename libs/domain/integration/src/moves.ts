import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { releaseOf } from './gates.js';
import type { AdoptPlaybook, MoveIntegration, MoveRelease } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { withConsequences } from './progress.js';
import { assertOpen, assertPartner, assertRole } from './refusals.js';

type ReleaseMove = (
  command: MoveRelease,
  state: Integration,
  release: Release,
) => readonly IntegrationEvent[];

const rolloutAsk =
  (
    type: 'RolloutPauseRequested' | 'RolloutResumeRequested' | 'RolloutRollbackRequested',
    allowed: readonly string[],
  ): ReleaseMove =>
  ({ given, move, reason }, state, { rollout }) => {
    if (given.partner === null) assertRole(given, 'operator', 'reviewer', 'admin');
    else assertPartner(state, given);
    if (rollout === null || !allowed.includes(rollout.state))
      throw new DomainRejection(
        'no-such-rollout',
        `There is no rollout of ${given.release} to ${move}${rollout === null ? '' : `: it is ${rollout.state}`}.`,
      );
    return [
      {
        type,
        data: {
          integrationId: state.integrationId,
          release: given.release,
          rolloutId: rollout.rolloutId,
          reason,
          by: given.by,
        },
      },
    ];
  };
const UNDER_WAY = ['requested', 'planned', 'awaiting', 'running', 'held', 'baking'];

const MOVES: Readonly<Record<MoveRelease['move'], ReleaseMove>> = {
  withdraw: ({ given, reason }, state, release) => {
    if (given.partner !== null) assertPartner(state, given);
    if (release.status === 'withdrawn') return [];
    if (release.status !== 'in-progress' && release.status !== 'rolled-back')
      throw new DomainRejection(
        'release-is-out',
        `Release ${given.release} is ${release.status}: deprecate it, or roll out a newer one.`,
      );
    return [
      {
        type: 'ReleaseWithdrawn',
        data: { integrationId: state.integrationId, release: given.release, reason, by: given.by },
      },
    ];
  },
  resubmit: ({ given, reason }, state, release) => {
    assertPartner(state, given);
    if (release.status !== 'withdrawn')
      throw new DomainRejection(
        'not-withdrawn',
        `Release ${given.release} is ${release.status}; only a withdrawn one is resubmitted.`,
      );
    const of = { integrationId: state.integrationId, release: given.release };
    return [
      { type: 'ReleaseResubmitted', data: { ...of, reason, by: given.by } },
      { type: 'StepEntered', data: { ...of, step: 1 } },
    ];
  },
  pause: rolloutAsk('RolloutPauseRequested', UNDER_WAY),
  resume: rolloutAsk('RolloutResumeRequested', ['paused']),
  rollback: rolloutAsk('RolloutRollbackRequested', [...UNDER_WAY, 'paused']),
  rollout: ({ given }, state, release) => {
    assertPartner(state, given);
    if (release.status !== 'rolled-back')
      throw new DomainRejection(
        'not-rolled-back',
        `Release ${given.release} is ${release.status}; a new rollout follows a roll-back.`,
      );
    return [];
  },
};

export function moveRelease(
  command: MoveRelease,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, move, reason } = command;
  assertOpen(state);
  const release = releaseOf(state, given.release);
  const news = MOVES[move](command, state, release);
  if (move === 'rollout')
    return again(state, release, { ...context, requestId: given.requestId, by: given.by, reason });
  return news.length === 0
    ? []
    : withConsequences(state, news, given.release, { ...context, requestId: given.requestId });
}

/** A new rollout of a release that was rolled back: its approvals are judged again, so it goes through step 4 once more. */
function again(
  state: Integration,
  release: Release,
  context: IntegrationContext & { requestId: string; by: string; reason: string },
): readonly IntegrationEvent[] {
  const of = { integrationId: state.integrationId, release: release.release };
  return withConsequences(
    state,
    [{ type: 'RolloutRetried', data: { ...of, reason: context.reason, by: context.by } }],
    release.release,
    context,
  );
}

export function moveIntegration(command: MoveIntegration, state: Integration): readonly IntegrationEvent[] {
  const { given, move, reason } = command;
  const { integrationId } = state;
  const { by } = given;
  if (state.status === 'retired')
    throw new DomainRejection('retired', `${integrationId} is retired; nothing moves it any more.`);
  if (move === 'deprecate') return deprecate(command, state);
  if (given.partner !== null) assertPartner(state, given);
  if (move === 'reinstate') {
    assertRole(given, 'operator', 'reviewer', 'admin');
    if (state.status !== 'suspended')
      throw new DomainRejection('not-suspended', `${integrationId} is ${state.status}.`);
    return [{ type: 'IntegrationReinstated', data: { integrationId, reason, by } }];
  }
  if (move === 'suspend') {
    if (state.status === 'suspended') return [];
    return [{ type: 'IntegrationSuspended', data: { integrationId, reason, by } }];
  }
  return [{ type: 'IntegrationRetired', data: { integrationId, reason, by } }];
}

function deprecate(
  { given, reason, sunset }: MoveIntegration,
  state: Integration,
): readonly IntegrationEvent[] {
  if (given.partner !== null) assertPartner(state, given);
  const { by } = given;
  if (given.release === null)
    return state.status === 'deprecated'
      ? []
      : [{ type: 'IntegrationDeprecated', data: { integrationId: state.integrationId, reason, by, sunset } }];
  const release = releaseOf(state, given.release);
  if (release.status !== 'live' && release.status !== 'superseded')
    throw new DomainRejection(
      'release-not-out',
      `Release ${given.release} is ${release.status}; only one that is out is deprecated.`,
    );
  return [
    {
      type: 'ReleaseDeprecated',
      data: { integrationId: state.integrationId, release: given.release, reason, by, sunset },
    },
  ];
}

/** Moves the integration to another version of the playbook: from now on that one is asked. */
export function adoptPlaybook(
  { given, reason }: AdoptPlaybook,
  state: Integration,
  { playbook }: IntegrationContext,
): readonly IntegrationEvent[] {
  assertOpen(state);
  assertRole(given, 'admin', 'operator');
  if (playbook.version === state.playbook) return [];
  return [
    {
      type: 'PlaybookAdopted',
      data: {
        integrationId: state.integrationId,
        playbook: playbook.version,
        from: state.playbook,
        by: given.by,
        reason,
      },
    },
  ];
}
