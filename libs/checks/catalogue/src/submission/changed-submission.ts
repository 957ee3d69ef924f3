import { createHash } from 'node:crypto';
import type { Submission, SubmissionFile } from '@kwanus/checks-kit';
import { manifestOf } from './manifest-of.js';
import { mediaTypeOf } from './media-type.js';

/** @returns the submission with other contents of some of its files */
export async function changedSubmission(
  before: Submission,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<Submission> {
  const files = before.files.map((file) => {
    const bytes = contents.get(file.path);
    return bytes === undefined ? file : fileOf(file.path, bytes);
  });
  const read = (path: string): Promise<Uint8Array | null> => {
    const bytes = contents.get(path);
    return bytes === undefined ? before.read(path) : Promise.resolve(bytes);
  };
  const { manifestPath } = before;
  const { manifest, integrationId, release } = manifestOf(await read(manifestPath), manifestPath);
  return { integrationId, release, manifest, manifestPath, files, read };
}

const fileOf = (path: string, bytes: Uint8Array): SubmissionFile => ({
  path,
  digest: createHash('sha256').update(bytes).digest('hex'),
  size: bytes.byteLength,
  mediaType: mediaTypeOf(path),
});
