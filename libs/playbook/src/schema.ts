import { RISK_LEVELS, ROLLOUT_TYPES, SUBJECTS, VALIDATION_KINDS } from '@kwanus/domain-playbook';
import { z } from 'zod';

const Id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'is letters, digits and hyphens');
const Words = z.string().min(1).max(300);
const Requirement = z.string().regex(/^PB-\d+\.\d+$/, 'is a row of the requirements, for example PB-3.01');
const Version = z.string().regex(/^\d+\.\d+(?:-[a-z]+)?$/, 'is a version, for example 1.0 or 1.0-demo');
const clock = '(?:T(?!$)(?:\\d+H)?(?:\\d+M)?(?:\\d+(?:\\.\\d+)?S)?)?$';
/** A span whose length does not depend on the calendar. */
const Span = z
  .string()
  .regex(
    new RegExp(`^P(?!$)(?:\\d+W)?(?:\\d+D)?${clock}`),
    'is an ISO 8601 duration without years and months, for example PT1H',
  );
const Duration = z
  .string()
  .regex(
    new RegExp(`^P(?!$)(?:\\d+Y)?(?:\\d+M)?(?:\\d+W)?(?:\\d+D)?${clock}`),
    'is an ISO 8601 duration, for example P1Y',
  );
const Covered = z
  .string()
  .regex(
    /^(?:document:\w+|manifest:\w+|contract|everything)$/,
    'is document:<id>, manifest:<section>, contract or everything',
  );
const Count = z.number().int().nonnegative();
const Ratio = z.number().gt(0).lt(1);

const RolloutStep = z.strictObject({
  id: Id,
  allowList: z.enum(['none', 'internal', 'partners']),
  percent: z.number().min(0).max(100),
  minDwell: Span,
  minRequests: Count,
  approvals: z.array(Id),
});
const Rollout = z.strictObject({
  type: z.enum(ROLLOUT_TYPES),
  forLevel: z.enum(RISK_LEVELS),
  steps: z.array(RolloutStep).min(1),
  bake: Span,
  bakeMinRequests: Count,
  alpha: Ratio,
  margin: z.number().min(0).max(1),
  askAfter: Span,
  rollbackWithin: Span,
  progressDeadline: Span.optional(),
});
const Burn = z.strictObject({
  id: Id,
  severity: z.enum(['page', 'ticket']),
  budget: Ratio,
  long: Span,
  short: Span,
});
const Signal = z.strictObject({
  id: z.enum(['api-errors', 'workflow-reliability', 'permission-usage', 'extension-behaviour']),
  title: Words,
  objective: Ratio,
  period: Span,
  requirement: Requirement,
});
const RISKS = [
  'new-permission',
  'new-workflow',
  'forbidden-near',
  'breaking-change',
  'partner-only',
  'medium-scope-change',
  'new-extension',
  'first-release',
] as const;

const RiskRule = z
  .strictObject({
    id: Id,
    when: z.enum(RISKS),
    sections: z.array(z.string()).min(1).optional(),
    level: z.enum(RISK_LEVELS),
    title: Words,
  })
  .refine(({ when, sections }) => (when === 'medium-scope-change') === (sections !== undefined), {
    message: '`sections` belong to `medium-scope-change`, and only there',
    path: ['sections'],
  });

/** A whole playbook as it stands in its file. */
export const PlaybookFile = z
  .strictObject({
    version: Version,
    title: Words,
    subjects: z.array(z.enum(SUBJECTS)).min(1),
    bodies: z
      .array(z.strictObject({ id: Id, name: Words, field: Words, quorum: z.number().int().min(1).max(20) }))
      .min(1),
    documents: z.array(
      z.strictObject({
        id: Id,
        title: Words,
        section: z.enum(['proposal', 'docs']),
        required: z.boolean(),
        requirement: Requirement,
      }),
    ),
    tasks: z.array(
      z.strictObject({
        id: Id,
        title: Words,
        phase: z.enum(['preparation', 'implementation']),
        verified: z.boolean(),
        covers: z.array(Covered),
        requirement: Requirement,
      }),
    ),
    decisions: z.array(
      z.strictObject({
        id: z
          .string()
          .regex(/^(?:approval|checkpoint|sign-off):[A-Za-z-]+$/, 'is kind:name, for example approval:TSC'),
        kind: z.enum(['approval', 'checkpoint', 'sign-off']),
        name: Id,
        title: Words,
        body: Id,
        covers: z.array(Covered).min(1),
        dueWithin: Span,
        requirement: Requirement,
      }),
    ),
    checks: z.array(
      z.strictObject({
        id: Id,
        title: Words,
        kind: z.enum(VALIDATION_KINDS),
        waivableBy: Id.nullable(),
        requirement: Requirement,
      }),
    ),
    steps: z
      .array(
        z.strictObject({
          number: z.literal([1, 2, 3, 4, 5, 6, 7]),
          id: Id,
          title: Words,
          requires: z.array(z.string()).min(1),
        }),
      )
      .length(7),
    risk: z.array(RiskRule),
    rollouts: z.array(Rollout).min(1),
    monitoring: z.strictObject({
      window: Span,
      watermark: Span,
      silentWindows: z.number().int().positive(),
      signals: z.array(Signal).min(1),
      burn: z.array(Burn).min(1),
      probing: z.strictObject({ permissions: z.number().int().min(2), within: Span }),
      unused: z.strictObject({ after: Span, lookAgain: Span }).default({ after: 'P90D', lookAgain: 'P1D' }),
      minFailures: z.number().int().positive(),
    }),
    stewardship: z.array(
      z.strictObject({
        id: Id,
        title: Words,
        body: Id,
        every: Duration,
        remindBefore: Duration,
        escalateAfter: Duration,
        suspendAfter: Duration.nullable(),
        checks: z.array(Id).min(1).optional(),
        requirement: Requirement,
      }),
    ),
    waivers: z.strictObject({ maxDuration: Duration, never: z.array(z.string().min(1)), laxerRolloutBy: Id }),
    registry: z.strictObject({ body: Id }),
  })
  .meta({ id: 'Playbook' });
export type PlaybookFile = z.infer<typeof PlaybookFile>;

/** What an overlay may change: dwell and bake times, windows, watermark, burn windows, minimum requests. There is no other key. */
export const OverlayFile = z
  .strictObject({
    version: Version,
    overlays: Version,
    rollouts: z
      .array(
        z.strictObject({
          type: z.enum(ROLLOUT_TYPES),
          bake: Span.optional(),
          bakeMinRequests: Count.optional(),
          steps: z
            .array(z.strictObject({ id: Id, minDwell: Span.optional(), minRequests: Count.optional() }))
            .optional(),
        }),
      )
      .optional(),
    monitoring: z
      .strictObject({
        window: Span.optional(),
        watermark: Span.optional(),
        burn: z.array(z.strictObject({ id: Id, long: Span.optional(), short: Span.optional() })).optional(),
      })
      .optional(),
  })
  .meta({ id: 'PlaybookOverlay' });
export type OverlayFile = z.infer<typeof OverlayFile>;

/** @returns the JSON Schemas of both files, as committed beside the playbooks */
export const playbookJsonSchemas = (): { readonly playbook: object; readonly overlay: object } => ({
  playbook: z.toJSONSchema(PlaybookFile, { target: 'draft-2020-12' }),
  overlay: z.toJSONSchema(OverlayFile, { target: 'draft-2020-12' }),
});
