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
  const place = join(folder, inside);
  const entries = await readdir(place, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(place, error);
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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there: name the folder of a submission.',
  ENOTDIR: 'is no folder: name the folder that holds kwanus.yaml.',
  EACCES: 'may not be read: give yourself the right to.',
};

function unreadable(place: string, error: unknown): Error {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) throw error;
  return new FolderRefused('not-a-folder', `${place} ${reason}`);
}

async function readInto(folder: string, path: string, contents: Map<string, Uint8Array>): Promise<void> {
  if (contents.size === MAX_FILES)
    throw new FolderRefused(
      'too-many-files',
      `${folder} holds more than ${MAX_FILES} files: name the folder of the submission.`,
    );
  const place = join(folder, path);
  const { size } = await lstat(place);
  if (size > MAX_FILE_BYTES)
    throw new FolderRefused('too-large', `${path} has ${size} bytes; ${MAX_FILE_BYTES} are taken.`);
  const bytes = await readFile(place).catch((error: unknown) => {
    throw unreadable(place, error);
  });
  contents.set(path, bytes);
}

const fileOf = (path: string, bytes: Uint8Array): SubmissionFile => ({
  path,
  digest: createHash('sha256').update(bytes).digest('hex'),
  size: bytes.byteLength,
  mediaType: mediaTypeOf(path),
});
