import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Submission, SubmissionFile } from '@kwanus/checks-kit';
import { FolderRefused } from './errors.js';
import { manifestOf } from './manifest-of.js';
import { mediaTypeOf } from './media-type.js';

const MANIFESTS = ['kwanus.yaml', 'kwanus.yml', 'kwanus.json'];
const MAX_FILES = 1_000;
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 20;

/**
 * Reads a folder as a submission: every regular file below it. Names that begin with a dot, `node_modules` and symbolic links are left
 * out; bytes are read once, here, so that what is judged is what was hashed.
 * @throws FolderRefused no folder, no manifest, more than 1000 files, a file over 32 MiB, a manifest that can't be read
 */
export async function folderSubmission(folder: string): Promise<Submission> {
  const contents = new Map<string, Uint8Array>();
  await readFolder(folder, '', 0, contents);
  const manifestPath = MANIFESTS.find((name) => contents.has(name));
  if (manifestPath === undefined)
    throw new FolderRefused(
      'no-manifest',
      `${folder} holds no kwanus.yaml. docs/tutorials/first-integration.md says what belongs into it.`,
    );
  const files = [...contents]
    .map(([path, bytes]) => fileOf(path, bytes))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const { manifest, integrationId, release, refusal } = manifestOf(contents.get(manifestPath), manifestPath);
  if (refusal !== null)
    throw new FolderRefused(
      'manifest-unreadable',
      `${manifestPath}${refusal.line === null ? '' : `:${refusal.line}`} ${refusal.message}.`,
    );
  const read = (path: string): Promise<Uint8Array | null> => Promise.resolve(contents.get(path) ?? null);
  return { integrationId, release, manifest, manifestPath, files, read };
}

async function readFolder(
  folder: string,
  inside: string,
  depth: number,
  contents: Map<string, Uint8Array>,
): Promise<void> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(join(folder, inside), cause);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) {
      if (depth < MAX_DEPTH) await readFolder(folder, path, depth + 1, contents);
    } else if (entry.isFile()) {
      await readInto(folder, path, contents);
    }
  }
}

async function readInto(folder: string, path: string, contents: Map<string, Uint8Array>): Promise<void> {
  if (contents.size === MAX_FILES)
    throw new FolderRefused(
      'too-many-files',
      `${folder} holds more than ${MAX_FILES} files: name the folder of the submission.`,
    );
  const { size } = await lstat(join(folder, path)).catch((cause: unknown) => {
    throw unreadable(join(folder, path), cause);
  });
  if (size > MAX_FILE_BYTES)
    throw new FolderRefused('too-large', `${path} has ${size} bytes; ${MAX_FILE_BYTES} are taken.`);
  const bytes = await readFile(join(folder, path)).catch((cause: unknown) => {
    throw unreadable(join(folder, path), cause);
  });
  contents.set(path, bytes);
}

const BECAUSE: Readonly<Record<string, string>> = {
  ENOENT: 'There is no {}: name the folder that holds kwanus.yaml.',
  ENOTDIR: '{} is a file: name the folder that holds kwanus.yaml.',
  EACCES: '{} may not be read by you: change its permissions, or run this as somebody who may.',
  EPERM: '{} may not be read by you: change its permissions, or run this as somebody who may.',
  ELOOP: '{} is a circle of symbolic links: name the folder itself.',
};
const OTHERWISE =
  '{} can’t be read: look whether its disk is well, and name the folder that holds kwanus.yaml.';

/** @returns what a person can do about a folder or file that the system does not give */
function unreadable(path: string, cause: unknown): FolderRefused {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return new FolderRefused(
    'not-a-folder',
    (BECAUSE[code] ?? OTHERWISE).replace('{}', () => path),
    { cause },
  );
}

const fileOf = (path: string, bytes: Uint8Array): SubmissionFile => ({
  path,
  digest: createHash('sha256').update(bytes).digest('hex'),
  size: bytes.byteLength,
  mediaType: mediaTypeOf(path),
});
