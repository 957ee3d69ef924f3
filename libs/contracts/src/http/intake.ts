import { z } from 'zod';
import { FileReference, IntegrationId, ReleaseVersion } from '../messages/parts.js';

export {
  ArtifactQuestion,
  ArtifactView,
  AuditVerification,
  MissingArtifacts,
  PlaybookPage,
  PlaybookView,
  StreamEvent,
} from './intake-documents.js';
export {
  AuditEventPage,
  AuditEventView,
  BodyPage,
  BodyView,
  DecisionItem,
  DecisionQueuePage,
  DecisionsView,
  DecisionView,
  DocumentView,
  GatesView,
  IntegrationPage,
  IntegrationSummary,
  IntegrationView,
  MissingView,
  PersonView,
  ReleaseSummary,
  ReleaseView,
  SignOffView,
  StepGate,
  StewardshipPage,
  StewardshipTaskView,
  StewardshipView,
  TaskView,
  ValidationsView,
  VoteView,
  WaiversView,
} from './intake-views.js';

/** The path prefix under which the intake service answers. */
export const INTAKE_PREFIX = '/v1';

/** A governance body's abbreviation. */
export const BodyId = z
  .string()
  .regex(/^[A-Z]{2,8}$/, 'is no body, for example TSC; GET /v1/bodies lists them')
  .meta({ id: 'BodyId' });

/** An actor as it stands in the log: opaque. */
export const ActorId = z
  .string()
  .regex(
    /^(?:person|service):[0-9a-f]{32}$/,
    'is no id of a person or service; GET /v1/bodies shows those of members',
  )
  .meta({ id: 'ActorId' });

/** Why somebody does something; it stands in the audit trail for ever, so no personal data belongs here. */
export const Reason = z.string().trim().min(1).max(2_000).meta({ id: 'Reason' });

const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not lower-case letters, digits and hyphens, at most 64');
const evidence = z.array(FileReference).min(1).max(50);

/**
 * Opens a release, or amends it: the files are in the artefact store already, the manifest is one of them. Partner, name and version
 * stand in the manifest alone.
 */
export const SubmitRelease = z
  .strictObject({
    manifest: z
      .string()
      .min(1)
      .max(512)
      .default('kwanus.yaml')
      .meta({ description: 'Path of the manifest among the files.' }),
    files: z.array(FileReference).min(1).max(1_000),
  })
  .meta({ id: 'SubmitRelease' });

/** A body's vote on a step-1 approval, a checkpoint, a step of a rollout, or the sign-off. */
export const RecordDecision = z
  .strictObject({
    release: ReleaseVersion,
    kind: z.enum(['approval', 'checkpoint', 'step', 'sign-off']),
    body: BodyId,
    name: Name.optional().meta({
      description:
        'Which checkpoint (`permission`) or rollout step; may be left out where the body has one only.',
    }),
    vote: z.enum(['approve', 'reject', 'withdraw']),
    reason: Reason,
    evidence: z.array(FileReference).max(50).default([]),
  })
  .meta({ id: 'RecordDecision' });

/** What was done for a task of step 2 or 3; the files are in the artefact store already. */
export const RecordEvidence = z
  .strictObject({ release: ReleaseVersion, evidence, note: Reason.optional() })
  .meta({ id: 'RecordEvidence' });

/** Asks for another run of the validations of step 4. */
export const RequestValidation = z
  .strictObject({ release: ReleaseVersion, reason: Reason.optional() })
  .meta({ id: 'RequestValidation' });

/** What a waiver accepts: one finding, whatever a check says, a rollout type laxer than the computed one, or a hold for want of data. */
export const WaiverTarget = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('finding'),
      check: Name,
      ruleId: z.string().min(1).max(64),
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'is no fingerprint of a finding: 64 lower-case hexadecimal digits'),
    }),
    z.strictObject({ kind: z.literal('check'), check: Name }),
    z.strictObject({ kind: z.literal('rollout-type'), rollout: z.enum(['full', 'staged', 'controlled']) }),
    z.strictObject({ kind: z.literal('rollout-hold'), step: Name }),
  ])
  .meta({ id: 'WaiverTarget' });

/** A body's member accepts what a check found, until a day. */
export const GrantWaiver = z
  .strictObject({
    release: ReleaseVersion,
    body: BodyId,
    target: WaiverTarget,
    reason: Reason,
    expiresAt: z.iso.datetime({ offset: true }),
  })
  .meta({ id: 'GrantWaiver' });

/** An annual task was done, or failed. */
export const RecordStewardship = z
  .strictObject({
    task: Name,
    outcome: z.enum(['done', 'failed']).default('done'),
    reason: Reason,
    evidence: z.array(FileReference).max(50).default([]),
  })
  .meta({ id: 'RecordStewardship' });

const ofRelease = { release: ReleaseVersion, reason: Reason };
const sunset = z.iso.datetime({ offset: true }).nullable().default(null);

/** A move in the life of a release (withdraw, resubmit, pause, resume, rollback, lifecycle-update) or of the whole integration. */
export const LifecycleMove = z
  .discriminatedUnion('move', [
    z.strictObject({ move: z.literal('withdraw'), ...ofRelease }),
    z.strictObject({ move: z.literal('resubmit'), ...ofRelease }),
    z.strictObject({ move: z.literal('pause'), ...ofRelease }),
    z.strictObject({ move: z.literal('resume'), ...ofRelease }),
    z.strictObject({ move: z.literal('rollback'), ...ofRelease }),
    z
      .strictObject({ move: z.literal('rollout'), ...ofRelease })
      .meta({ description: 'Another rollout after a roll-back.' }),
    z.strictObject({ move: z.literal('lifecycle-update'), ...ofRelease, evidence }),
    z.strictObject({
      move: z.literal('stricter-rollout'),
      ...ofRelease,
      rollout: z.enum(['full', 'staged', 'controlled']),
    }),
    z.strictObject({
      move: z.literal('deprecate'),
      release: ReleaseVersion.optional(),
      reason: Reason,
      sunset,
    }),
    z.strictObject({ move: z.literal('suspend'), reason: Reason }),
    z.strictObject({ move: z.literal('reinstate'), reason: Reason }),
    z.strictObject({ move: z.literal('retire'), reason: Reason }),
    z.strictObject({
      move: z.literal('adopt-playbook'),
      playbook: z.string().min(1).max(64),
      reason: Reason,
    }),
  ])
  .meta({ id: 'LifecycleMove' });

/** Proposes that somebody takes or leaves a seat; a second admin must confirm it. */
export const ProposeSeat = z
  .strictObject({ actor: ActorId, change: z.enum(['seat', 'unseat']), reason: Reason })
  .meta({ id: 'ProposeSeat' });

/** The second admin's word on a proposed change of seats. */
export const ConfirmSeat = z.strictObject({ reason: Reason }).meta({ id: 'ConfirmSeat' });

/** Where a command left the integration's stream; the version is the ETag too, and what `?minVersion=` takes. */
export const IntegrationCommitted = z
  .object({
    integrationId: IntegrationId,
    release: ReleaseVersion.nullable(),
    version: z.number().int().positive(),
  })
  .meta({ id: 'IntegrationCommitted' });

/** Where a command left the stream of seats. */
export const SeatsCommitted = z
  .object({ proposal: z.string(), version: z.number().int().positive() })
  .meta({ id: 'SeatsCommitted' });
