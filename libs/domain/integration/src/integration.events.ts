import type { Covered, RiskLevel, RolloutType, StepNumber, Subject } from '@kwanus/domain-playbook';
import type { JsonObject } from '@kwanus/kernel';

/** A file by digest; the bytes are in the artefact store. */
export type FileReference = {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
};

/** What a submission declares, as far as the rules need it. Everything else is in the manifest, by digest. */
export type Declared = {
  readonly subject: Subject;
  readonly tier: string | null;
  readonly supersedes: string | null;
  readonly partnerOnly: boolean;
  readonly permissions: readonly {
    readonly id: string;
    readonly actions: readonly string[];
    readonly privileged: boolean;
  }[];
  readonly workflows: readonly string[];
  readonly operations: readonly string[];
  readonly extensions: readonly string[];
  readonly capabilities: readonly string[];
  readonly slos: readonly { readonly signal: string; readonly objective: number; readonly period: string }[];
  readonly fallback: readonly JsonObject[];
  readonly rollbackTo: string | null;
  /** Ids of the documents that are there: `expansionProposal`, `migrationGuide` … */
  readonly documents: readonly string[];
  /** Digests (opaque) of who answers for it; the names stand in the manifest. */
  readonly accountable: { readonly contact: string; readonly sponsor: string };
};

/** One submitted state of a release. */
export type Submitted = {
  readonly manifestPath: string;
  readonly files: readonly FileReference[];
  /** Digest of everything that a decision can cover, and `everything`. */
  readonly digests: Readonly<Record<Covered, string>>;
  readonly declared: Declared;
};

/** One member for each type, so that a switch can tell them apart. */
type Of<Type extends string, Data> = Type extends string
  ? { readonly type: Type; readonly data: { readonly integrationId: string } & Data }
  : never;
type OfRelease<Type extends string, Data = unknown> = Of<Type, { readonly release: string } & Data>;
type OfRollout<Type extends string, Data = unknown> = OfRelease<Type, { readonly rolloutId: string } & Data>;
/** The event of another service that this fact was recorded from. */
type Cause = { readonly cause: string };

export type VoteKind = 'approval' | 'checkpoint' | 'sign-off' | 'step';
export type CheckVerdict = {
  readonly check: string;
  readonly kind: string;
  readonly outcome: 'passed' | 'failed' | 'inconclusive' | 'not-performed';
  readonly summary: string;
  readonly blocking: readonly {
    readonly ruleId: string;
    readonly fingerprint: string;
    readonly message: string;
    readonly file: string;
    readonly pointer: string;
  }[];
  readonly warnings: number;
};
export type ValidationFacts = {
  readonly breaking: boolean;
  readonly semver: string;
  readonly newPermissions: readonly string[];
  readonly newWorkflows: readonly string[];
  readonly newExtensions: readonly string[];
  readonly partnerOnly: boolean;
  readonly forbiddenNear: boolean;
  readonly changedSections: readonly string[];
};
export type WaiverTarget =
  | {
      readonly kind: 'finding';
      readonly check: string;
      readonly ruleId: string;
      readonly fingerprint: string;
    }
  | { readonly kind: 'check'; readonly check: string }
  | { readonly kind: 'rollout-type'; readonly rollout: RolloutType }
  | { readonly kind: 'rollout-hold'; readonly step: string };
export type SubmissionReference = {
  readonly release: string;
  readonly manifestPath: string;
  readonly files: readonly FileReference[];
};
export type StewardshipItem = { readonly task: string; readonly dueAt: string };

