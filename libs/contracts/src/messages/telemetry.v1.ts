import * as z from 'zod';
import { IntegrationId, Moment, ReleaseVersion } from './parts.js';

/** Most events that one batch may carry over HTTP. */
export const MAX_TELEMETRY_BATCH = 1_000;

const common = {
  integration: IntegrationId,
  release: ReleaseVersion,
  workspace: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'holds characters that can’t be printed'),
  at: Moment,
};
/** Printable text; `(other)` is what monitoring adds up under when there are too many names. */
const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?!\(other\)$)[^\p{Cc}\p{Cs}]+$/u, 'holds characters that can’t be printed, or is (other)');
const durationMs = z.number().nonnegative().max(86_400_000);

/** `kwanus.telemetry.api-call.v1` */
export const ApiCall = z.object({
  ...common,
  operation: name,
  status: z.number().int().min(100).max(599),
  durationMs,
});
/** `kwanus.telemetry.workflow-run.v1` */
export const WorkflowRun = z.object({
  ...common,
  workflow: name,
  outcome: z.enum(['succeeded', 'failed', 'timed-out', 'fell-back', 'cancelled']),
  durationMs,
});
/** `kwanus.telemetry.permission-use.v1` */
export const PermissionUse = z.object({
  ...common,
  permission: name,
  resource: name,
  decision: z.enum(['allowed', 'denied']),
});
/** `kwanus.telemetry.extension.v1` */
export const ExtensionRun = z.object({
  ...common,
  extension: name,
  outcome: z.enum(['succeeded', 'crashed', 'timed-out', 'denied']),
  durationMs,
  target: name.optional(),
});
