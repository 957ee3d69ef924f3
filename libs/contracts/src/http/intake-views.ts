import { z } from 'zod';
import {
  FileReference,
  IntegrationId,
  Moment,
  ReleaseVersion,
  RiskLevel,
  RolloutType,
} from '../messages/parts.js';

const Step = z.number().int().min(1).max(7);
const Subject = z.enum(['integration', 'capability', 'tier']);
const Version = z.number().int().nonnegative();
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** An actor; the name comes from the person directory, never from the log, and is the id where nobody of that id is known. */
export const PersonView = z.object({ id: z.string(), name: z.string() }).meta({ id: 'PersonView' });

/** What is missing, who must act, and the requirement of the playbook that it is. */
export const MissingView = z
  .object({ what: z.string(), who: z.string(), requirement: z.string() })
  .meta({ id: 'MissingView' });

/** Where a release stands: `in-progress`, `withdrawn`, `rolled-back`, `live`, `superseded`, `deprecated`, `retired` … */
export const ReleaseSummary = z
  .object({ release: ReleaseVersion, step: Step, status: z.string(), risk: RiskLevel.nullable() })
  .meta({ id: 'ReleaseSummary' });

/** One line of the list. */
export const IntegrationSummary = z
  .object({
    id: IntegrationId,
    partner: z.string(),
    name: z.string(),
    subject: Subject,
    status: z.string(),
    releases: z.array(ReleaseSummary),
    live: ReleaseVersion.nullable(),
    /** Bodies that have something to decide now. */
    waitingFor: z.array(z.string()),
    version: Version,
    updatedAt: Moment,
  })
  .meta({ id: 'IntegrationSummary' });
export const IntegrationPage = page(IntegrationSummary).meta({ id: 'IntegrationPage' });

/** A vote, and whether it still holds: a vote is in force while what it covers has the digests that it was given on. */
export const VoteView = z
  .object({
    by: PersonView,
    body: z.string(),
    vote: z.string(),
    reason: z.string(),
    at: Moment,
    inForce: z.boolean(),
    membershipVersion: z.number().int().nullable(),
  })
  .meta({ id: 'VoteView' });

/** A decision of the playbook and what came of it so far. */
export const DecisionView = z
  .object({
    release: ReleaseVersion,
    requirement: z.string(),
    kind: z.enum(['approval', 'checkpoint', 'step', 'sign-off']),
    name: z.string(),
    title: z.string(),
    body: z.string(),
    state: z.enum(['open', 'approved', 'rejected', 'not-yet']),
    quorum: z.number().int(),
    covers: z.array(z.string()),
    dueAt: Moment.nullable(),
    overdue: z.boolean(),
    votes: z.array(VoteView),
  })
  .meta({ id: 'DecisionView' });

/** Every decision that the playbook asks for. */
export const DecisionsView = z
  .object({ integrationId: IntegrationId, version: Version, items: z.array(DecisionView) })
  .meta({ id: 'DecisionsView' });

/** A task of step 2 or 3 with its evidence. */
export const TaskView = z
  .object({
    task: z.string(),
    title: z.string(),
    phase: z.enum(['preparation', 'implementation']),
    state: z.enum(['missing', 'recorded', 'verified', 'refused']),
    evidence: z.array(FileReference),
    by: PersonView.nullable(),
    at: Moment.nullable(),
  })
  .meta({ id: 'TaskView' });

/** A document by kind, content-addressed. */
export const DocumentView = z
  .object({
    release: ReleaseVersion,
    kind: z.string(),
    title: z.string(),
    section: z.enum(['proposal', 'docs']),
    requirement: z.string(),
    file: FileReference,
  })
  .meta({ id: 'DocumentView' });

/** One release, whole. */
export const ReleaseView = z
  .object({
    release: ReleaseVersion,
    step: Step,
    status: z.string(),
    subject: Subject,
    supersedes: ReleaseVersion.nullable(),
    submittedAt: Moment,
    proposers: z.array(PersonView),
    accountable: z.object({ contact: z.string(), sponsor: z.string() }),
    manifest: z.object({ path: z.string(), digest: Hash }),
    files: z.array(FileReference),
    documents: z.array(z.object({ kind: z.string(), section: z.string(), file: FileReference })),
    sections: z.record(z.string(), Hash),
    tasks: z.array(TaskView),
    risk: z.object({ level: RiskLevel, reasons: z.array(z.string()), rollout: RolloutType }).nullable(),
    rollout: z.record(z.string(), z.json()).nullable(),
  })
  .meta({ id: 'ReleaseView' });

/** One integration with all its releases, the newest first. */
export const IntegrationView = z
  .object({
    id: IntegrationId,
    partner: z.string(),
    name: z.string(),
    subject: Subject,
    status: z.string(),
    playbook: z.string(),
    live: ReleaseVersion.nullable(),
    releases: z.array(ReleaseView),
    version: Version,
    updatedAt: Moment,
  })
  .meta({ id: 'IntegrationView' });

