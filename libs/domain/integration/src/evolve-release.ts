import { changed, decided, type Handlers, joined, named, stewarded } from './evolve-parts.js';
import type { EventOf, Submitted } from './integration.events.js';
import type { Integration, Release, Vote } from './integration.state.js';
import { entry } from './records.js';

type Early =
  | 'IntegrationProposed'
  | 'PlaybookAdopted'
  | 'ReleaseOpened'
  | 'ReleaseAmended'
  | 'VoteRecorded'
  | 'VoteWithdrawn'
  | 'VotesVoided'
  | 'EvidenceRecorded'
  | 'EvidenceVerified'
  | 'EvidenceRefused'
  | 'StepPassed'
  | 'StepEntered'
  | 'ValidationRequested'
  | 'ValidationCancelled'
  | 'ValidationPassed'
  | 'ValidationFailed'
  | 'ValidationInconclusive'
  | 'GovernanceValidated'
  | 'RiskAssessed'
  | 'StricterRolloutChosen'
  | 'WaiverGranted'
  | 'WaiverExpired';

const NOTHING_DONE: Omit<Release, keyof Submitted | 'release' | 'proposers'> = {
  status: 'in-progress',
  step: 1,
  tasks: {},
  validation: null,
  governance: null,
  waivers: [],
  risk: null,
  stricter: null,
  rollout: null,
  rollouts: 0,
  recorded: false,
  openAlerts: [],
  matrixUpdated: false,
  compatible: null,
  lifecycleUpdated: false,
  deciders: {},
  disregarded: [],
  sunset: null,
};

type Ballot = { readonly release: string; readonly decision: string; readonly by: string };
const sameBallot =
  (one: Ballot) =>
  (other: Ballot): boolean =>
    one.release === other.release && one.decision === other.decision && one.by === other.by;
const without = (votes: readonly Vote[], ballot: Ballot): readonly Vote[] => {
  const isThat = sameBallot(ballot);
  return votes.filter((vote) => !isThat(vote));
};

