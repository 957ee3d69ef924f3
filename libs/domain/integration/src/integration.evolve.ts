import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Rollout, Steward } from './integration.state.js';

const changed = (
  state: Integration,
  version: string,
  change: (release: Release) => Partial<Release>,
): Integration => {
  const release = state.releases[version];
  if (release === undefined) return state;
  return { ...state, releases: { ...state.releases, [version]: { ...release, ...change(release) } } };
};
const rolled = (
  state: Integration,
  event: { readonly data: { readonly release: string; readonly rolloutId: string } },
  change: Partial<Rollout>,
): Integration =>
  changed(state, event.data.release, ({ rollout }) =>
    rollout?.rolloutId === event.data.rolloutId ? { rollout: { ...rollout, ...change } } : {},
  );
const stewarded = (state: Integration, task: string, change: Partial<Steward>): Integration => {
  const known = state.stewardship[task];
  return known === undefined
    ? state
    : { ...state, stewardship: { ...state.stewardship, [task]: { ...known, ...change } } };
};
const joined = (...lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())];
const named = (actor: string | null): readonly string[] => (actor === null ? [] : [actor]);

type Change = (state: Integration, event: IntegrationEvent) => Integration;
type Handlers = {
  readonly [Type in IntegrationEvent['type']]: (
    state: Integration,
    event: Extract<IntegrationEvent, { type: Type }>,
  ) => Integration;
};