/** One step of a release as a gate. */
export const StepGate = z
  .object({
    step: Step,
    id: z.string(),
    title: z.string(),
    state: z.enum(['passed', 'current', 'ahead']),
    /** True when nothing is missing at this moment. */
    open: z.boolean(),
    missing: z.array(MissingView),
  })
  .meta({ id: 'StepGate' });

/** What is missing and who must act, for every step of every live release, at a moment: waivers, approvals and windows expire. */
export const GatesView = z
  .object({
    integrationId: IntegrationId,
    /** Of the integration: `active`, `suspended`, `retired`. */
    status: z.string(),
    version: Version,
    asOf: Moment,
    releases: z.array(
      z.object({ release: ReleaseVersion, step: Step, status: z.string(), steps: z.array(StepGate) }),
    ),
  })
  .meta({ id: 'GatesView' });

/** One line of the audit trail. */
export const AuditEventView = z
  .object({
    /** 1, 2, 3 …: the version of the stream after it. */
    number: z.number().int().positive(),
    eventId: z.uuid(),
    type: z.string(),
    /** Of `data`; whoever folds the trail needs it. */
    schemaVersion: z.number().int().positive(),
    sentence: z.string(),
    reason: z.string().nullable(),
    release: ReleaseVersion.nullable(),
    actor: PersonView,
    occurredAt: z.string(),
    recordedAt: z.string(),
    playbookVersion: z.string().nullable(),
    correlationId: z.string(),
    causationId: z.string().nullable(),
    data: z.record(z.string(), z.json()),
    prevHash: Hash,
    hash: Hash,
  })
  .meta({ id: 'AuditEventView' });
export const AuditEventPage = page(AuditEventView).meta({ id: 'AuditEventPage' });

/** What a check came to, as intake recorded it. */
export const ValidationsView = z
  .object({
    integrationId: IntegrationId,
    version: Version,
    items: z.array(
      z.object({
        release: ReleaseVersion,
        kind: z.string(),
        outcome: z.string(),
        runId: z.string().nullable(),
        at: Moment.nullable(),
        summary: z.string(),
        blocking: z.array(z.record(z.string(), z.json())),
      }),
    ),
  })
  .meta({ id: 'ValidationsView' });

/** Waivers, those that ran out included. */
export const WaiversView = z
  .object({
    integrationId: IntegrationId,
    version: Version,
    items: z.array(
      z.object({
        waiverId: z.string(),
        release: ReleaseVersion,
        body: z.string(),
        target: z.record(z.string(), z.json()),
        reason: z.string(),
        by: PersonView,
        grantedAt: Moment,
        expiresAt: Moment,
        inForce: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'WaiversView' });

/** Who has signed, who has not, and what stands in the way. */
export const SignOffView = z
  .object({
    integrationId: IntegrationId,
    release: ReleaseVersion,
    version: Version,
    signedOff: z.boolean(),
    authorities: z.array(DecisionView),
    missing: z.array(MissingView),
  })
  .meta({ id: 'SignOffView' });

/** One annual task of an integration. */
export const StewardshipTaskView = z
  .object({
    integrationId: IntegrationId,
    partner: z.string(),
    task: z.string(),
    title: z.string(),
    body: z.string(),
    dueAt: Moment,
    remindAt: Moment.nullable(),
    state: z.enum(['scheduled', 'reminded', 'overdue', 'escalated']),
    lastDoneAt: Moment.nullable(),
  })
  .meta({ id: 'StewardshipTaskView' });
export const StewardshipView = z
  .object({ integrationId: IntegrationId, version: Version, items: z.array(StewardshipTaskView) })
  .meta({ id: 'StewardshipView' });
export const StewardshipPage = page(StewardshipTaskView).meta({ id: 'StewardshipPage' });

/** Something that a body has to decide, with its due date. */
export const DecisionItem = z
  .object({
    integrationId: IntegrationId,
    partner: z.string(),
    release: ReleaseVersion,
    requirement: z.string(),
    kind: z.string(),
    name: z.string(),
    title: z.string(),
    body: z.string(),
    openedAt: Moment,
    dueAt: Moment.nullable(),
    overdue: z.boolean(),
  })
  .meta({ id: 'DecisionItem' });
export const DecisionQueuePage = page(DecisionItem).meta({ id: 'DecisionQueuePage' });

/** A governance body, its seats, and changes of seats that wait for a second admin. */
export const BodyView = z
  .object({
    id: z.string(),
    name: z.string(),
    field: z.string(),
    quorum: z.number().int(),
    seats: z.array(PersonView),
    proposals: z.array(
      z.object({
        proposal: z.string(),
        change: z.string(),
        actor: PersonView,
        proposedBy: PersonView,
        reason: z.string(),
      }),
    ),
    version: Version,
  })
  .meta({ id: 'BodyView' });
export const BodyPage = page(BodyView).meta({ id: 'BodyPage' });
