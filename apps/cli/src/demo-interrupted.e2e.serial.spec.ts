import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CLI = join(ROOT, 'dist/kwanus.js');

describe('a demo that is interrupted while it runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-interrupted-'));
  // As root PostgreSQL runs as a user of its own, which has to reach its folder.
  chmodSync(folder, 0o755);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const running = (): string[] =>
    spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => line.includes(folder));

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s ends with %i and leaves nothing running',
    async (name, code) => {
      const demo = spawn(process.execPath, [CLI, 'demo', '--exit', '--data-dir', join(folder, name)], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      demo.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      let up: string[] = [];
      createInterface({ input: demo.stdout }).on('line', (line) => {
        if (up.length > 0 || !line.includes('submits readme.developer-hub')) return;
        up = running();
        demo.kill(name);
      });
      const ended = await new Promise((resolve) => demo.once('close', resolve));
      expect({ ended, said }).toEqual({
        ended: code,
        said: `kwanus: The demo was interrupted (${name}). Nothing of it runs any more.\n`,
      });
      expect(up.length).toBeGreaterThan(1);
      expect(running()).toEqual([]);
    },
    120_000,
  );
});
