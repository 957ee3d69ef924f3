import { chmod, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileChange, type FixableFinding, folderSubmission, mend } from '@kwanus/checks-catalogue';
import { createTwoFilesPatch } from 'diff';
import { usage } from '../exit.js';
import { type CheckFolderOptions, contextOf, type LocalVerdict, localVerdict } from './check-folder.js';

/** A folder that was mended by machine, and what the checks say of it then. */
export interface FixedFolder {
  readonly verdict: LocalVerdict;
  readonly fixed: readonly FixableFinding[];
  readonly changes: readonly FileChange[];
}

/** Carries out every fix that needs nobody's decision; nothing is written. @throws FolderRefused, CommandFailed (2) */
export async function fixFolder(folder: string, options: CheckFolderOptions): Promise<FixedFolder> {
  const { verdict, mended, changes } = await mend(await folderSubmission(folder), await contextOf(options));
  return { verdict: localVerdict(verdict, options), fixed: mended, changes };
}

/** @returns the changes as `git apply` and `patch -p1` take them */
export const unifiedDiff = (changes: readonly FileChange[]): string =>
  changes
    .map(({ path, before, after }) =>
      createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
        context: 3,
      }).replace(/^=+\n/, ''),
    )
    .join('');

/**
 * Writes each file whole or not at all: a reader, or an end in between, never meets half of one. Nothing is written where a file is no longer
 * what was read, byte for byte.
 * @throws CommandFailed (2)
 */
export async function writeChanges(folder: string, changes: readonly FileChange[]): Promise<void> {
  const files = changes.map(({ path, before, after }) => {
    const file = join(folder, path);
    return { file, before, after, beside: join(dirname(file), `.${basename(file)}.${process.pid}.tmp`) };
  });
  try {
    for (const { file, beside, before, after } of files) {
      const entry = await lstat(file);
      if (!entry.isFile() || !(await readFile(file)).equals(Buffer.from(before)))
        throw usage(`${file} is not what was read any more: nothing is written. Run it again.`);
      await writeFile(beside, after, { flag: 'wx' });
      await chmod(beside, entry.mode);
    }
    for (const { file, beside } of files) await rename(beside, file);
  } finally {
    for (const { beside } of files) await rm(beside, { force: true });
  }
}
