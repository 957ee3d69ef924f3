import { z } from 'zod';
import { Digest, IntegrationId } from '../messages/parts.js';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** What the artefact store keeps under a digest. */
export const ArtifactView = z
  .object({ digest: Hash, size: z.number().int().nonnegative(), mediaType: z.string() })
  .meta({ id: 'ArtifactView' });

/** Digests about which a caller asks; as many as a submission has files at most. */
export const ArtifactQuestion = z
  .strictObject({ digests: z.array(Digest).min(1).max(1_000) })
  .meta({ id: 'ArtifactQuestion' });

/** Those of them under which the store keeps nothing that the caller may see. */
export const MissingArtifacts = z.object({ missing: z.array(Digest) }).meta({ id: 'MissingArtifacts' });

/** A playbook as data, every line of it. */
export const PlaybookView = z
  .object({ version: z.string(), title: z.string(), overlays: z.string().nullable(), digest: Hash })
  .catchall(z.json())
  .meta({ id: 'PlaybookView' });
export const PlaybookPage = page(
  z.object({ version: z.string(), title: z.string(), overlays: z.string().nullable(), digest: Hash }),
).meta({ id: 'PlaybookPage' });

/** What the verification of a stream's hash chain came to. */
export const AuditVerification = z
  .object({
    stream: z.string(),
    events: z.number().int().nonnegative(),
    intact: z.boolean(),
    /** Hash of the last event that holds. */
    head: Hash.nullable(),
    /** The first event that does not hold, and why. */
    broken: z.object({ number: z.number().int().positive(), reason: z.string() }).nullable(),
  })
  .meta({ id: 'AuditVerification' });

/** One message of `/v1/stream`. */
export const StreamEvent = z
  .object({
    integrationId: IntegrationId,
    number: z.number().int().positive(),
    eventId: z.uuid(),
    type: z.string(),
    release: z.string().nullable(),
    sentence: z.string(),
    recordedAt: z.string(),
  })
  .meta({ id: 'StreamEvent' });