/** What happens to a release until its rollout is asked for. */
export const EARLY: Handlers<Early> = {
  IntegrationProposed: (state, { data: { integrationId, partner, name, subject, playbook } }) => ({
    ...state,
    proposed: true,
    integrationId,
    partner,
    name,
    subject,
    playbook,
  }),
  PlaybookAdopted: (state, { data }) => ({ ...state, playbook: data.playbook }),
  ReleaseOpened: (state, { data: { release, by, sponsor, manifestPath, files, digests, declared } }) => ({
    ...state,
    releases: {
      ...state.releases,
      [release]: {
        ...NOTHING_DONE,
        manifestPath,
        files,
        digests,
        declared,
        release,
        proposers: joined([by], named(sponsor)),
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
  VoteRecorded: (state, { data }) => {
    const { integrationId: _, name: __, evidence: ___, attestation: ____, ...vote } = data;
    return changed({ ...state, votes: [...without(state.votes, data), vote] }, data.release, (release) =>
      decided(release, data.by, data.body),
    );
  },
  VoteWithdrawn: (state, { data }) => ({ ...state, votes: without(state.votes, data) }),
  VotesVoided: votesVoided,
  EvidenceRecorded: (state, { data: { release, task, phase, evidence, by, sponsor } }) =>
    changed(state, release, ({ tasks, proposers }) => ({
      tasks: {
        ...tasks,
        [task]: { state: 'recorded', phase, evidence, by, findings: [], requestId: null, against: null },
      },
      proposers: joined(proposers, [by], named(sponsor)),
    })),
  EvidenceVerified: (state, event) => judged(state, event, []),
  EvidenceRefused: (state, event) => judged(state, event, event.data.findings),
  StepPassed: (state) => state,
  StepEntered: (state, { data: { release, step } }) =>
    changed(state, release, ({ matrixUpdated }) => ({
      step,
      matrixUpdated: step === 7 ? false : matrixUpdated,
    })),
  ValidationRequested: requested,
  ValidationCancelled: givenUp,
  ValidationPassed: (state, event) => validated(state, event, 'passed'),
  ValidationFailed: (state, event) => validated(state, event, 'failed'),
  ValidationInconclusive: (state, event) => validated(state, event, 'inconclusive'),
  GovernanceValidated: (state, { data }) => changed(state, data.release, () => ({ governance: data.digest })),
  RiskAssessed: (state, { data: { release, level, reasons, computed } }) =>
    changed(state, release, () => ({ risk: { level, reasons, computed } })),
  StricterRolloutChosen: (state, { data }) => changed(state, data.release, () => ({ stricter: data.type })),
  WaiverGranted: (state, { data: { release, waiverId, body, target, reason, by, expiresAt } }) =>
    changed(state, release, (known) => ({
      ...decided(known, by, body),
      waivers: [
        ...known.waivers,
        {
          waiverId,
          body,
          target,
          reason,
          by,
          expiresAt,
          expired: false,
          digest: known.digests['everything'] ?? '',
        },
      ],
    })),
  WaiverExpired: (state, { data }) =>
    changed(state, data.release, ({ waivers }) => ({
      waivers: waivers.map((waiver) =>
        waiver.waiverId === data.waiverId ? { ...waiver, expired: true } : waiver,
      ),
    })),
};

/** Own votes are gone; one of another release, whose voter lost the seat, does not carry over any more. */
function votesVoided(state: Integration, { data: { release, votes } }: EventOf<'VotesVoided'>): Integration {
  const kept = votes.reduce<readonly Vote[]>(
    (left, { decision, by }) => without(left, { release, decision, by }),
    state.votes,
  );
  const unseated = votes.filter(({ changed: why }) => why.includes('seat'));
  return changed({ ...state, votes: kept }, release, ({ disregarded }) => ({
    disregarded: [...disregarded, ...unseated.map(({ decision, by }) => ({ decision, by }))],
  }));
}

function judged(
  state: Integration,
  { type, data: { release, task } }: EventOf<'EvidenceVerified'> | EventOf<'EvidenceRefused'>,
  findings: readonly string[],
): Integration {
  const next = type === 'EvidenceVerified' ? 'verified' : 'refused';
  return changed(state, release, ({ tasks }) => {
    const known = entry(tasks, task);
    return known === undefined ? {} : { tasks: { ...tasks, [task]: { ...known, state: next, findings } } };
  });
}

function requested(state: Integration, { data }: EventOf<'ValidationRequested'>): Integration {
  const { purpose, release, requestId, task } = data;
  if (purpose === 'stewardship') return task === null ? state : stewarded(state, task, { requestId });
  return changed(state, release, ({ digests, tasks }) => {
    if (purpose === 'preparation') {
      const known = task === null ? undefined : entry(tasks, task);
      return known === undefined || task === null
        ? {}
        : {
            tasks: {
              ...tasks,
              [task]: { ...known, state: 'recorded', findings: [], requestId, against: digests },
            },
          };
    }
    const digest = digests['everything'] ?? '';
    const bases = data.bases.map(({ release: base }) => base);
    return {
      validation: { requestId, digest, bases, outcome: 'running', runId: null, checks: [], facts: null },
    };
  });
}

/** Whether or not its verdict comes all the same, it says nothing any more. */
function givenUp(state: Integration, { data }: EventOf<'ValidationCancelled'>): Integration {
  const { release, requestId } = data;
  return changed(state, release, ({ validation, tasks }) => ({
    ...(validation?.requestId === requestId ? { validation: { ...validation, outcome: 'cancelled' } } : {}),
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([task, known]) => [
        task,
        known.requestId === requestId ? { ...known, requestId: null, against: null } : known,
      ]),
    ),
  }));
}

function validated(
  state: Integration,
  {
    data: { release, requestId, runId, checks, facts },
  }: EventOf<'ValidationPassed' | 'ValidationFailed' | 'ValidationInconclusive'>,
  outcome: 'passed' | 'failed' | 'inconclusive',
): Integration {
  return changed(state, release, ({ validation }) =>
    validation?.requestId === requestId
      ? { validation: { ...validation, outcome, runId, checks, facts } }
      : {},
  );
}
