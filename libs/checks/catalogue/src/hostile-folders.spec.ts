import { linkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { folderSubmission } from './index.js';

const MANIFEST = 'metadata: {partner: acme, name: a, version: 1.0.0}\n';

describe('a hostile folder', () => {
  let around: string;
  let folder: string;

  beforeEach(async () => {
    around = await mkdtemp(join(tmpdir(), 'kwanus-spec-'));
    folder = join(around, 'submission');
    await mkdir(join(folder, 'docs'), { recursive: true });
    await writeFile(join(folder, 'kwanus.yaml'), MANIFEST);
    await writeFile(join(around, 'secret.md'), 'x');
  });
  afterEach(() => rm(around, { recursive: true }));

  const paths = async (): Promise<readonly string[]> =>
    (await folderSubmission(folder)).files.map(({ path }) => path);

  it.each([
    ['a file elsewhere', '/etc/passwd', 'out of the folder'],
    ['a file beside it', '../../secret.md', 'out of the folder'],
    ['the folder around it', '../..', 'out of the folder'],
    ['a folder whose name begins as its own', '../../submission-of-others', 'out of the folder'],
    ['nothing', '../none.md', 'nowhere'],
    ['itself', 'link', 'nowhere'],
  ])('is refused where a symbolic link leads to %s', async (_, target, expected) => {
    await mkdir(join(around, 'submission-of-others'));
    await symlink(target, join(folder, 'docs/link'));
    await expect(folderSubmission(folder)).rejects.toMatchObject({
      code: 'link-outside',
      message: `docs/link is a symbolic link that leads ${expected}: put the file itself there, or take the link away.`,
    });
  });

  it('is taken without its links where they lead to what is in it, and through a link to it', async () => {
    await symlink('../kwanus.yaml', join(folder, 'docs/link'));
    await symlink('..', join(folder, 'docs/round'));
    expect(await paths()).toEqual(['kwanus.yaml']);
    await symlink(folder, join(around, 'way'));
    folder = join(around, 'way');
    expect(await paths()).toEqual(['kwanus.yaml']);
  });

  it('is taken up to its limits, and refused one past each', async () => {
    await writeFile(join(folder, 'docs/a.md'), 'four');
    await writeFile(join(folder, '.hidden'), 'x');
    const exact = { entries: 4, files: 2, fileBytes: MANIFEST.length, bytes: MANIFEST.length + 4 };
    expect((await folderSubmission(folder, exact)).files).toHaveLength(2);
    const refused = async (limit: keyof typeof exact) =>
      folderSubmission(folder, { ...exact, [limit]: exact[limit] - 1 }).then(
        () => 'taken',
        ({ code }: { code: string }) => code,
      );
    expect(await refused('entries')).toBe('too-many-files');
    expect(await refused('files')).toBe('too-many-files');
    expect(await refused('fileBytes')).toBe('too-large');
    expect(await refused('bytes')).toBe('too-large');
  });

  it('is not listed whole: of names without end a few thousand are looked at', async () => {
    const one = join(folder, 'docs/.one');
    await writeFile(one, '');
    for (let made = 1; made < 20_000; made += 1) linkSync(one, join(folder, `docs/.${made}`));
    await expect(folderSubmission(folder)).rejects.toMatchObject({
      code: 'too-many-files',
      message: `${folder} holds more than 20000 names: name the folder of the submission.`,
    });
  });
});
