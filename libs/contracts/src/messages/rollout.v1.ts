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