export type EarlyEvent =
  | Of<
      'IntegrationProposed',
      {
        readonly partner: string;
        readonly name: string;
        readonly subject: Subject;
        readonly playbook: string;
        readonly by: string;
      }
    >
  | Of<
      'PlaybookAdopted',
      { readonly playbook: string; readonly from: string; readonly by: string; readonly reason: string }
    >
  | OfRelease<'ReleaseOpened', Submitted & { readonly by: string; readonly sponsor: string | null }>
  | OfRelease<
      'ReleaseAmended',
      Submitted & {
        readonly by: string;
        readonly sponsor: string | null;
        readonly changed: readonly string[];
      }
    >
  | OfRelease<
      'VoteRecorded',
      {
        readonly decision: string;
        readonly kind: VoteKind;
        readonly name: string;
        readonly body: string;
        readonly vote: 'approve' | 'reject';
        readonly by: string;
        readonly reason: string;
        readonly covers: Readonly<Record<Covered, string>>;
        readonly membershipVersion: number;
        readonly evidence: readonly FileReference[];
        readonly attestation: 'none';
      }
    >
  | OfRelease<
      'VoteWithdrawn',
      { readonly decision: string; readonly body: string; readonly by: string; readonly reason: string }
    >
  | OfRelease<
      'VotesVoided',
      {
        readonly votes: readonly {
          readonly decision: string;
          readonly by: string;
          readonly changed: readonly string[];
        }[];
      }
    >
  | OfRelease<
      'EvidenceRecorded',
      {
        readonly phase: 'preparation' | 'implementation';
        readonly task: string;
        readonly evidence: readonly FileReference[];
        readonly by: string;
        readonly note: string | null;
      }
    >
  | OfRelease<'EvidenceVerified', Cause & { readonly task: string; readonly runId: string }>
  | OfRelease<
      'EvidenceRefused',
      Cause & { readonly task: string; readonly runId: string; readonly findings: readonly string[] }
    >
  | OfRelease<'StepPassed', { readonly step: StepNumber }>
  | OfRelease<'StepEntered', { readonly step: StepNumber }>
  | OfRelease<
      'ValidationRequested',
      {
        readonly requestId: string;
        readonly purpose: 'release' | 'preparation' | 'stewardship';
        readonly task: string | null;
        readonly submission: SubmissionReference;
        readonly bases: readonly SubmissionReference[];
        readonly asOf: string;
      }
    >
  | OfRelease<
      'ValidationPassed' | 'ValidationFailed' | 'ValidationInconclusive',
      Cause & {
        readonly runId: string;
        readonly requestId: string;
        readonly checks: readonly CheckVerdict[];
        readonly facts: ValidationFacts;
        readonly ruleset: string;
        readonly registryVersion: number;
        readonly inputs: Readonly<Record<string, string>>;
      }
    >
  | OfRelease<
      'GovernanceValidated',
      { readonly outcome: 'passed'; readonly digest: string; readonly membershipVersion: number }
    >
  | OfRelease<
      'RiskAssessed',
      {
        readonly level: RiskLevel;
        readonly reasons: readonly string[];
        readonly computed: RolloutType;
        readonly type: RolloutType;
      }
    >
  | OfRelease<
      'StricterRolloutChosen',
      { readonly type: RolloutType; readonly by: string; readonly reason: string }
    >
  | OfRelease<
      'WaiverGranted',
      {
        readonly waiverId: string;
        readonly body: string;
        readonly target: WaiverTarget;
        readonly reason: string;
        readonly by: string;
        readonly expiresAt: string;
        readonly membershipVersion: number;
      }
    >
  | OfRelease<'WaiverExpired', { readonly waiverId: string }>
  | OfRollout<
      'RolloutRequested',
      {
        readonly previous: string | null;
        readonly type: RolloutType;
        readonly risk: { readonly level: RiskLevel; readonly reasons: readonly string[] };
        readonly subject: Subject;
        readonly record: Readonly<Record<string, string>>;
        readonly fallback: readonly JsonObject[];
        readonly allowList: { readonly internal: readonly string[]; readonly partners: readonly string[] };
        readonly partnerOnly: boolean;
        readonly watched: JsonObject;
        readonly accountable: { readonly contact: string; readonly sponsor: string };
        readonly requestedAt: string;
      }
    >
  | OfRollout<
      'RolloutStepApproved' | 'RolloutStepRejected',
      {
        readonly step: string;
        readonly body: string;
        readonly reason: string;
        readonly by: string;
        readonly membershipVersion: number;
      }
    >
  | OfRollout<
      'RolloutPauseRequested' | 'RolloutResumeRequested' | 'RolloutRollbackRequested',
      { readonly reason: string; readonly by: string }
    >
  | OfRollout<
      'RolloutHoldWaived',
      { readonly step: string; readonly body: string; readonly reason: string; readonly by: string }
    >;

