import * as z from 'zod';

/** `<partner>.<name>`, each of lower-case letters, digits and inner hyphens. */
export const IntegrationId = z
  .string()
  .max(129)
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    'is no <partner>.<name>, for example acme.parcels',
  )
  .meta({ id: 'IntegrationId' });

/** Semantic version without build metadata. */
export const ReleaseVersion = z
  .string()
  .max(64)
  .regex(
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
    'is no semantic version without build metadata, for example 1.3.0',
  )
  .meta({ id: 'ReleaseVersion' });

export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is no SHA-256 of 64 lower-case hexadecimal digits; nothing stands before them')
  .meta({ id: 'Digest' });

/** RFC 3339 in UTC. */
export const Moment = z.iso.datetime({ offset: false }).meta({ id: 'Moment' });

/** A file of a submission: the bytes are in the artefact store under the digest. */
export const FileReference = z
  .object({
    path: z.string().min(1).max(512),
    digest: Digest,
    size: z.number().int().nonnegative(),
    mediaType: z.string().max(127),
  })
  .meta({ id: 'FileReference' });

/** One submitted version as the validation service needs it. */
export const SubmissionReference = z
  .object({ release: ReleaseVersion, manifestPath: z.string(), files: z.array(FileReference).max(1000) })
  .meta({ id: 'SubmissionReference' });

export const Finding = z
  .object({
    ruleId: z.string(),
    severity: z.enum(['blocks', 'warns', 'informs']),
    file: z.string(),
    pointer: z.string(),
    line: z.number().int().positive().nullable(),
    message: z.string(),
    why: z.string(),
    remedy: z.string(),
    fingerprint: Digest,
    facts: z.record(z.string(), z.json()).optional(),
  })
  .meta({ id: 'Finding' });

export const CheckOutcome = z.enum(['passed', 'failed', 'inconclusive', 'not-performed']);
export const ValidationKind = z.enum([
  'compatibility',
  'security',
  'workflow',
  'governance',
  'documentation',
]);
export const RolloutType = z.enum(['full', 'staged', 'controlled']);
export const RiskLevel = z.enum(['low', 'medium', 'high']);
