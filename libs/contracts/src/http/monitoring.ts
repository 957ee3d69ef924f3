import { z } from 'zod';
import { Counts } from '../messages/monitoring.v1.js';
import { IntegrationId, Moment, ReleaseVersion } from '../messages/parts.js';
import {
  ApiCall,
  ExtensionRun,
  MAX_TELEMETRY_BATCH,
  PermissionUse,
  WorkflowRun,
} from '../messages/telemetry.v1.js';

export { MAX_TELEMETRY_BATCH };

/** The path prefix under which the monitoring service answers. */
export const MONITORING_PREFIX = '/v1';

const attributes = {
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().min(1).max(500),
  subject: z.string().min(1).max(500).optional(),
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: z.literal('application/json').optional(),
  dataschema: z.string().max(500).optional(),
  traceparent: z.string().max(55).optional(),
  tracestate: z.string().max(512).optional(),
};

/** One piece of telemetry as a structured CloudEvent 1.0. Fields that nobody knows are refused. */
export const TelemetryEvent = z
  .discriminatedUnion('type', [
    z.strictObject({
      ...attributes,
      type: z.literal('kwanus.telemetry.api-call.v1'),
      data: z.strictObject(ApiCall.shape),
    }),
    z.strictObject({
      ...attributes,
      type: z.literal('kwanus.telemetry.workflow-run.v1'),
      data: z.strictObject(WorkflowRun.shape),
    }),
    z.strictObject({
      ...attributes,
      type: z.literal('kwanus.telemetry.permission-use.v1'),
      data: z.strictObject(PermissionUse.shape),
    }),
    z.strictObject({
      ...attributes,
      type: z.literal('kwanus.telemetry.extension.v1'),
      data: z.strictObject(ExtensionRun.shape),
    }),
  ])
  .meta({ id: 'TelemetryEvent' });

/** `application/cloudevents-batch+json` */
export const TelemetryBatch = z
  .array(TelemetryEvent)
  .min(1)
  .max(MAX_TELEMETRY_BATCH)
  .meta({ id: 'TelemetryBatch' });

/** The transport has acknowledged all of them; what they come to is seen once their windows are sealed. */
export const TelemetryAccepted = z
  .object({ accepted: z.number().int().positive() })
  .meta({ id: 'TelemetryAccepted' });

/** Why an alert is acknowledged or resolved. */
export const AlertReason = z
  .strictObject({ reason: z.string().trim().min(1).max(2_000) })
  .meta({ id: 'AlertReason' });

/** Where a command on an alert left it. */
export const AlertCommitted = z
  .object({ alertId: z.string(), version: z.number().int().positive() })
  .meta({ id: 'AlertCommitted' });

/** An alert and what became of it. */
export const AlertView = z
  .object({
    alertId: z.string(),
    integrationId: IntegrationId,
    release: ReleaseVersion,
    severity: z.enum(['page', 'ticket']),
    signal: z.string(),
    status: z.enum(['open', 'acknowledged', 'resolved']),
    reason: z.string(),
    numbers: z.record(z.string(), z.json()),
    raisedAt: Moment,
    raisedTimes: z.number().int().positive(),
    acknowledged: z.object({ by: z.string(), at: Moment, reason: z.string() }).nullable(),
    resolved: z.object({ at: Moment, reason: z.string() }).nullable(),
    delivery: z.enum(['none', 'delivered', 'failed']),
    version: z.number().int().positive(),
  })
  .meta({ id: 'AlertView' });

/** A page of alerts, the latest first. */
export const AlertPage = z
  .object({ items: z.array(AlertView), next: z.string().nullable() })
  .meta({ id: 'AlertPage' });

const SloBurn = z.object({
  rule: z.string(),
  severity: z.enum(['page', 'ticket']),
  factor: z.number(),
  /** Null: no request in that window, so nothing is known. */
  long: z.number().nullable(),
  short: z.number().nullable(),
  firing: z.boolean(),
  unreachable: z.boolean(),
  lowTraffic: z.boolean(),
});

/** One promise, held against sealed windows. Null means unknown, never 0 errors. */
export const SloView = z
  .object({
    integrationId: IntegrationId,
    release: ReleaseVersion,
    signal: z.string(),
    of: z.string().nullable(),
    objective: z.number(),
    period: z.string(),
    counts: Counts,
    budget: z.object({
      allowed: z.number().nullable(),
      consumed: z.number().nullable(),
      left: z.number().nullable(),
      exhaustedInMs: z.number().nullable(),
    }),
    burn: z.array(SloBurn),
    /** Who answers for the release; null while monitoring has not heard of it. */
    accountable: z.object({ contact: z.string(), sponsor: z.string() }).nullable(),
    /** End of the last sealed window; null: none. */
    sealedTo: Moment.nullable(),
  })
  .meta({ id: 'SloView' });

/** A page of integrations' promises. */
export const SloPage = z
  .object({ items: z.array(SloView), next: z.string().nullable() })
  .meta({ id: 'SloPage' });

const LatencyView = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  maxMs: z.number(),
});

/** What one release did, over all sealed windows. */
export const UsageView = z
  .object({
    integrationId: IntegrationId,
    release: ReleaseVersion,
    sealedTo: Moment,
    observations: z.number().int().nonnegative(),
    /** Pieces of telemetry whose names no longer fitted under a cap; they are added up as `(other)`. */
    overflowed: z.number().int().nonnegative(),
    /** Pieces that came after their window was sealed; they are counted. */
    late: z.number().int().nonnegative(),
    workspaces: z.number().int().nonnegative(),
    operations: z.array(
      z.object({
        operation: z.string(),
        declared: z.boolean().nullable(),
        requests: z.number().int(),
        failures: z.number().int(),
        rejected: z.number().int(),
        errorRate: z.number(),
        latency: LatencyView,
      }),
    ),
    workflows: z.array(
      z.object({
        workflow: z.string(),
        declared: z.boolean().nullable(),
        succeeded: z.number().int(),
        failed: z.number().int(),
        timedOut: z.number().int(),
        fellBack: z.number().int(),
        cancelled: z.number().int(),
        latency: LatencyView,
      }),
    ),
    permissions: z.object({
      /** False while the grants are unknown: then the scope is not judged. */
      judged: z.boolean(),
      granted: z.array(z.string()),
      neverUsed: z.array(z.string()),
      used: z.number().int(),
      denied: z.number().int(),
      outOfScope: z.number().int(),
      bypassed: z.number().int(),
      items: z.array(
        z.object({
          permission: z.string(),
          granted: z.boolean().nullable(),
          allowed: z.number().int(),
          denied: z.number().int(),
        }),
      ),
    }),
    extensions: z.array(
      z.object({
        extension: z.string(),
        declared: z.boolean().nullable(),
        succeeded: z.number().int(),
        crashed: z.number().int(),
        timedOut: z.number().int(),
        /** Calls outside its declaration that the sandbox stopped. */
        denied: z.number().int(),
        latency: LatencyView,
        targets: z.array(
          z.object({ target: z.string(), count: z.number().int(), declared: z.boolean().nullable() }),
        ),
      }),
    ),
  })
  .meta({ id: 'UsageView' });

/** Usage of an integration's releases, the newest telemetry first. */
export const UsagePage = z
  .object({ items: z.array(UsageView), next: z.string().nullable() })
  .meta({ id: 'UsagePage' });
