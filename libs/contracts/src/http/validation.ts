import { z } from 'zod';
import {
  CheckOutcome,
  Digest,
  Finding,
  IntegrationId,
  Moment,
  ReleaseVersion,
  ValidationKind,
} from '../messages/parts.js';
import { MatrixUpdated, RevocationProposed, RunFinished } from '../messages/validation.v1.js';

/** The path prefixes under which the validation service answers. */
export const VALIDATION_PREFIXES = ['/v1/validations', '/v1/permissions', '/v1/compatibility'] as const;

export const RunId = z.uuid();
const RunPurpose = z.enum(['release', 'preparation', 'stewardship']);
const RunStatus = z.enum(['requested', 'running', 'finished', 'cancelled']);
const RunOutcome = z.enum(['passed', 'failed', 'inconclusive']);

/** A run in a list. */
export const RunSummary = z
  .object({
    runId: RunId,
    integrationId: IntegrationId,
    release: ReleaseVersion,
    purpose: RunPurpose,
    task: z.string().nullable(),
    status: RunStatus,
    outcome: RunOutcome.nullable(),
    checksFinished: z.number().int().nonnegative(),
    checksTotal: z.number().int().nonnegative().nullable(),
    requestedAt: Moment,
    version: z.number().int().positive(),
  })
  .meta({ id: 'RunSummary' });

export const RunPage = z
  .strictObject({ items: z.array(RunSummary), next: z.string().nullable() })
  .meta({ id: 'RunPage' });

/** A run with every check and its findings: at most 200 each, all of them in the artefact. */
export const RunView = z
  .object({
    runId: RunId,
    integrationId: IntegrationId,
    release: ReleaseVersion,
    purpose: RunPurpose,
    task: z.string().nullable(),
    status: RunStatus,
    outcome: RunOutcome.nullable(),
    asOf: Moment,
    ruleset: z.string().nullable(),
    registryVersion: z.number().int().nonnegative().nullable(),
    platformVersions: z.array(z.string()),
    checks: z.array(
      z.object({
        check: z.string(),
        kind: ValidationKind,
        outcome: CheckOutcome,
        summary: z.string(),
        findings: z.array(Finding),
        findingsArtifact: Digest.nullable(),
      }),
    ),
    facts: RunFinished.shape.facts.nullable(),
    inputs: z.record(z.string(), Digest),
    verdictDigest: Digest.nullable(),
    version: z.number().int().positive(),
  })
  .meta({ id: 'RunView' });

/** `orders:read` */
export const PermissionId = z
  .string()
  .max(128)
  .regex(/^[a-z0-9][a-z0-9._-]*:[a-z0-9][a-z0-9._-]*$/, 'is no <resource>:<action>, for example orders:read')
  .meta({ id: 'PermissionId' });

const Reason = z.string().trim().min(1).max(2_000);
const Word = z.string().trim().min(1).max(100);

/** A permission that somebody wants the platform to know (PB-4.09). */
export const ProposePermission = z
  .strictObject({
    id: PermissionId,
    title: z.string().trim().min(1).max(200),
    owner: Word,
    resource: Word,
    actions: z.array(Word).min(1).max(50),
    privileged: z.boolean().default(false),
    tiers: z.array(Word).max(50).default([]),
    reason: Reason,
  })
  .meta({ id: 'ProposePermission' });

/** SCO lets a permission in, or takes it out. */
export const DecidePermission = z
  .strictObject({ decision: z.enum(['activate', 'retire']), reason: Reason })
  .meta({ id: 'DecidePermission' });

export const PermissionView = z
  .object({
    id: z.string(),
    title: z.string(),
    owner: z.string(),
    resource: z.string(),
    actions: z.array(z.string()),
    privileged: z.boolean(),
    tiers: z.array(z.string()),
    status: z.enum(['proposed', 'active', 'retired']),
    reason: z.string(),
  })
  .meta({ id: 'PermissionView' });

export const PartnerId = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    'is not lower-case letters, digits and inner hyphens, at most 64',
  );

/** SCO says of which tier a partner is; null: of none. */
export const GrantTier = z
  .strictObject({ tier: Word.nullable(), reason: Reason })
  .meta({ id: 'GrantTier', example: { tier: 'gold', reason: 'Signed the gold agreement.' } });

export const TierGranted = z
  .object({ partner: PartnerId, tier: z.string().nullable(), registryVersion: z.number().int().positive() })
  .meta({ id: 'TierGranted' });