const HANDLERS: Handlers = {
  IntegrationProposed: (state, { data }) => ({
    ...state,
    proposed: true,
    integrationId: data.integrationId,
    partner: data.partner,
    name: data.name,
    subject: data.subject,
    playbook: data.playbook,
  }),
  PlaybookAdopted: (state, { data }) => ({ ...state, playbook: data.playbook }),
  ReleaseOpened: (state, { data: { release, by, sponsor, manifestPath, files, digests, declared } }) => ({
    ...state,
    releases: {
      ...state.releases,
      [release]: {
        manifestPath,
        files,
        digests,
        declared,
        release,
        status: 'in-progress',
        step: 1,
        proposers: joined([by], named(sponsor)),
        tasks: {},
        validation: null,
        governance: null,
        waivers: [],
        risk: null,
        stricter: null,
        rollout: null,
        rollouts: 0,
        openAlerts: [],
        matrixUpdated: false,
        lifecycleUpdated: false,
      },
    },
  }),
  ReleaseAmended: (state, { data: { release, by, sponsor, manifestPath, files, digests, declared } }) =>
    changed(state, release, (known) => ({
      manifestPath,
      files,
      digests,
      declared,
      governance: null,
      risk: null,
      proposers: joined(known.proposers, [by], named(sponsor)),
    })),
  VoteRecorded: (state, { data }) => ({
    ...state,
    votes: [
      ...state.votes.filter(
        ({ release, decision, by }) =>
          !(release === data.release && decision === data.decision && by === data.by),
      ),
      {
        release: data.release,
        decision: data.decision,
        kind: data.kind,
        body: data.body,
        vote: data.vote,
        by: data.by,
        reason: data.reason,
        covers: data.covers,
        membershipVersion: data.membershipVersion,
      },
    ],
  }),
  VoteWithdrawn: (state, { data }) => ({
    ...state,
    votes: state.votes.filter(
      ({ release, decision, by }) =>
        !(release === data.release && decision === data.decision && by === data.by),
    ),
  }),
  VotesVoided: (state, { data }) => ({
    ...state,
    votes: state.votes.filter(
      (vote) =>
        !(
          vote.release === data.release &&
          data.votes.some(({ decision, by }) => decision === vote.decision && by === vote.by)
        ),
    ),
  }),
  EvidenceRecorded: (state, { data: { release, task, phase, evidence, by } }) =>
    changed(state, release, ({ tasks, proposers }) => ({
      tasks: { ...tasks, [task]: { state: 'recorded', phase, evidence, by, findings: [] } },
      proposers: joined(proposers, [by]),
    })),
  EvidenceVerified: (state, { data }) => taskIs(state, data.release, data.task, 'verified', []),
  EvidenceRefused: (state, { data }) => taskIs(state, data.release, data.task, 'refused', data.findings),
  StepPassed: (state) => state,
  StepEntered: (state, { data: { release, step } }) => changed(state, release, () => ({ step })),
  ValidationRequested: (state, { data }) =>
    data.purpose === 'release'
      ? changed(state, data.release, ({ digests }) => ({
          validation: {
            requestId: data.requestId,
            digest: digests['everything'] ?? '',
            outcome: 'running',
            runId: null,
            checks: [],
            facts: null,
          },
        }))
      : state,
  ValidationPassed: (state, { data }) => validated(state, data, 'passed'),
  ValidationFailed: (state, { data }) => validated(state, data, 'failed'),
  ValidationInconclusive: (state, { data }) => validated(state, data, 'inconclusive'),
  GovernanceValidated: (state, { data }) => changed(state, data.release, () => ({ governance: data.digest })),
  RiskAssessed: (state, { data: { release, level, reasons, computed } }) =>
    changed(state, release, () => ({ risk: { level, reasons, computed } })),
  StricterRolloutChosen: (state, { data }) => changed(state, data.release, () => ({ stricter: data.type })),
  WaiverGranted: (state, { data: { release, waiverId, body, target, reason, by, expiresAt } }) =>
    changed(state, release, ({ waivers }) => ({
      waivers: [...waivers, { waiverId, body, target, reason, by, expiresAt, expired: false }],
    })),
  WaiverExpired: (state, { data }) =>
    changed(state, data.release, ({ waivers }) => ({
      waivers: waivers.map((waiver) =>
        waiver.waiverId === data.waiverId ? { ...waiver, expired: true } : waiver,
      ),
    })),
  RolloutRequested: (state, { data: { release, rolloutId } }) =>
    changed(state, release, ({ rollouts }) => ({
      status: 'in-progress',
      rollouts: rollouts + 1,
      rollout: { rolloutId, state: 'requested', step: null, percent: 0, awaiting: [], steps: [], note: '' },
    })),
  RolloutStepApproved: (state, event) => stepVoted(state, event),
  RolloutStepRejected: (state) => state,
  RolloutPauseRequested: (state) => state,
  RolloutResumeRequested: (state) => state,
  RolloutRollbackRequested: (state) => state,
  RolloutHoldWaived: (state) => state,
  RolloutPlanned: (state, event) => rolled(state, event, { state: 'planned', steps: event.data.steps }),
  RolloutApprovalAwaited: (state, event) =>
    rolled(state, event, { state: 'awaiting', step: event.data.step, awaiting: event.data.bodies }),
  RolloutStepStarted: (state, event) =>
    rolled(state, event, {
      state: 'running',
      step: event.data.step,
      percent: event.data.percent,
      awaiting: [],
      note: '',
    }),
  RolloutStepAdvanced: (state, event) =>
    rolled(state, event, { state: 'running', percent: event.data.percent, note: '' }),
  RolloutHeld: (state, event) => rolled(state, event, { state: 'held', note: event.data.reason }),
  RolloutPaused: (state, event) => rolled(state, event, { state: 'paused', note: event.data.reason }),
  RolloutResumed: (state, event) => rolled(state, event, { state: 'running', note: '' }),
  RolledBack: (state, event) =>
    changed(
      rolled(state, event, { state: 'rolled-back', percent: 0, awaiting: [], note: event.data.reason }),
      event.data.release,
      () => ({ status: 'rolled-back', step: 5 }),
    ),
  BakeStarted: (state, event) => rolled(state, event, { state: 'baking', percent: 100, note: '' }),
  RolloutCompleted: (state, event) => rolled(state, event, { state: 'completed', percent: 100 }),
  AlertRaised: (state, { data }) =>
    changed(state, data.release, ({ openAlerts }) => ({ openAlerts: joined(openAlerts, [data.alertId]) })),
  AlertResolved: (state, { data }) =>
    changed(state, data.release, ({ openAlerts }) => ({
      openAlerts: openAlerts.filter((id) => id !== data.alertId),
    })),
  PermissionViolated: (state) => state,
  CompatibilityMatrixUpdated: (state, { data }) =>
    changed(state, data.release, () => ({ matrixUpdated: true })),
  LifecycleUpdated: (state, { data }) => changed(state, data.release, () => ({ lifecycleUpdated: true })),
  ReleaseSignedOff: (state, { data: { release } }) => {
    const before =
      state.live === null
        ? state
        : changed(state, state.live, ({ status }) => (status === 'live' ? { status: 'superseded' } : {}));
    return changed({ ...before, live: release }, release, () => ({ status: 'live' }));
  },
  LateFactRecorded: (state) => state,
  ReleaseWithdrawn: (state, { data }) => changed(state, data.release, () => ({ status: 'withdrawn' })),
  ReleaseResubmitted: (state, { data }) =>
    changed(state, data.release, ({ proposers }) => ({
      status: 'in-progress',
      step: 1,
      validation: null,
      governance: null,
      risk: null,
      rollout: null,
      proposers: joined(proposers, [data.by]),
    })),
  RolloutRetried: (state, { data }) =>
    changed(state, data.release, () => ({ status: 'in-progress', step: 4, governance: null, rollout: null })),
  ReleaseDeprecated: (state, { data }) => changed(state, data.release, () => ({ status: 'deprecated' })),
  IntegrationSuspended: (state) => ({ ...state, status: 'suspended' }),
  IntegrationReinstated: (state) => ({ ...state, status: 'active' }),
  IntegrationDeprecated: (state) => ({ ...state, status: 'deprecated' }),
  IntegrationRetired: (state) => ({ ...state, status: 'retired' }),
  StewardshipScheduled: (state, { data }) => ({
    ...state,
    stewardship: Object.fromEntries(
      data.tasks.map(({ task, dueAt }) => [
        task,
        { dueAt, state: 'scheduled', lastOutcome: state.stewardship[task]?.lastOutcome ?? null },
      ]),
    ),
  }),
  StewardshipReminded: (state, { data }) => stewarded(state, data.task, { state: 'reminded' }),
  StewardshipOverdue: (state, { data }) => stewarded(state, data.task, { state: 'overdue' }),
  StewardshipEscalated: (state, { data }) => stewarded(state, data.task, { state: 'escalated' }),
  StewardshipRecorded: (state, { data }) =>
    stewarded(state, data.task, {
      lastOutcome: data.outcome,
      ...(data.nextDueAt === null ? {} : { dueAt: data.nextDueAt, state: 'scheduled' as const }),
    }),
};

