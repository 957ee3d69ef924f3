import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CLI = join(ROOT, 'dist/kwanus.js');
/** A number that no machine gives a name to. */
const NAMELESS = 4_242_424;

/** What `kwanus up` says where it can't run: one line, exit code 2. */
describe('kwanus up', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-refusals-'));
  chmodSync(folder, 0o755);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const environment = (dataDir: string) => ({
    ...process.env,
    KWANUS_DATA_DIR: dataDir,
    KWANUS_PORT: '0',
    KWANUS_LOG_LEVEL: 'silent',
  });
  const up = (dataDir: string, user: { uid?: number; gid?: number } = {}) =>
    spawnSync(process.execPath, [CLI, 'up'], {
      cwd: ROOT,
      env: environment(dataDir),
      encoding: 'utf8',
      timeout: 60_000,
      ...user,
    });

  it('names pid and port of the host that has the folder already', async () => {
    const dataDir = join(folder, 'held');
    const first = spawn(process.execPath, [CLI, 'up'], {
      cwd: ROOT,
      env: environment(dataDir),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve) => {
      first.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('http://127.0.0.1:')) resolve();
      });
    });
    const second = up(dataDir);
    first.kill('SIGINT');
    await new Promise((resolve) => first.once('exit', resolve));
    expect(second.status).toBe(2);
    expect(second.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/Another host uses this data folder \(pid=\d+ port=\d+\)\. Stop it first/),
    ]);
  }, 120_000);

  it('names a variable that it can’t use', () => {
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'up'], {
      cwd: ROOT,
      env: { ...environment(folder), KWANUS_PORT: '99999' },
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^kwanus: The configuration can’t be used: +KWANUS_PORT is more than 65535\. /),
    ]);
  });

  // Only root runs PostgreSQL as somebody else, and only root may become nobody.
  if (process.getuid?.() === 0) {
    it('as root, in a folder that the user of PostgreSQL cannot enter, says what to do', () => {
      const locked = join(folder, 'locked');
      mkdirSync(locked, { mode: 0o700 });
      const { status, stderr } = up(join(locked, 'data'));
      expect(status).toBe(2);
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringMatching(
          /that user can't reach the folder .*Move the project to a folder that everybody may enter/,
        ),
      ]);
    });

    it('as a user without a name, says what to do', () => {
      const open = join(folder, 'nameless');
      mkdirSync(open);
      chmodSync(open, 0o777);
      const { status, stderr } = up(join(open, 'data'), { uid: NAMELESS, gid: NAMELESS });
      expect(status).toBe(2);
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringMatching(/The user 4242424 has no name on this machine, .*useradd --uid 4242424/),
      ]);
    });
  }
});
