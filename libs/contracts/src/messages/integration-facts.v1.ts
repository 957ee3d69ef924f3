import { z } from 'zod';
import {
  Digest,
  FileReference,
  IntegrationId,
  Moment,
  ReleaseVersion,
  RiskLevel,
  RolloutType,
} from './parts.js';
import * as validation from './validation.v1.js';

const ofIntegration = { integrationId: IntegrationId };
const ofRelease = { ...ofIntegration, release: ReleaseVersion };
const ofRollout = { ...ofRelease, rolloutId: z.string() };
/** The other service's event that the fact was recorded from. */
const cause = { cause: z.string() };
const decided = { reason: z.string(), by: z.string() };
const anything = z.record(z.string(), z.json());
const Subject = z.enum(['integration', 'capability', 'tier']);

export const IntegrationProposed = z.object({
  ...ofIntegration,
  partner: z.string(),
  name: z.string(),
  subject: Subject,
  playbook: z.string(),
  by: z.string(),
});
export const PlaybookAdopted = z.object({
  ...ofIntegration,
  playbook: z.string(),
  from: z.string(),
  ...decided,
});

const submitted = {
  ...ofRelease,
  manifestPath: z.string(),
  files: z.array(FileReference),
  /** Digest of everything that a decision can cover, and `everything`. */
  digests: z.record(z.string(), z.string()),
  /** What the submission declares, as far as the rules need it. */
  declared: anything,
  by: z.string(),
  sponsor: z.string().nullable(),
};
export const ReleaseOpened = z.object(submitted);
export const ReleaseAmended = z.object({ ...submitted, changed: z.array(z.string()) });

export const VoteRecorded = z.object({
  ...ofRelease,
  decision: z.string(),
  kind: z.enum(['approval', 'checkpoint', 'sign-off', 'step']),
  name: z.string(),
  body: z.string(),
  vote: z.enum(['approve', 'reject']),
  ...decided,
  covers: z.record(z.string(), z.string()),
  membershipVersion: z.number().int().nonnegative(),
  evidence: z.array(FileReference),
  attestation: z.string(),
});
export const VoteWithdrawn = z.object({ ...ofRelease, decision: z.string(), body: z.string(), ...decided });
export const VotesVoided = z.object({
  ...ofRelease,
  votes: z.array(z.object({ decision: z.string(), by: z.string(), changed: z.array(z.string()) })),
});

export const EvidenceRecorded = z.object({
  ...ofRelease,
  phase: z.enum(['preparation', 'implementation']),
  task: z.string(),
  evidence: z.array(FileReference),
  by: z.string(),
  /** Who answers for a service identity. */
  sponsor: z.string().optional(),
  note: z.string().nullable(),
});
const ofEvidence = {
  ...ofRelease,
  ...cause,
  task: z.string(),
  runId: z.string(),
  /** The run was asked for by this request: it says on which evidence. */
  requestId: z.string().optional(),
};
export const EvidenceVerified = z.object(ofEvidence);
export const EvidenceRefused = z.object({ ...ofEvidence, findings: z.array(z.string()) });
export const StepPassed = z.object({ ...ofRelease, step: z.number().int().min(1).max(7) });

/** What intake recorded of a finished run; three types, one for each outcome. */
export const ValidationConcluded = z.object({
  ...ofRelease,
  ...cause,
  runId: z.string(),
  requestId: z.string(),
  checks: z.array(anything),
  facts: anything,
  ruleset: z.string(),
  registryVersion: z.number().int().nonnegative(),
  inputs: z.record(z.string(), z.string()),
});
export const GovernanceValidated = z.object({
  ...ofRelease,
  outcome: z.enum(['passed']),
  digest: z.string(),
  membershipVersion: z.number().int().nonnegative(),
});
export const RiskAssessed = z.object({
  ...ofRelease,
  level: RiskLevel,
  reasons: z.array(z.string()),
  computed: RolloutType,
  type: RolloutType,
});
export const StricterRolloutChosen = z.object({ ...ofRelease, type: RolloutType, ...decided });
export const WaiverGranted = z.object({
  ...ofRelease,
  waiverId: z.string(),
  body: z.string(),
  target: anything,
  ...decided,
  expiresAt: Moment,
  membershipVersion: z.number().int().nonnegative(),
});
export const WaiverExpired = z.object({
  ...ofRelease,
  waiverId: z.string(),
  /** Why it ended before its time; absent where its time is up. */
  because: z.enum(['seat']).optional(),
});

