import { createHash } from 'node:crypto';
import type { Submission, SubmissionFile } from '@kwanus/checks-kit';
import { InputCorrupt } from './errors.js';
import { manifestOf } from './manifest-of.js';

/** A submission as messages carry it: files by digest. */
export interface DigestedReference {
  readonly integrationId: string;
  readonly release: string;
  readonly manifestPath: string;
  readonly files: readonly SubmissionFile[];
}

/**
 * Opens a submission whose files are kept by digest. What comes back is hashed again, each time.
 * @param readByDigest null when nothing is kept under the digest
 * @throws InputCorrupt on reading bytes that have another digest
 */
export async function digestedSubmission(
  reference: DigestedReference,
  readByDigest: (digest: string) => Promise<Uint8Array | null>,
): Promise<Submission> {
  const digests = new Map(reference.files.map(({ path, digest }) => [path, digest]));
  const read = async (path: string): Promise<Uint8Array | null> => {
    const digest = digests.get(path);
    const bytes = digest === undefined ? null : await readByDigest(digest);
    if (bytes === null || digest === undefined) return null;
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== digest) throw new InputCorrupt(path, digest, actual);
    return bytes;
  };
  const { manifest } = manifestOf(await read(reference.manifestPath), reference.manifestPath);
  return { ...reference, manifest, read };
}

/** @returns the submission as messages carry it */
export const referenceOf = ({
  integrationId,
  release,
  manifestPath,
  files,
}: Submission): DigestedReference => ({
  integrationId,
  release,
  manifestPath,
  files,
});
