import type { JsonObject } from '@kwanus/kernel';
import { changed, decided, type Handlers, joined, named, rolled, stewarded } from './evolve-parts.js';
import type { EventOf, IntegrationEvent, Rank } from './integration.events.js';
import type { Integration, Release, Rollout } from './integration.state.js';
import type { LaterEvent } from './later.events.js';
import { entry } from './records.js';
import { compareVersions } from './versions.js';

type AskedOfRollout = Extract<
  IntegrationEvent['type'],
  `Rollout${'Requested' | `Step${'Approved' | 'Rejected'}` | `${'Pause' | 'Resume' | 'Rollback'}Requested` | 'HoldWaived'}`
>;
type OnRollout =
  | AskedOfRollout
  | Extract<
      LaterEvent['type'],
      | `Rollout${string}`
      | `Rollback${string}`
      | 'RolledBack'
      | 'BakeStarted'
      | `Alert${string}`
      | 'PermissionViolated'
      | `Revocation${string}`
    >;
type OnLife = Exclude<LaterEvent['type'], OnRollout>;

const asIs = (state: Integration): Integration => state;
const over = (state: Rollout['state'], note: string): Partial<Rollout> => ({
  state,
  note,
  goingBack: false,
  percent: 0,
  awaiting: [],
  asked: [],
});

const pausesOf = (
  { releases }: Integration,
  { data: { release } }: EventOf<'RolloutPauseRequested'>,
): readonly Rank[] => entry(releases, release)?.rollout?.pauses ?? [];

/** What people ask of a rollout, what it says, and what monitoring says. */
export const ON_ROLLOUT: Handlers<OnRollout> = {
  RolloutRequested: (state, { data: { release, rolloutId } }) =>
    changed(state, release, ({ rollouts }) => ({
      status: 'in-progress',
      rollouts: rollouts + 1,
      rollout: {
        rolloutId,
        state: 'requested',
        step: null,
        percent: 0,
        awaiting: [],
        steps: [],
        note: '',
        goingBack: false,
        pauses: [],
        asked: [],
        stepVotes: [],
      },
    })),
  RolloutStepApproved: (state, event) => stepVoted(state, event),
  RolloutStepRejected: (state, event) => stepVoted(state, event),
  RolloutPauseRequested: (state, event) =>
    rolled(state, event, { pauses: [...pausesOf(state, event), event.data.rank ?? 'operator'] }),
  RolloutResumeRequested: (state, event) => rolled(state, event, { pauses: [] }),
  RolloutRollbackRequested: (state, event) => rolled(state, event, { goingBack: true }),
  RolloutHoldWaived: (state, { data: { release, by, body } }) =>
    changed(state, release, (known) => decided(known, by, body)),
  RolloutPlanned: (state, event) => rolled(state, event, { state: 'planned', steps: event.data.steps }),
  RolloutApprovalAwaited: (state, event) =>
    rolled(state, event, { state: 'awaiting', step: event.data.step, awaiting: event.data.bodies }),
  RolloutStepStarted: (state, event) =>
    rolled(state, event, {
      state: 'running',
      step: event.data.step,
      percent: event.data.percent,
      awaiting: [],
      asked: [],
      note: '',
    }),
  RolloutStepAdvanced: (state, event) =>
    rolled(state, event, { state: 'running', percent: event.data.percent, asked: [], note: '' }),
  RolloutHeld: (state, event) =>
    rolled(state, event, { state: 'held', step: event.data.step, note: event.data.reason }),
  RolloutBodiesAsked: (state, event) =>
    rolled(state, event, {
      state: 'held',
      step: event.data.step,
      asked: event.data.bodies,
      note: event.data.reason,
    }),
  RolloutPaused: (state, event) => rolled(state, event, { state: 'paused', note: event.data.reason }),
  RolloutResumed: (state, event) => rolled(state, event, { state: 'running', asked: [], note: '' }),
  RollbackOverdue: (state, event) =>
    rolled(state, event, { note: `the roll-back takes longer than the declared ${event.data.declared}` }),
  RolledBack: (state, event) =>
    backAtFive(rolled(state, event, over('rolled-back', event.data.reason)), event.data),
  RolloutRefused: (state, event) =>
    backAtFive(rolled(state, event, over('refused', `${event.data.code}, ${event.data.reason}`)), event.data),
  RolloutSuperseded: (state, event) =>
    backAtFive(rolled(state, event, over('superseded', event.data.reason)), event.data),
  BakeStarted: (state, event) => rolled(state, event, { state: 'baking', percent: 100, asked: [], note: '' }),
  RolloutCompleted: (state, event) => rolled(state, event, { state: 'completed', percent: 100, note: '' }),
  RolloutRetried: (state, { data }) => changed(state, data.release, () => ({ ...AGAIN, step: 4 })),
  AlertRaised: (state, { data }) =>
    changed(state, data.release, ({ openAlerts }) => {
      const { alertId, severity, signal, reason } = data;
      const others = openAlerts.filter((alert) => alert.alertId !== alertId);
      return { openAlerts: [...others, { alertId, severity, signal, reason }] };
    }),
  AlertResolved: (state, { data }) =>
    changed(state, data.release, ({ openAlerts }) => ({
      openAlerts: openAlerts.filter(({ alertId }) => alertId !== data.alertId),
    })),
  PermissionViolated: asIs,
  RevocationProposed: asIs,
  RevocationLapsed: asIs,
  RevocationDecided: asIs,
};

/** What has to be found out anew before another rollout. */
const AGAIN: Partial<Release> = {
  status: 'in-progress',
  governance: null,
  rollout: null,
  matrixUpdated: false,
  lifecycleUpdated: false,
};