/** What intake recorded of a rollout: the fields differ by type, the place does not. */
const rolloutFact = { ...ofRollout, ...cause };
const atStep = { ...rolloutFact, step: z.string() };
export const RolloutPlanned = z.object({ ...rolloutFact, type: RolloutType, steps: z.array(anything) });
export const RolloutApprovalAwaited = z.object({
  ...atStep,
  percent: z.number(),
  bodies: z.array(z.string()),
});
export const RolloutStepStarted = z.object({ ...atStep, percent: z.number() });
export const RolloutStepAdvanced = z.object({ ...atStep, percent: z.number(), evidence: anything });
export const RolloutHeld = z.object({ ...atStep, reason: z.string(), evidence: anything });
export const RolloutPaused = z.object({ ...atStep, reason: z.string() });
export const RolloutResumed = z.object({ ...atStep, reason: z.string() });
export const RolledBack = z.object({
  ...atStep,
  to: ReleaseVersion.nullable(),
  automatic: z.boolean(),
  reasonCode: z.string(),
  reason: z.string(),
  evidence: anything,
});
export const BakeStarted = z.object({ ...rolloutFact, until: Moment });
export const RolloutCompleted = z.object({ ...rolloutFact, evidence: anything });
export const RolloutRefused = z.object({ ...rolloutFact, code: z.string(), reason: z.string() });
export const RolloutSuperseded = z.object({ ...atStep, replacedBy: z.string(), reason: z.string() });
export const RolloutBodiesAsked = z.object({
  ...atStep,
  bodies: z.array(z.string()),
  heldSince: Moment,
  reason: z.string(),
});
export const RollbackOverdue = z.object({ ...atStep, declared: z.string(), decidedAt: Moment });
export const ReleaseRecorded = z.object({
  ...ofRelease,
  ...cause,
  record: z.record(z.string(), Digest),
  at: Moment,
});
export const RolloutRetried = z.object({ ...ofRelease, ...decided });

export const AlertRaised = z.object({
  ...ofRelease,
  ...cause,
  alertId: z.string(),
  severity: z.enum(['page', 'ticket']),
  signal: z.string(),
  reason: z.string(),
  numbers: anything,
});
export const AlertResolved = z.object({ ...ofRelease, ...cause, alertId: z.string(), reason: z.string() });
export const PermissionViolated = z.object({
  ...ofRelease,
  ...cause,
  permission: z.string(),
  kind: z.string(),
  count: z.number().int().positive(),
});
export const RevocationProposed = z.object({ ...validation.RevocationProposed.shape, ...cause });
export const RevocationLapsed = z.object({ ...validation.RevocationLapsed.shape, ...cause });
export const RevocationDecided = z.object({ ...validation.RevocationDecided.shape, ...cause });
export const CompatibilityMatrixUpdated = z.object({ ...ofRelease, ...cause, cells: z.array(anything) });
export const LifecycleUpdated = z.object({
  ...ofRelease,
  evidence: z.array(FileReference),
  ...decided,
  sponsor: z.string().optional(),
});
/** A fact of another service that came too late to change anything. */
export const LateFactRecorded = z.object({
  ...ofIntegration,
  ...cause,
  release: ReleaseVersion.nullable(),
  fact: z.string(),
  reason: z.string(),
  data: anything,
});
export const ReleaseResubmitted = z.object({ ...ofRelease, ...decided, sponsor: z.string().optional() });

export const StewardshipScheduled = z.object({
  ...ofRelease,
  tasks: z.array(z.object({ task: z.string(), dueAt: Moment })),
});
/** Reminded, overdue, escalated: three types of one shape. */
export const StewardshipDue = z.object({ ...ofIntegration, task: z.string(), dueAt: Moment });
export const StewardshipRecorded = z.object({
  ...ofRelease,
  task: z.string(),
  outcome: z.enum(['done', 'failed']),
  ...decided,
  evidence: z.array(FileReference),
  nextDueAt: Moment.nullable(),
});

/** The stream of the governance bodies' seats. */
export const SeatsBootstrapped = z.object({ seats: z.record(z.string(), z.array(z.string())) });
export const SeatChangeProposed = z.object({
  proposal: z.string(),
  body: z.string(),
  change: z.enum(['seat', 'unseat']),
  actor: z.string(),
  ...decided,
});
export const SeatChangeConfirmed = z.object({ proposal: z.string(), ...decided });
export const SeatChanged = z.object({ proposal: z.string(), body: z.string(), actor: z.string() });
