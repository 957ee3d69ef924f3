import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, opendir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Submission, SubmissionFile } from '@kwanus/checks-kit';
import { FolderRefused } from './errors.js';
import { manifestOf } from './manifest-of.js';
import { mediaTypeOf } from './media-type.js';

const MANIFESTS = ['kwanus.yaml', 'kwanus.yml', 'kwanus.json'];
const MAX_DEPTH = 20;

/** How much of a folder is taken. */
export interface FolderLimits {
  /** Names of whatever kind, those that are left out too. */
  readonly entries: number;
  readonly files: number;
  readonly fileBytes: number;
  readonly bytes: number;
}

const LIMITS: FolderLimits = {
  entries: 20_000,
  files: 1_000,
  fileBytes: 32 * 1024 * 1024,
  bytes: 512 * 1024 * 1024,
};

/**
 * Reads a folder as a submission: every regular file below it. Names that begin with a dot, `node_modules` and symbolic links inside the
 * folder are left out; bytes are read once, here, so that what is judged is what was hashed.
 * @throws FolderRefused no folder, no manifest, more than the limits say, a link that leads out of it, a manifest that can't be read
 */
export async function folderSubmission(
  folder: string,
  limits: Partial<FolderLimits> = {},
): Promise<Submission> {
  const contents = await new FolderReader(folder, { ...LIMITS, ...limits }).read();
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

/** Reads a folder, and stops where it becomes too much. */
class FolderReader {
  readonly #contents = new Map<string, Uint8Array>();
  #entries = 0;
  #bytes = 0;

  constructor(
    private readonly folder: string,
    private readonly limits: FolderLimits,
  ) {}

  async read(): Promise<ReadonlyMap<string, Uint8Array>> {
    await this.#readFolder('', 0);
    return this.#contents;
  }

  async #readFolder(inside: string, depth: number): Promise<void> {
    const entries = await this.#entriesOf(inside).catch((cause: unknown) => {
      throw cause instanceof FolderRefused ? cause : unreadable(join(this.folder, inside), cause);
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isSymbolicLink()) await this.#refuseOutside(path);
      else if (entry.isFile()) await this.#readFile(path);
      else if (entry.isDirectory() && depth < MAX_DEPTH) await this.#readFolder(path, depth + 1);
    }
  }

  /** One after another: a folder of a million names is never listed whole. */
  async #entriesOf(inside: string): Promise<Dirent[]> {
    const found: Dirent[] = [];
    for await (const entry of await opendir(join(this.folder, inside))) {
      this.#entries += 1;
      if (this.#entries > this.limits.entries) throw this.#tooMany(this.limits.entries, 'names');
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') found.push(entry);
    }
    return found;
  }

  async #refuseOutside(path: string): Promise<void> {
    const root = await realpath(this.folder);
    const target = await realpath(join(this.folder, path)).catch(() => null);
    if (target !== null && (target === root || target.startsWith(root + sep))) return;
    throw new FolderRefused(
      'link-outside',
      `${path} is a symbolic link that leads ${target === null ? 'nowhere' : 'out of the folder'}: put the file itself there, or take the link away.`,
    );
  }

  async #readFile(path: string): Promise<void> {
    const { files, fileBytes, bytes: most } = this.limits;
    if (this.#contents.size === files) throw this.#tooMany(files, 'files');
    const at = join(this.folder, path);
    const { size } = await lstat(at).catch((cause: unknown) => {
      throw unreadable(at, cause);
    });
    if (size > fileBytes)
      throw new FolderRefused('too-large', `${path} has ${size} bytes; ${fileBytes} are taken.`);
    this.#bytes += size;
    if (this.#bytes > most)
      throw new FolderRefused('too-large', `${this.folder} holds more than ${most} bytes, with ${path}.`);
    const bytes = await readFile(at).catch((cause: unknown) => {
      throw unreadable(at, cause);
    });
    this.#contents.set(path, bytes);
  }

  #tooMany(most: number, what: string): FolderRefused {
    return new FolderRefused(
      'too-many-files',
      `${this.folder} holds more than ${most} ${what}: name the folder of the submission.`,
    );
  }
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
