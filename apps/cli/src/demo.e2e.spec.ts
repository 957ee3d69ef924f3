import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** The main job as a newcomer runs it, from the build: `kwanus demo --exit`. */
describe('the demo', () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-demo-'));
  // As root PostgreSQL runs as a user of its own, which has to reach its folder.
  chmodSync(folder, 0o755);
  let output = '';
  let code: number | null = null;

  beforeAll(async () => {
    const demo = spawn(
      process.execPath,
      [join(root, 'apps/cli/dist/main.js'), 'demo', '--exit', '--data-dir', join(folder, 'data')],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [demo.stdout, demo.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    code = await new Promise((resolve) => demo.once('exit', resolve));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('ends with 0', () => {
    expect({ code, end: code === 0 ? '' : output.slice(-2_000) }).toEqual({ code: 0, end: '' });
  });

  it('announces the overlay of the playbook in its first lines', () => {
    expect(output.split('\n').slice(0, 6).join('\n')).toContain('Playbook 1.0-demo is playbook 1.0');
  });

  it('[PB-2.1] [PB-2.2] [PB-2.3] [PB-2.4] [PB-2.5] [PB-2.6] [PB-2.7] takes the first release through all seven steps', () => {
    for (const step of [1, 2, 3, 4, 5, 6, 7]) expect(output).toContain(`Step ${step} — `);
    expect(output).toContain('readme.developer-hub 1.0.0 is signed off');
  });

  it('tells what the gates ask of whom, and every stage of a rollout with the numbers behind it', () => {
    expect(output).toMatch(
      /\n +asks TSC +approval by TSC \(technical\)\n +SCO +approval by SCO \(security\)\n/,
    );
    expect(output).toMatch(/ s {2}rollout +release 1\.0\.0 is on at 5 \(5 %\)\n/);
    expect(output).toMatch(/ s {2}rollout +the gate of 5 holds for 1\.0\.0 \(api-errors 0 of \d+ failed/);
    expect(output).toMatch(/ s {2}monitoring +page for 2\.0\.0: api-errors, the error budget burns too fast/);
  });

  it('says only what is new of the checks of later releases', () => {
    expect(output.match(/✓ forbidden-permissions /g)).toHaveLength(1);
    expect(output).toMatch(/✓ \d+ more, which say what they said before/);
  });

  it('ends with commands that lead to what it left behind', () => {
    expect(output).toContain(`export KWANUS_DATA_DIR=${join(folder, 'data')}\n`);
    expect(output).toContain('npm run kwanus -- replay readme.developer-hub --step');
  });

  it('[PB-6.05] finds 15 changes in the second contract, none of which breaks, and reviews only what changed', () => {
    expect(output).toMatch(/contract-diff +15 changes against 1\.0\.0; 0 break clients/);
    const again = /reviewed again: (.+)/.exec(output)?.[1] ?? '';
    expect(again).toContain('checkpoint:compatibility');
    expect(again).not.toMatch(/checkpoint:(?:permission|security|workflow)|approval:/);
    expect(output).toContain('readme.developer-hub 1.1.0 is signed off');
  });

  it('[PB-6.03] [PB-6.04] [PB-9.05] stops the third release with the findings that say why', () => {
    for (const operation of ['GET /apply', 'POST /apply', 'POST /api-validation'])
      expect(output).toContain(`FD403  ${operation}`);
    expect(output).toContain('SV402');
  });

  it('[PB-9.06] rolls back by itself, with the numbers that decided', () => {
    expect(output).toMatch(
      /release 2\.0\.0 is rolled back by itself at \S+ to 1\.1\.0: .*page-quick fires; \d+ of \d+ failed/,
    );
    expect(output).toMatch(
      /api-errors: (\d+) of \d+ failed; of the release before it 0 of \d+; objective 99\.9 %/,
    );
    expect(output).toMatch(/page-quick fires: \d+ of \d+ in its long window, \d+\.\d\d times the budget/);
  });

  it('[DC-3] ends with the trail and a hash chain that holds', () => {
    expect(output).toMatch(/Hash chain: \d+ events recomputed from the stored bytes, all of them hold/);
  });
});