/** The registry at a version. Partners see their own tier only. */
export const RegistryView = z
  .object({
    registryVersion: z.number().int().nonnegative(),
    permissions: z.array(PermissionView),
    tiers: z.array(z.object({ partner: z.string(), tier: z.string() })).default([]),
    /** What the platform publishes now; left out of the past, and where nothing is known of it. */
    events: z.array(z.object({ type: z.string(), versions: z.array(z.string()) })).optional(),
  })
  .meta({ id: 'RegistryView' });

export const RegistryCommitted = z
  .object({ permission: z.string(), registryVersion: z.number().int().positive() })
  .meta({ id: 'RegistryCommitted' });

const Named = z.string().min(1).max(200);

/** May an integration do this? Asked by whatever serves the call. */
export const PermissionQuestion = z
  .strictObject({
    integrationId: IntegrationId,
    /** Default: the release whose rollout began last. */
    release: ReleaseVersion.optional(),
    /** In which the integration works. */
    workspace: Named,
    action: Named,
    /** `type` as the registry writes it, `workspace` the one that it belongs to. */
    resource: z.strictObject({ type: Named, id: Named, workspace: Named }),
    /** Fields that are touched. */
    fields: z.array(Named).max(500).default([]),
  })
  .meta({
    id: 'PermissionQuestion',
    example: {
      integrationId: 'acme.parcels',
      workspace: 'w-17',
      action: 'read',
      resource: { type: 'order', id: 'o-1', workspace: 'w-17' },
      fields: ['id', 'status'],
    },
  });

/** What was decided, by which policies, and by which version of the registry. */
export const PermissionDecision = z
  .object({
    decision: z.enum(['allow', 'deny']),
    /** Ids of permissions, policies of the partner (`file#place`), or `boundary`; empty: nothing permits it. */
    policies: z.array(z.string()),
    reason: z.string(),
    integrationId: IntegrationId,
    /** null: no release may act. */
    release: ReleaseVersion.nullable(),
    registryVersion: z.number().int().nonnegative(),
    /** The moment that it was decided for. */
    at: Moment,
  })
  .meta({ id: 'PermissionDecision' });

export const RevocationStatus = z.enum(['open', 'accepted', 'rejected', 'lapsed']);

/** A permission that should be, or was, taken from a release. */
export const RevocationView = z
  .object({
    ...RevocationProposed.shape,
    status: RevocationStatus,
    /** Why it was decided so, or lapsed. */
    reason: z.string().nullable(),
    by: z.string().nullable(),
    decidedAt: Moment.nullable(),
    /** After a rejection. */
    askAgainFrom: Moment.nullable(),
    /** From which it was taken. */
    releases: z.array(ReleaseVersion),
  })
  .meta({ id: 'RevocationView' });

export const RevocationPage = z
  .strictObject({ items: z.array(RevocationView), next: z.string().nullable() })
  .meta({ id: 'RevocationPage' });

export const RevocationsView = z
  .object({
    integrationId: IntegrationId,
    items: z.array(RevocationView),
    version: z.number().int().positive(),
  })
  .meta({ id: 'RevocationsView' });

/** SCO takes the permission away, or lets it be kept. */
export const DecideRevocation = z
  .strictObject({ release: ReleaseVersion, decision: z.enum(['accepted', 'rejected']), reason: Reason })
  .meta({
    id: 'DecideRevocation',
    example: { release: '1.3.0', decision: 'accepted', reason: 'Nothing needs it any more.' },
  });

export const RevocationCommitted = RevocationView.extend({ version: z.number().int().positive() }).meta({
  id: 'RevocationCommitted',
});

export const MatrixCell = MatrixUpdated.shape.cells.element;

/** The rows of one integration. */
export const MatrixView = z
  .object({
    integrationId: IntegrationId,
    rows: z.array(z.object({ release: ReleaseVersion, cells: z.array(MatrixCell) })),
    version: z.number().int().nonnegative(),
  })
  .meta({ id: 'MatrixView' });

export const MatrixPage = z
  .strictObject({ items: z.array(MatrixView), next: z.string().nullable() })
  .meta({ id: 'MatrixPage' });

/** Whether a release may be rolled out beside the platform versions in service; unknown blocks. */
export const CanRollOut = z
  .object({
    integrationId: IntegrationId,
    release: ReleaseVersion,
    environment: z.string(),
    allowed: z.boolean(),
    answers: z.array(
      z.object({
        platformVersion: z.string(),
        allowed: z.boolean(),
        state: MatrixCell.shape.state,
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'CanRollOut' });
