import { z } from 'zod';
import { Digest, IntegrationId, Moment, ReleaseVersion, RolloutType } from './parts.js';

const ofRollout = { integrationId: IntegrationId, release: ReleaseVersion, rolloutId: z.string() };
const step = {
  step: z.string(),
  stepIndex: z.number().int().nonnegative(),
  percent: z.number().min(0).max(100),
};

/** The numbers behind an outcome: whatever was compared, and with what. */
export const Evidence = z.record(z.string(), z.json());

export const Planned = z.object({
  ...ofRollout,
  type: RolloutType,
  previous: ReleaseVersion.nullable(),
  salt: z.string(),
  policyDigest: Digest,
  steps: z.array(
    z.object({
      id: z.string(),
      percent: z.number(),
      allowList: z.enum(['none', 'internal', 'partners']),
      minDwell: z.string(),
      minRequests: z.number(),
      approvals: z.array(z.string()),
    }),
  ),
});
export const ApprovalAwaited = z.object({ ...ofRollout, ...step, bodies: z.array(z.string()) });
/** Exposure begins. */
export const StepStarted = z.object({ ...ofRollout, ...step, at: Moment });
export const StepAdvanced = z.object({ ...ofRollout, ...step, evidence: Evidence });
export const Held = z.object({ ...ofRollout, ...step, reason: z.string(), evidence: Evidence });
export const Paused = z.object({ ...ofRollout, ...step, reason: z.string() });
export const Resumed = z.object({ ...ofRollout, ...step, reason: z.string() });
/** Exposure is back at zero; final. The numbers that decided it are in `evidence`. */
export const RolledBack = z.object({
  ...ofRollout,
  ...step,
  to: ReleaseVersion.nullable(),
  automatic: z.boolean(),
  reasonCode: z.string(),
  reason: z.string(),
  evidence: Evidence,
  decidedAt: Moment,
});
export const BakeStarted = z.object({ ...ofRollout, at: Moment, until: Moment });
export const Completed = z.object({ ...ofRollout, evidence: Evidence });

/** What was asked for can't be rolled out; final. A new request needs a new rollout id. */
export const Refused = z.object({ ...ofRollout, code: z.string(), reason: z.string() });
/** A hold has lasted for so long that the bodies are asked: more telemetry, a waiver, or a roll-back. */
export const BodiesAsked = z.object({
  ...ofRollout,
  ...step,
  bodies: z.array(z.string()),
  heldSince: Moment,
  reason: z.string(),
});
/** A roll-back has taken longer than was declared; `rolled-back` follows when exposure has ended. */
export const RollbackOverdue = z.object({ ...ofRollout, ...step, declared: z.string(), decidedAt: Moment });
/** Another release took its place before it was complete; final. */
export const Superseded = z.object({ ...ofRollout, ...step, by: z.string() });
/** The immutable record of a release. */
export const ReleaseRecorded = z.object({
  integrationId: IntegrationId,
  release: ReleaseVersion,
  record: z.record(z.string(), Digest),
  at: Moment,
});
