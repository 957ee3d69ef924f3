import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeChanges } from './fix-folder.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kwanus-write-'));
  writeFileSync(join(dir, 'a'), 'old a');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const changes = ['a', 'b'].map((path) => ({ path, before: `old ${path}`, after: `new ${path}` }));
const refuse = { message: expect.stringContaining('nothing is written') };

describe('writeChanges', () => {
  it('writes nothing at all where one of the files has changed since it was read', async () => {
    writeFileSync(join(dir, 'b'), 'saved by an editor');
    await expect(writeChanges(dir, changes)).rejects.toMatchObject(refuse);
    expect(['a', 'b'].map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual([
      'old a',
      'saved by an editor',
    ]);
    expect(readdirSync(dir).sort()).toEqual(['a', 'b']);
  });

  it('replaces no link, and keeps bytes that are no text', async () => {
    symlinkSync(join(dir, 'a'), join(dir, 'b'));
    await expect(writeChanges(dir, [{ path: 'b', before: 'old a', after: 'x' }])).rejects.toMatchObject(
      refuse,
    );
    writeFileSync(join(dir, 'a'), Buffer.from([0x6f, 0xff]));
    const decoded = new TextDecoder().decode(Buffer.from([0x6f, 0xff]));
    await expect(writeChanges(dir, [{ path: 'a', before: decoded, after: 'x' }])).rejects.toMatchObject(
      refuse,
    );
  });
});
