import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './command-line.js';

const GUARD = join(ROOT, 'libs/testing/infra/jest-guard.mjs');

describe('A test run that is cut off', () => {
  it('leaves neither processes nor files behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'run-'));
    writeFileSync(join(folder, 'left.txt'), 'left');
    const guard = spawn(process.execPath, [GUARD, folder], { stdio: ['pipe', 'inherit', 'inherit'] });
    const left = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1_000)', folder]);
    const other = spawn(process.execPath, [
      '-e',
      'setInterval(() => undefined, 1_000)',
      `${tmpdir()}/another`,
    ]);
    const ends = [once(left, 'exit'), once(guard, 'exit')];

    guard.stdin?.end();
    await Promise.all(ends);

    expect(left.signalCode).toBe('SIGKILL');
    expect(existsSync(folder)).toBe(false);
    expect(other.exitCode ?? other.signalCode).toBeNull();
    other.kill('SIGKILL');
  });
});