/** Facts of rollout and monitoring, lifecycle, stewardship. */
export type LaterEvent =
  | OfRollout<
      'RolloutPlanned',
      Cause & {
        readonly type: RolloutType;
        readonly steps: readonly {
          readonly id: string;
          readonly percent: number;
          readonly approvals: readonly string[];
        }[];
      }
    >
  | OfRollout<
      'RolloutApprovalAwaited',
      Cause & { readonly step: string; readonly percent: number; readonly bodies: readonly string[] }
    >
  | OfRollout<'RolloutStepStarted', Cause & { readonly step: string; readonly percent: number }>
  | OfRollout<
      'RolloutStepAdvanced',
      Cause & { readonly step: string; readonly percent: number; readonly evidence: JsonObject }
    >
  | OfRollout<
      'RolloutHeld',
      Cause & { readonly step: string; readonly reason: string; readonly evidence: JsonObject }
    >
  | OfRollout<'RolloutPaused' | 'RolloutResumed', Cause & { readonly step: string; readonly reason: string }>
  | OfRollout<
      'RolledBack',
      Cause & {
        readonly step: string;
        readonly to: string | null;
        readonly automatic: boolean;
        readonly reasonCode: string;
        readonly reason: string;
        readonly evidence: JsonObject;
      }
    >
  | OfRollout<'BakeStarted', Cause & { readonly until: string }>
  | OfRollout<'RolloutCompleted', Cause & { readonly evidence: JsonObject }>
  | OfRelease<
      'AlertRaised',
      Cause & {
        readonly alertId: string;
        readonly severity: 'page' | 'ticket';
        readonly signal: string;
        readonly reason: string;
        readonly numbers: JsonObject;
      }
    >
  | OfRelease<'AlertResolved', Cause & { readonly alertId: string; readonly reason: string }>
  | OfRelease<
      'PermissionViolated',
      Cause & { readonly permission: string; readonly kind: string; readonly count: number }
    >
  | OfRelease<'CompatibilityMatrixUpdated', Cause & { readonly cells: readonly JsonObject[] }>
  | OfRelease<
      'LifecycleUpdated',
      { readonly evidence: readonly FileReference[]; readonly reason: string; readonly by: string }
    >
  | OfRelease<'ReleaseSignedOff'>
  | Of<
      'LateFactRecorded',
      Cause & {
        readonly release: string | null;
        readonly fact: string;
        readonly reason: string;
        readonly data: JsonObject;
      }
    >
  | OfRelease<'ReleaseWithdrawn' | 'ReleaseResubmitted', { readonly reason: string; readonly by: string }>
  | OfRelease<'RolloutRetried', { readonly reason: string; readonly by: string }>
  | OfRelease<
      'ReleaseDeprecated',
      { readonly reason: string; readonly by: string; readonly sunset: string | null }
    >
  | Of<
      'IntegrationSuspended' | 'IntegrationReinstated' | 'IntegrationRetired',
      { readonly reason: string; readonly by: string }
    >
  | Of<
      'IntegrationDeprecated',
      { readonly reason: string; readonly by: string; readonly sunset: string | null }
    >
  | OfRelease<'StewardshipScheduled', { readonly tasks: readonly StewardshipItem[] }>
  | Of<
      'StewardshipReminded' | 'StewardshipOverdue' | 'StewardshipEscalated',
      { readonly task: string; readonly dueAt: string }
    >
  | OfRelease<
      'StewardshipRecorded',
      {
        readonly task: string;
        readonly outcome: 'done' | 'failed';
        readonly reason: string;
        readonly by: string;
        readonly evidence: readonly FileReference[];
        readonly nextDueAt: string | null;
      }
    >;

/** Every event of the stream `integration-<id>`. */
export type IntegrationEvent = EarlyEvent | LaterEvent;
export type EventOf<Type extends IntegrationEvent['type']> = Extract<
  IntegrationEvent,
  { readonly type: Type }
>;
