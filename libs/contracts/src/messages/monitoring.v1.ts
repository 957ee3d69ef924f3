import { z } from 'zod';
import { IntegrationId, Moment, ReleaseVersion } from './parts.js';

const ofRelease = { integrationId: IntegrationId, release: ReleaseVersion };

/** Counts of one arm. Failures: responses 5xx, and workflow runs that failed, as the signal says. */
export const Counts = z.object({
  requests: z.number().int().nonnegative(),
  failures: z.number().int().nonnegative(),
});

export const Burn = z.object({
  rule: z.string(),
  severity: z.enum(['page', 'ticket']),
  factor: z.number(),
  long: z.number(),
  short: z.number(),
  failuresLong: z.number().int().nonnegative(),
  firing: z.boolean(),
  /** Requests in the long window; 0 means unknown, not fine. */
  requestsLong: z.number().int().nonnegative(),
  /** factor × (1 − objective) > 1: this rule can never fire for this objective. */
  unreachable: z.boolean(),
  /** Less than one failure of budget in the long window: only counts decide. */
  lowTraffic: z.boolean(),
});

/** One per sealed window of a rollout, and one when telemetry falls silent. Monitoring counts; rollout decides. */
export const GateVerdict = z.object({
  ...ofRelease,
  rolloutId: z.string(),
  window: z.object({ from: Moment, to: Moment }),
  /** Since the rollout began, by signal. `stable` is the previous release in the same time. */
  signals: z.array(
    z.object({
      signal: z.string(),
      /** The workflow, where the signal is of one. */
      of: z.string().nullable(),
      objective: z.number(),
      canary: Counts,
      stable: Counts,
      /** The window alone. */
      canaryWindow: Counts,
      stableWindow: Counts,
      burn: z.array(Burn),
    }),
  ),
  permissions: z.object({
    used: z.number().int().nonnegative(),
    denied: z.number().int().nonnegative(),
    outOfScope: z.number().int().nonnegative(),
    /** Allowed without a grant: the validator was bypassed. */
    bypassed: z.number().int().nonnegative(),
    neverUsed: z.array(z.string()),
    /** False while monitoring does not know the release's grants: then nothing can be said of the scope. */
    judged: z.boolean(),
  }),
  /** Windows in a row without telemetry of the canary; 0 when there is some. */
  silentWindows: z.number().int().nonnegative(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reasons: z.array(z.string()),
});

export const AlertRaised = z.object({
  ...ofRelease,
  alertId: z.string(),
  severity: z.enum(['page', 'ticket']),
  signal: z.string(),
  reason: z.string(),
  numbers: z.record(z.string(), z.json()),
});
export const AlertResolved = z.object({ ...ofRelease, alertId: z.string(), reason: z.string() });
export const PermissionViolated = z.object({
  ...ofRelease,
  permission: z.string(),
  kind: z.enum(['out-of-scope', 'bypassed']),
  count: z.number().int().positive(),
});

/** Held for as long as the playbook says, heard of, and not used: the evidence of a proposal to revoke it. */
export const PermissionUnused = z.object({
  ...ofRelease,
  permission: z.string(),
  grantedAt: Moment,
  /** null: never. */
  lastUsedAt: Moment.nullable(),
  window: z.object({ from: Moment, to: Moment }),
});
/** Telemetry shows use of what was said to be unused. */
export const PermissionUsedAgain = z.object({ ...ofRelease, permission: z.string(), lastUsedAt: Moment });