function taskIs(
  state: Integration,
  release: string,
  task: string,
  next: 'verified' | 'refused',
  findings: readonly string[],
): Integration {
  return changed(state, release, ({ tasks }) => {
    const known = tasks[task];
    return known === undefined ? {} : { tasks: { ...tasks, [task]: { ...known, state: next, findings } } };
  });
}

function validated(
  state: Integration,
  {
    release,
    requestId,
    runId,
    checks,
    facts,
  }: {
    release: string;
    requestId: string;
    runId: string;
    checks: Release['validation'] extends infer V ? (V extends { checks: infer C } ? C : never) : never;
    facts: NonNullable<NonNullable<Release['validation']>['facts']>;
  },
  outcome: 'passed' | 'failed' | 'inconclusive',
): Integration {
  return changed(state, release, ({ validation }) =>
    validation?.requestId === requestId
      ? { validation: { ...validation, outcome, runId, checks, facts } }
      : {},
  );
}

function stepVoted(
  state: Integration,
  event: Extract<IntegrationEvent, { type: 'RolloutStepApproved' | 'RolloutStepRejected' }>,
): Integration {
  const { release, body } = event.data;
  return changed(state, release, ({ rollout }) =>
    rollout === null
      ? {}
      : { rollout: { ...rollout, awaiting: rollout.awaiting.filter((id) => id !== body) } },
  );
}

/** @returns the state after the event; reads nothing else */
export const evolve: Change = (state, event) => (HANDLERS[event.type] as Change)(state, event);
