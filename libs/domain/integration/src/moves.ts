import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { releaseOf, rollingOut } from './gates.js';
import type { MoveRelease } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Rollout } from './integration.state.js';
import { assertMayResume } from './pausing.js';
import { withConsequences } from './progress.js';
import { outranks, rankOf } from './ranks.js';
import {
  answeringFor,
  assertKeeper,
  assertNotRetired,
  assertOpen,
  assertPartner,
  assertSponsored,
} from './refusals.js';
import { givenUpRuns } from './requests.js';

type ReleaseMove = (
  command: MoveRelease,
  state: Integration,
  release: Release,
  context: IntegrationContext,
) => readonly IntegrationEvent[];

const UNDER_WAY: readonly Rollout['state'][] = [
  'requested',
  'planned',
  'awaiting',
  'running',
  'held',
  'baking',
];
const IN_PROGRESS: readonly Rollout['state'][] = [...UNDER_WAY, 'paused'];

const asked = (
  { given: { by, release }, reason }: MoveRelease,
  { integrationId }: Integration,
  { rolloutId }: Rollout,
) => ({ integrationId, release, rolloutId, reason, by });

const noRollout = ({ given: { release }, move }: MoveRelease, rollout: Rollout | null): DomainRejection =>
  new DomainRejection(
    'no-such-rollout',
    `There is no rollout of ${release} to ${move}${rollout === null ? '' : `: it is ${rollout.goingBack ? 'being rolled back' : rollout.state}`}.`,
  );

/** The rollout that something is asked of: the rollout service does it, and says so. */
function rolloutIn(
  command: MoveRelease,
  { rollout }: Release,
  allowed: (rollout: Rollout) => boolean,
): Rollout {
  if (rollout === null || rollout.goingBack || !allowed(rollout)) throw noRollout(command, rollout);
  return rollout;
}

/** Who ranks higher holds what is paused already. */
const pause: ReleaseMove = (command, state, release) => {
  const { given } = command;
  const rollout = rolloutIn(
    command,
    release,
    (known) => UNDER_WAY.includes(known.state) || (known.state === 'paused' && outranks(given, known)),
  );
  return [
    { type: 'RolloutPauseRequested', data: { ...asked(command, state, rollout), rank: rankOf(given) } },
  ];
};

const resume: ReleaseMove = (command, state, release, context) => {
  const rollout = rolloutIn(command, release, (known) => known.state === 'paused');
  assertMayResume(command.given, state, { release, rollout }, context);
  return [{ type: 'RolloutResumeRequested', data: asked(command, state, rollout) }];
};

/** Of a release whose rollout is complete too: while it waits for its signatures, and for as long as it serves. */
const rollback: ReleaseMove = (command, state, release) => {
  const { rollout, status } = release;
  const serves =
    rollout?.state === 'completed' && (status === 'in-progress' || state.live === release.release);
  if (rollout === null || !(serves || IN_PROGRESS.includes(rollout.state))) throw noRollout(command, rollout);
  if (rollout.goingBack) return [];
  if (status !== 'in-progress') assertNothingOver(state, release.release);
  return [{ type: 'RolloutRollbackRequested', data: asked(command, state, rollout) }];
};

/** What is tried over the live release falls back to it, so it goes first. */
function assertNothingOver(state: Integration, live: string): void {
  const over = rollingOut(state);
  if (over === undefined) return;
  throw new DomainRejection(
    'falls-back-here',
    `${over.release} is being rolled out over ${live} and would fall back to it. Roll ${over.release} back first, or suspend the integration.`,
    [{ what: `the roll-back of ${over.release}`, who: 'operator', requirement: 'release:one-at-a-time' }],
  );
}

const withdraw: ReleaseMove = ({ given: { by, release }, reason }, state, known) => {
  const { integrationId } = state;
  const { status } = known;
  if (status === 'withdrawn') return [];
  if (status !== 'in-progress' && status !== 'rolled-back')
    throw new DomainRejection(
      'release-is-out',
      `Release ${release} is ${status}: deprecate it, or roll out a newer one.`,
    );
  return [
    { type: 'ReleaseWithdrawn', data: { integrationId, release, reason, by } },
    ...givenUpRuns(state, known, 'the release was withdrawn'),
  ];
};

const resubmit: ReleaseMove = ({ given, reason }, state, { status }) => {
  assertPartner(state, given);
  assertSponsored(given);
  if (status !== 'withdrawn')
    throw new DomainRejection(
      'not-withdrawn',
      `Release ${given.release} is ${status}; only a withdrawn one is resubmitted.`,
    );
  const of = { integrationId: state.integrationId, release: given.release };
  return [
    { type: 'ReleaseResubmitted', data: { ...of, reason, ...answeringFor(given) } },
    { type: 'StepEntered', data: { ...of, step: 1 } },
  ];
};

/** Another rollout after one that ended: the approvals are judged again, so the release goes through the gate of step 4 once more. */
const retry: ReleaseMove = ({ given, reason }, state, { status }) => {
  assertPartner(state, given);
  if (status !== 'rolled-back')
    throw new DomainRejection(
      'not-rolled-back',
      `Release ${given.release} is ${status}; a new rollout follows a roll-back.`,
    );
  const { integrationId } = state;
  return [{ type: 'RolloutRetried', data: { integrationId, release: given.release, reason, by: given.by } }];
};

const MOVES: Readonly<Record<MoveRelease['move'], ReleaseMove>> = {
  withdraw,
  resubmit,
  pause,
  resume,
  rollback,
  rollout: retry,
};

/** What stops something is taken while the integration is suspended too. */
const STOPPING: ReadonlySet<MoveRelease['move']> = new Set(['withdraw', 'pause', 'rollback']);

/** withdraw, resubmit, pause, resume, rollback, rollout: of a release. */
export function moveRelease(
  command: MoveRelease,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, move } = command;
  if (STOPPING.has(move)) assertNotRetired(state);
  else assertOpen(state);
  const release = releaseOf(state, given.release);
  assertKeeper(state, given);
  const news = MOVES[move](command, state, release, context);
  return news.length === 0
    ? []
    : withConsequences(state, news, given.release, { ...context, requestId: given.requestId });
}
