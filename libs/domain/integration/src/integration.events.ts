import type { Covered, RiskLevel, RolloutType, StepNumber, Subject } from '@kwanus/domain-playbook';
import type { JsonObject } from '@kwanus/kernel';
import type {
  Cause,
  CheckVerdict,
  FileReference,
  Of,
  OfRelease,
  OfRollout,
  Rank,
  SubmissionReference,
  Submitted,
  ValidationFacts,
  VoteKind,
  WaiverTarget,
} from './integration.parts.js';
import type { LaterEvent } from './later.events.js';

export type {
  CheckVerdict,
  Declared,
  FileReference,
  Rank,
  StewardshipItem,
  SubmissionReference,
  Submitted,
  ValidationFacts,
  VoteKind,
  WaiverTarget,
} from './integration.parts.js';

/** The run's verdict on one task's evidence; `requestId` says on which evidence. */
type OfEvidence = Cause & { readonly task: string; readonly runId: string; readonly requestId?: string };

/** From the proposal to the request for a rollout, and what people ask of a rollout. */
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
        readonly sponsor?: string | null;
        readonly note: string | null;
      }
    >
  | OfRelease<'EvidenceVerified', OfEvidence>
  | OfRelease<'EvidenceRefused', OfEvidence & { readonly findings: readonly string[] }>
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
        /** Absent: all that belong to the purpose. */
        readonly checks?: readonly string[];
      }
    >
  | OfRelease<
      'ValidationCancelled',
      { readonly requestId: string; readonly task: string | null; readonly reason: string }
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
  /** `because` is absent where its time is up. */
  | OfRelease<'WaiverExpired', { readonly waiverId: string; readonly because?: 'seat' }>
  | OfRollout<
      'RolloutRequested',
      {
        readonly previous: string | null;
        readonly type: RolloutType;
        readonly typeWaiver?: { readonly body: string; readonly reason: string };
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
        /** How many more votes it takes until the body has approved; absent: none. */
        readonly stillNeeded?: number;
      }
    >
  | OfRollout<'RolloutPauseRequested', { readonly reason: string; readonly by: string; readonly rank?: Rank }>
  | OfRollout<'RolloutResumeRequested', { readonly reason: string; readonly by: string }>
  | OfRollout<
      'RolloutRollbackRequested',
      {
        readonly reason: string;
        readonly by: string;
        /** Absent: a person asks. */
        readonly code?: 'permission-bypassed';
      }
    >
  | OfRollout<
      'RolloutHoldWaived',
      {
        readonly step: string;
        readonly body: string;
        readonly reason: string;
        readonly by: string;
        readonly until?: string;
      }
    >;

/** Every event of the stream `integration-<id>`. */
export type IntegrationEvent = EarlyEvent | LaterEvent;
export type EventOf<Type extends IntegrationEvent['type']> = Extract<
  IntegrationEvent,
  { readonly type: Type }
>;
