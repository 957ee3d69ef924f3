import { partnerIn } from '@kwanus/auth';
import { FileReference } from '@kwanus/contracts';
import type { Projection } from '@kwanus/event-store';
import type { Json } from '@kwanus/kernel';
import type { z } from 'zod';
import { integrationOf } from '../integration-streams.js';

/** Which partner's integrations refer to which artefacts: whatever stands in an event as a file reference. */
export const artifactReferences: Projection = {
  name: 'artifact_references',
  version: 1,
  tables: {
    artifact_reference: (table) =>
      `CREATE TABLE ${table} (partner text NOT NULL, digest text NOT NULL, media_type text NOT NULL, size integer NOT NULL, PRIMARY KEY (partner, digest))`,
  },
  apply: async ({ streamId, data }, write) => {
    const integrationId = integrationOf(streamId);
    if (integrationId === null) return;
    const references = fileReferencesIn(data);
    if (references.length === 0) return;
    await write.query(
      `INSERT INTO ${write.table('artifact_reference')} (partner, digest, media_type, size)
       SELECT $1, * FROM unnest($2::text[], $3::text[], $4::integer[]) ON CONFLICT (partner, digest) DO NOTHING`,
      [
        partnerIn(integrationId),
        references.map(({ digest }) => digest),
        references.map(({ mediaType }) => mediaType),
        references.map(({ size }) => size),
      ],
    );
  },
};

/** @returns every file reference in a value, at any depth */
export function fileReferencesIn(root: Json): readonly z.infer<typeof FileReference>[] {
  const found: z.infer<typeof FileReference>[] = [];
  const open: Json[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const reference = FileReference.safeParse(value);
    if (reference.success) found.push(reference.data);
    else open.push(...(Object.values(value) as Json[]));
  }
  return found;
}
