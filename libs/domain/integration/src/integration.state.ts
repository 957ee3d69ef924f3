import type { RiskLevel, RolloutType, StepNumber, Subject } from '@kwanus/domain-playbook';
import type {
  CheckVerdict,
  FileReference,
  Rank,
  Submitted,
  ValidationFacts,
  VoteKind,
  WaiverTarget,
} from './integration.events.js';

/** A vote as it was given. Whether it is in force depends on what it covers and is judged when it is asked. */
export type Vote = {
  readonly release: string;
  readonly decision: string;
  readonly kind: VoteKind;
  readonly body: string;
  readonly vote: 'approve' | 'reject';
  readonly by: string;
  readonly reason: string;
  readonly covers: Readonly<Record<string, string>>;
  readonly membershipVersion: number;
};

export type Task = {
  readonly state: 'recorded' | 'verified' | 'refused';
  readonly phase: 'preparation' | 'implementation';
  readonly evidence: readonly FileReference[];
  readonly by: string;
  readonly findings: readonly string[];
  /** The run that was asked to look at this evidence; null where none looks. */
  readonly requestId: string | null;
  /** Digests of what it was to be checked against; null where no run was asked for. */
  readonly against: Readonly<Record<string, string>> | null;
};

export type Validation = {
  readonly requestId: string;
  /** Digest of everything that was submitted when it was asked for. */
  readonly digest: string;
  /** The releases that it was compared with. */
  readonly bases: readonly string[];
  readonly outcome: 'running' | 'passed' | 'failed' | 'inconclusive' | 'cancelled';
  readonly runId: string | null;
  readonly checks: readonly CheckVerdict[];
  readonly facts: ValidationFacts | null;
};

export type Waiver = {
  readonly waiverId: string;
  readonly body: string;
  readonly target: WaiverTarget;
  readonly reason: string;
  readonly by: string;
  readonly expiresAt: string;
  readonly expired: boolean;
  /** Digest of everything that was submitted when it was granted. */
  readonly digest: string;
};

export type Rollout = {
  readonly rolloutId: string;
  readonly state:
    | 'requested'
    | 'planned'
    | 'awaiting'
    | 'running'
    | 'held'
    | 'paused'
    | 'baking'
    | 'completed'
    | 'rolled-back'
    | 'refused'
    | 'superseded';
  readonly step: string | null;
  readonly percent: number;
  readonly awaiting: readonly string[];
  readonly steps: readonly {
    readonly id: string;
    readonly percent: number;
    readonly approvals: readonly string[];
  }[];
  readonly note: string;
  /** Somebody asked for a roll-back, and the rollout has not answered yet. */
  readonly goingBack: boolean;
  /** Who asked for a pause since it last went on. */
  readonly pauses: readonly Rank[];
  /** Bodies that were asked what to do about a hold. */
  readonly asked: readonly string[];
  /** What bodies said about entering steps. */
  readonly stepVotes: readonly StepVote[];
};
export type StepVote = {
  readonly step: string;
  readonly body: string;
  readonly by: string;
  readonly vote: 'approve' | 'reject';
};

export type OpenAlert = {
  readonly alertId: string;
  readonly severity: 'page' | 'ticket';
  readonly signal: string;
  readonly reason: string;
};

export type ReleaseStatus =
  | 'in-progress'
  | 'withdrawn'
  | 'rolled-back'
  | 'live'
  | 'superseded'
  | 'deprecated';

export type Release = Submitted & {
  readonly release: string;
  readonly status: ReleaseStatus;
  readonly step: StepNumber;
  /** Everyone who submitted, uploaded or amended anything, and the sponsors. */
  readonly proposers: readonly string[];
  readonly tasks: Readonly<Record<string, Task>>;
  readonly validation: Validation | null;
  readonly governance: string | null;
  readonly waivers: readonly Waiver[];
  readonly risk: {
    readonly level: RiskLevel;
    readonly reasons: readonly string[];
    readonly computed: RolloutType;
  } | null;
  readonly stricter: RolloutType | null;
  readonly rollout: Rollout | null;
  readonly rollouts: number;
  /** The rollout service has recorded it: what it is made of never changes again. */
  readonly recorded: boolean;
  readonly openAlerts: readonly OpenAlert[];
  readonly matrixUpdated: boolean;
  /** What its row of the compatibility matrix says, as far as it says so; null while it has no row. */
  readonly compatible: boolean | null;
  readonly lifecycleUpdated: boolean;
  /** Actor → the one body that they have decided for in this release. */
  readonly deciders: Readonly<Record<string, string>>;
  /** Votes of other releases that no longer carry over to this one. */
  readonly disregarded: readonly { readonly decision: string; readonly by: string }[];
  /** Until when a deprecated release is supported; null: not said. */
  readonly sunset: string | null;
};

export type Steward = {
  readonly dueAt: string;
  readonly state: 'scheduled' | 'reminded' | 'overdue' | 'escalated';
  readonly lastOutcome: 'done' | 'failed' | null;
  /** The validation that was asked for when it was done; null where none was. */
  readonly requestId: string | null;
  /** Somebody reinstated the integration although this was overdue: it does not suspend again until it was done. */
  readonly spared: boolean;
};

/** An integration, folded from its stream. `proposed: false` before the first event. */
export type Integration = {
  readonly proposed: boolean;
  readonly integrationId: string;
  readonly partner: string;
  readonly name: string;
  readonly subject: Subject;
  readonly playbook: string;
  readonly status: 'active' | 'suspended' | 'deprecated' | 'retired';
  /** Also while it is suspended. */
  readonly deprecated: boolean;
  readonly sunset: string | null;
  readonly releases: Readonly<Record<string, Release>>;
  /** Votes of all releases, oldest first; withdrawn and voided ones are gone. */
  readonly votes: readonly Vote[];
  /** The release that is signed off and serves. */
  readonly live: string | null;
  readonly stewardship: Readonly<Record<string, Steward>>;
  /** The events of other services that facts were recorded from, the latest hundred. */
  readonly recentCauses: readonly string[];
};

export const INITIAL: Integration = {
  proposed: false,
  integrationId: '',
  partner: '',
  name: '',
  subject: 'integration',
  playbook: '',
  status: 'active',
  deprecated: false,
  sunset: null,
  releases: {},
  votes: [],
  live: null,
  stewardship: {},
  recentCauses: [],
};