/** Has been signed off, and can serve again. */
const SERVED: ReadonlySet<Release['status']> = new Set(['superseded', 'deprecated']);

/** The release serves nobody now; what it replaced serves again. One that was withdrawn meanwhile stays so. */
function backAtFive(
  state: Integration,
  { release, to = null }: { readonly release: string; readonly to?: string | null },
): Integration {
  const back = changed(state, release, ({ status }) => ({
    status: status === 'withdrawn' ? status : 'rolled-back',
    step: 5,
  }));
  if (state.live !== release) return back;
  const before = to === null ? undefined : entry(back.releases, to);
  return before === undefined || !SERVED.has(before.status)
    ? { ...back, live: null }
    : changed({ ...back, live: before.release }, before.release, ({ status }) =>
        status === 'superseded' ? { status: 'live' } : {},
      );
}

function stepVoted(
  state: Integration,
  {
    type,
    data: { release, body, by, step, rolloutId, stillNeeded = 0 },
  }: EventOf<'RolloutStepApproved' | 'RolloutStepRejected'>,
): Integration {
  const vote = type === 'RolloutStepApproved' ? 'approve' : 'reject';
  return changed(state, release, (known) => {
    const { rollout } = known;
    if (rollout?.rolloutId !== rolloutId) return decided(known, by, body);
    const others = rollout.stepVotes.filter((one) => one.step !== step || one.by !== by);
    const open = rollout.awaiting.filter((id) => id !== body);
    const asked = rollout.awaiting.includes(body) ? rollout.awaiting : [...open, body];
    const awaiting = vote === 'approve' && stillNeeded === 0 ? open : asked;
    return {
      ...decided(known, by, body),
      rollout: { ...rollout, awaiting, stepVotes: [...others, { step, body, by, vote }] },
    };
  });
}

const FITS: ReadonlySet<unknown> = new Set(['compatible', 'compatible-with-fallback', 'waived']);

/** One version of the platform at least, and none that it does not work with. */
const isCompatible = (cells: readonly JsonObject[]): boolean =>
  cells.some(({ state }) => FITS.has(state)) && !cells.some(({ state }) => state === 'incompatible');

/** The life of releases and of the whole integration. */
export const ON_LIFE: Handlers<OnLife> = {
  ReleaseRecorded: (state, { data }) => changed(state, data.release, () => ({ recorded: true })),
  CompatibilityMatrixUpdated: (state, { data }) =>
    changed(state, data.release, () => ({ matrixUpdated: true, compatible: isCompatible(data.cells) })),
  LifecycleUpdated: (state, { data }) =>
    changed(state, data.release, ({ proposers }) => ({
      lifecycleUpdated: true,
      proposers: joined(proposers, [data.by], named(data.sponsor)),
    })),
  ReleaseSignedOff: (state, { data }) => signedOff(state, data.release),
  LateFactRecorded: asIs,
  ReleaseWithdrawn: (state, { data }) => changed(state, data.release, () => ({ status: 'withdrawn' })),
  ReleaseResubmitted: (state, { data }) =>
    changed(state, data.release, ({ proposers }) => ({
      ...AGAIN,
      step: 1,
      validation: null,
      risk: null,
      proposers: joined(proposers, [data.by], named(data.sponsor)),
    })),
  ReleaseDeprecated: (state, { data }) =>
    changed(state, data.release, () => ({ status: 'deprecated', sunset: data.sunset })),
  IntegrationSuspended: (state) => ({
    ...state,
    status: state.status === 'retired' ? 'retired' : 'suspended',
  }),
  IntegrationReinstated: reinstated,
  IntegrationDeprecated: (state, { data }) => ({
    ...state,
    deprecated: true,
    sunset: data.sunset,
    status: state.status === 'active' ? 'deprecated' : state.status,
  }),
  IntegrationRetired: (state) => ({ ...state, status: 'retired' }),
  StewardshipScheduled: (state, { data }) => ({
    ...state,
    stewardship: {
      ...state.stewardship,
      ...Object.fromEntries(
        data.tasks.map(({ task, dueAt }) => [
          task,
          { dueAt, state: 'scheduled', lastOutcome: null, requestId: null, spared: false },
        ]),
      ),
    },
  }),
  StewardshipReminded: (state, { data }) => stewarded(state, data.task, { state: 'reminded' }),
  StewardshipOverdue: (state, { data }) => stewarded(state, data.task, { state: 'overdue' }),
  StewardshipEscalated: (state, { data }) => stewarded(state, data.task, { state: 'escalated' }),
  StewardshipRecorded: (state, { data: { task, outcome, nextDueAt } }) =>
    stewarded(state, task, {
      lastOutcome: outcome,
      requestId: null,
      ...(nextDueAt === null ? {} : { dueAt: nextDueAt, state: 'scheduled', spared: false }),
    }),
};

/** The signed release serves, unless a higher one does already. */
function signedOff(state: Integration, release: string): Integration {
  const { live } = state;
  if (live !== null && compareVersions(live, release) > 0)
    return changed(state, release, () => ({ status: 'superseded' }));
  const before =
    live === null || live === release
      ? state
      : changed(state, live, ({ status }) => (status === 'live' ? { status: 'superseded' } : {}));
  return changed({ ...before, live: release }, release, () => ({ status: 'live' }));
}

function reinstated(state: Integration): Integration {
  if (state.status !== 'suspended') return state;
  const spared = Object.entries(state.stewardship).map(([task, steward]) => [
    task,
    steward.state === 'escalated' ? { ...steward, spared: true } : steward,
  ]);
  return {
    ...state,
    status: state.deprecated ? 'deprecated' : 'active',
    stewardship: Object.fromEntries(spared),
  };
}
