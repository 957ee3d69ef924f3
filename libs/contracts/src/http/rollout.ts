import { z } from 'zod';
import { Digest, IntegrationId, Moment, ReleaseVersion, RiskLevel, RolloutType } from '../messages/parts.js';

/** The path prefixes under which the rollout service answers. */
export const ROLLOUT_PREFIXES = ['/v1/releases', '/v1/rollouts', '/ofrep'] as const;

export const RolloutStatus = z.enum([
  'refused',
  'planned',
  'awaiting-approval',
  'ready',
  'running',
  'held',
  'awaiting-gate',
  'paused',
  'baking',
  'completed',
  'rolling-back',
  'rolled-back',
  'superseded',
]);

const RolloutStep = z.object({
  id: z.string(),
  percent: z.number(),
  allowList: z.enum(['none', 'internal', 'partners']),
  minDwell: z.string(),
  minRequests: z.number(),
  approvals: z.array(z.string()),
});

/** A rollout, where it stands, and what it waits for. */
export const RolloutView = z
  .object({
    rolloutId: z.string(),
    integrationId: IntegrationId,
    release: ReleaseVersion,
    previous: ReleaseVersion.nullable(),
    status: RolloutStatus,
    type: RolloutType,
    /** What the risk asks for; `type` may be stricter. */
    computed: RolloutType,
    risk: z.object({ level: RiskLevel, reasons: z.array(z.string()) }),
    policy: z.object({ version: z.string(), digest: Digest }),
    steps: z.array(RolloutStep),
    step: z.string(),
    stepIndex: z.number().int().nonnegative(),
    phase: z.enum(['step', 'bake']),
    /** Of workspaces that are not named in a list; 0 while nobody is exposed. */
    percent: z.number(),
    /** When the present stage began, pauses left out. */
    since: Moment.nullable(),
    requests: z.number().int().nonnegative(),
    minRequests: z.number().int().nonnegative(),
    minDwell: z.string(),
    approvals: z.array(z.object({ step: z.string(), body: z.string() })),
    /** Bodies that are waited for now. */
    awaiting: z.array(z.string()),
    waived: z.boolean(),
    hold: z
      .object({ code: z.string(), reason: z.string(), since: Moment, bodiesAsked: z.boolean() })
      .nullable(),
    verdict: z
      .object({
        window: z.object({ from: Moment, to: Moment }),
        verdict: z.string(),
        reasons: z.array(z.string()),
      })
      .nullable(),
    rollback: z
      .object({
        to: ReleaseVersion.nullable(),
        automatic: z.boolean(),
        code: z.string(),
        reason: z.string(),
        decidedAt: Moment,
        /** The numbers that decided it. */
        decision: z.json(),
        overdue: z.boolean(),
      })
      .nullable(),
    /** When it is looked at next, whatever else happens; null: only news move it. */
    dueAt: Moment.nullable(),
    plannedAt: Moment,
    version: z.number().int().positive(),
  })
  .meta({ id: 'RolloutView' });

/** A rollout that was refused before it was planned. */
export const RefusedRolloutView = z
  .object({
    rolloutId: z.string(),
    integrationId: IntegrationId,
    release: ReleaseVersion,
    status: z.literal('refused'),
    code: z.string(),
    reason: z.string(),
    version: z.number().int().positive(),
  })
  .meta({ id: 'RefusedRolloutView' });

export const AnyRolloutView = z.union([RolloutView, RefusedRolloutView]).meta({ id: 'AnyRolloutView' });

/** A page of rollouts, the latest first. */
export const RolloutPage = z
  .object({ items: z.array(AnyRolloutView), next: z.string().nullable() })
  .meta({ id: 'RolloutPage' });

/** The immutable record of a release, and its rollouts. */
export const ReleaseView = z
  .object({
    integrationId: IntegrationId,
    release: ReleaseVersion,
    previous: ReleaseVersion.nullable(),
    subject: z.enum(['integration', 'capability', 'tier']),
    record: z.record(z.string(), Digest),
    risk: z.object({ level: RiskLevel, reasons: z.array(z.string()) }),
    accountable: z.object({ contact: z.string(), sponsor: z.string() }),
    recordedAt: Moment,
    rollouts: z.array(z.object({ rolloutId: z.string(), openedAt: Moment })),
    withdrawn: z.boolean(),
    /** Of the stream that it is recorded in. */
    version: z.number().int().positive(),
  })
  .meta({ id: 'ReleaseView' });

/** A page of releases. */
export const ReleasePage = z
  .object({ items: z.array(ReleaseView), next: z.string().nullable() })
  .meta({ id: 'ReleasePage' });

/** Context of an OFREP evaluation: `targetingKey` is the workspace, `partner` the partner that it belongs to. */
export const FlagEvaluationContext = z
  .looseObject({ targetingKey: z.string().min(1).max(256), partner: z.string().max(64).optional() })
  .meta({ id: 'FlagEvaluationContext' });

/** Body of both OFREP evaluations (OpenFeature Remote Evaluation Protocol 0.3.0). */
export const FlagEvaluationRequest = z
  .looseObject({ context: FlagEvaluationContext })
  .meta({ id: 'FlagEvaluationRequest' });

/** Which release is on for the workspace. */
export const FlagValue = z.object({
  enabled: z.boolean(),
  release: ReleaseVersion.nullable(),
  /** Where its fallback leads. */
  previous: ReleaseVersion.nullable(),
});

/** An evaluated flag; there is always a `value`. */
export const FlagEvaluation = z
  .object({
    key: z.string(),
    value: FlagValue,
    reason: z.enum(['STATIC', 'TARGETING_MATCH', 'SPLIT', 'DISABLED']),
    variant: z.enum(['canary', 'stable', 'off']),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'FlagEvaluation' });

/** Every flag that the caller may see. */
export const BulkFlagEvaluation = z
  .object({ flags: z.array(FlagEvaluation) })
  .meta({ id: 'BulkFlagEvaluation' });

/** Why a flag could not be evaluated. */
export const FlagEvaluationFailure = z
  .object({
    key: z.string().optional(),
    errorCode: z.enum([
      'PARSE_ERROR',
      'TARGETING_KEY_MISSING',
      'INVALID_CONTEXT',
      'FLAG_NOT_FOUND',
      'GENERAL',
    ]),
    errorDetails: z.string(),
  })
  .meta({ id: 'FlagEvaluationFailure' });
