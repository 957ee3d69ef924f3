import { z } from 'zod';
import {
  CheckOutcome,
  Digest,
  Finding,
  IntegrationId,
  Moment,
  ReleaseVersion,
  ValidationKind,
} from './parts.js';

const ofRun = {
  integrationId: IntegrationId,
  release: ReleaseVersion,
  runId: z.string(),
  requestId: z.uuid(),
};

export const RunStarted = z.object({
  ...ofRun,
  purpose: z.enum(['release', 'preparation', 'stewardship']),
  checks: z.array(z.string()),
});

export const CheckFinished = z.object({
  ...ofRun,
  check: z.string(),
  kind: ValidationKind,
  outcome: CheckOutcome,
  summary: z.string(),
  findings: z.array(Finding).max(200),
  /** All findings, if they were more than 200: an artefact. */
  findingsArtifact: Digest.nullable(),
});

/** The run ends without a verdict: intake, which asked for it, has cancelled it. */
export const RunCancelled = z.object({ ...ofRun, reason: z.string() });

/** The verdict of a run. `outcome` is passed only when every check passed; waivers are judged by intake, not here. */
export const RunFinished = z.object({
  ...ofRun,
  purpose: z.enum(['release', 'preparation', 'stewardship']),
  task: z.string().nullable(),
  /** Why the service ran it by itself; absent: intake asked for it. */
  because: z.enum(['platform-released']).optional(),
  outcome: z.enum(['passed', 'failed', 'inconclusive']),
  checks: z.array(
    z.object({
      check: z.string(),
      kind: ValidationKind,
      outcome: CheckOutcome,
      summary: z.string(),
      /** Findings that block. */
      blocking: z
        .array(
          z.object({
            ruleId: z.string(),
            fingerprint: Digest,
            message: z.string(),
            file: z.string(),
            pointer: z.string(),
          }),
        )
        .max(100),
      warnings: z.number().int().nonnegative(),
    }),
  ),
  /** What the computed risk is made from. */
  facts: z.object({
    breaking: z.boolean(),
    semver: z.enum(['major', 'minor', 'patch', 'none']),
    newPermissions: z.array(z.string()),
    newWorkflows: z.array(z.string()),
    newExtensions: z.array(z.string()),
    partnerOnly: z.boolean(),
    forbiddenNear: z.boolean(),
    changedSections: z.array(z.string()),
  }),
  inputs: z.record(z.string(), Digest),
  ruleset: z.string(),
  registryVersion: z.number().int().nonnegative(),
});

export const MatrixUpdated = z.object({
  integrationId: IntegrationId,
  release: ReleaseVersion,
  cells: z.array(
    z.object({
      platformVersion: z.string(),
      environment: z.string(),
      state: z.enum([
        'compatible',
        'compatible-with-fallback',
        'incompatible',
        'waived',
        'unknown',
        'not-applicable',
        'stale',
      ]),
      reason: z.string(),
      runId: z.string().nullable(),
    }),
  ),
});

export const PermissionRegistryChanged = z.object({
  registryVersion: z.number().int().positive(),
  permission: z.string(),
  status: z.enum(['proposed', 'active', 'retired']),
});

const ofRevocation = {
  integrationId: IntegrationId,
  release: ReleaseVersion,
  permission: z.string(),
  /** `unused`: held and not used; `undeclared`: used and not held. */
  ground: z.enum(['unused', 'undeclared']),
};

/** A permission should be taken from a live release: the body of the registry decides (PM210). */
export const RevocationProposed = z.object({
  ...ofRevocation,
  /** null where it was never granted. */
  grantedAt: Moment.nullable(),
  /** null: never. */
  lastUsedAt: Moment.nullable(),
  /** The stretch of telemetry that was looked at; null where single uses are the evidence. */
  window: z.object({ from: Moment, to: Moment }).nullable(),
  /** Uses without a grant. */
  count: z.number().int().nonnegative(),
});
/** What was proposed has no ground any more. */
export const RevocationLapsed = z.object({ ...ofRevocation, reason: z.string() });
export const RevocationDecided = z.object({
  ...ofRevocation,
  decision: z.enum(['accepted', 'rejected']),
  /** From which the permission is taken; none when it was rejected. */
  releases: z.array(ReleaseVersion),
  reason: z.string(),
  by: z.string(),
  at: Moment,
});
