import { z } from 'zod';
import {
  Digest,
  IntegrationId,
  Moment,
  ReleaseVersion,
  RiskLevel,
  RolloutType,
  SubmissionReference,
} from './parts.js';

const ofRelease = { integrationId: IntegrationId, release: ReleaseVersion };

/** Intake asks for a run: of the whole release (step 4) or of one preparation task's evidence (step 2). */
export const ValidationRequested = z.object({
  ...ofRelease,
  requestId: z.uuid(),
  purpose: z.enum(['release', 'preparation', 'stewardship']),
  /** The preparation task whose evidence is to be checked; null otherwise. */
  task: z.string().nullable(),
  submission: SubmissionReference,
  /** Live versions, newest first. */
  bases: z.array(SubmissionReference),
  asOf: Moment,
  /** Checks that the run performs; absent: all that belong to the purpose. */
  checks: z.array(z.string()).optional(),
});

/** Nobody waits for the run any more: the release was withdrawn, or what it looks at was replaced. */
export const ValidationCancelled = z.object({
  ...ofRelease,
  requestId: z.uuid(),
  /** The preparation task whose evidence was to be checked; null: the whole release. */
  task: z.string().nullable(),
  reason: z.string(),
});

/** Everything that rollout and monitoring must know of a release; the immutable release record is made from it. */
export const RolloutRequested = z.object({
  ...ofRelease,
  rolloutId: z.string(),
  /** The live version that is replaced, and to which a failing gate rolls back; null for the first. */
  previous: ReleaseVersion.nullable(),
  type: RolloutType,
  /** The waiver that allows a type laxer than the computed one; absent or null where there is none. */
  typeWaiver: z.object({ body: z.string(), reason: z.string() }).nullable().optional(),
  risk: z.object({ level: RiskLevel, reasons: z.array(z.string()) }),
  subject: z.enum(['integration', 'capability', 'tier']),
  /** Digests of contract, workflows, permissions, bundle, migration guide, manifest … by name. */
  record: z.record(z.string(), Digest),
  /** The manifest's `fallback` entries as they were validated. */
  fallback: z.array(z.record(z.string(), z.json())),
  /** Workspaces exposed first in a controlled rollout. */
  allowList: z.object({ internal: z.array(z.string()), partners: z.array(z.string()) }),
  partnerOnly: z.boolean(),
  watched: z.object({
    operations: z.array(z.string()),
    workflows: z.array(z.string()),
    permissions: z.array(z.object({ id: z.string(), actions: z.array(z.string()) })),
    extensions: z.array(z.string()),
    /** Hosts that extensions may call (the manifest's `network.egress`); absent: not told, so targets are not judged. */
    egress: z.array(z.string()).optional(),
    slos: z.array(z.object({ signal: z.string(), objective: z.number(), period: z.string() })),
  }),
  accountable: z.object({ contact: z.string(), sponsor: z.string() }),
  requestedAt: Moment,
});

const ofRollout = { ...ofRelease, rolloutId: z.string() };

/** A body's decision that lets a rollout enter a step. */
export const RolloutStepApproved = z.object({
  ...ofRollout,
  step: z.string(),
  body: z.string(),
  reason: z.string(),
  /** How many more votes it takes until the body has approved; absent: none. */
  stillNeeded: z.number().int().positive().optional(),
});
export const RolloutStepRejected = z.object({
  ...ofRollout,
  step: z.string(),
  body: z.string(),
  reason: z.string(),
});
/** A person asks for a pause, a resumption, a roll-back. */
export const RolloutPauseRequested = z.object({ ...ofRollout, reason: z.string() });
export const RolloutResumeRequested = z.object({ ...ofRollout, reason: z.string() });
export const RolloutRollbackRequested = z.object({
  ...ofRollout,
  reason: z.string(),
  /** Why it is asked for without anybody's doing; absent: a person asks. */
  code: z.enum(['permission-bypassed']).optional(),
});
/** A recorded waiver lets a rollout leave a hold for want of data. */
export const RolloutHoldWaived = z.object({
  ...ofRollout,
  step: z.string(),
  body: z.string(),
  reason: z.string(),
  /** The waiver's last moment; absent: as long as the stage of the rollout lasts. */
  until: Moment.optional(),
});

export const StepEntered = z.object({ ...ofRelease, step: z.number().int().min(1).max(7) });
export const ReleaseWithdrawn = z.object({ ...ofRelease, reason: z.string() });
export const ReleaseSignedOff = z.object({ ...ofRelease });
export const ReleaseDeprecated = z.object({ ...ofRelease, reason: z.string(), sunset: Moment.nullable() });
export const IntegrationSuspended = z.object({ integrationId: IntegrationId, reason: z.string() });
export const IntegrationReinstated = z.object({ integrationId: IntegrationId, reason: z.string() });
export const IntegrationDeprecated = z.object({
  integrationId: IntegrationId,
  reason: z.string(),
  sunset: Moment.nullable(),
});
export const IntegrationRetired = z.object({ integrationId: IntegrationId, reason: z.string() });
