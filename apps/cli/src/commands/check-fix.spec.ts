import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { applyPatch, parsePatch } from 'diff';
import { kwanus } from '../testing/run.js';

const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');
const folder = mkdtempSync(join(tmpdir(), 'kwanus-fix-'));
const dir = join(folder, 'submission');
const manifest = join(dir, 'kwanus.yaml');
const workflow = join(dir, 'workflows/register-parcel.yaml');
const before = process.env['KWANUS_DATA_DIR'];
beforeAll(() => {
  process.env['KWANUS_DATA_DIR'] = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
  else process.env['KWANUS_DATA_DIR'] = before;
  rmSync(folder, { recursive: true, force: true });
});

const edit = (file: string, ...pairs: readonly (readonly [string, string])[]): void =>
  writeFileSync(
    file,
    pairs.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, 'utf8')),
  );
const filesOf = (): Readonly<Record<string, string>> =>
  Object.fromEntries([manifest, workflow].map((file) => [file, readFileSync(file, 'utf8')]));

beforeEach(() => {
  rmSync(dir, { recursive: true, force: true });
  cpSync(MINIMAL, dir, { recursive: true });
  edit(
    manifest,
    ['api:\n', '# what we offer\napi:\n'],
    [', audit: { operations: all }', ''],
    ['    expires: 2027-10-31\n', '    # for ever\n'],
    [
      '  governance: docs/governance.md',
      `  governance: { path: docs/governance.md, sha256: ${'a'.repeat(64)} }`,
    ],
    ['  - { for: "api:parcels-v1", on: [timeout, 5xx], do: serve-cached, maxDelay: PT10M }\n', ''],
  );
  writeFileSync(
    workflow,
    `${readFileSync(workflow, 'utf8')}  - choose: # which\n      switch:\n        - one: { when: "\${ .a }", then: end }\n`,
  );
});

describe('kwanus check --fix', () => {
  it('mends what needs nobody to decide anything, keeps the rest as it stands, and says what it did', async () => {
    chmodSync(manifest, 0o640);
    const untouched = filesOf();
    const { code, out, err } = await kwanus('check', dir, '--fix', '--platform', '5.0.0');
    expect({
      code,
      rules: [...err.matchAll(/^mended (\S+) \S+: \S/gm)].map(([, rule]) => rule).sort(),
    }).toEqual({
      code: 0,
      rules: ['AD301', 'FD401', 'FD405', 'PM208', 'WF005'],
    });
    expect(out).toContain(' 0 failed');
    const lines = readFileSync(manifest, 'utf8').split('\n');
    const lost = (untouched[manifest] ?? '').split('\n').filter((line) => !lines.includes(line));
    expect(lost.map((line) => line.trim().split(' ')[0])).toEqual(['-', 'governance:']);
    expect(lines).toEqual(expect.arrayContaining(['# what we offer', '    # for ever']));
    expect(readFileSync(workflow, 'utf8')).toBe(
      `${untouched[workflow] ?? ''}        - default: { then: end }\n`,
    );
    expect(statSync(manifest).mode & 0o777).toBe(0o640);
    expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await kwanus('check', dir, '--fix')).toMatchObject({
      err: 'Nothing is mended by machine here.\n',
    });
  });

  it('writes nothing in a dry run, whose diff comes to the same', async () => {
    const untouched = filesOf();
    const { out, err, code } = await kwanus('check', dir, '--fix', '--dry-run', '--platform', '5.0.0');
    expect(code).toBe(0);
    expect(err).toMatch(
      /^would mend FD405 kwanus\.yaml:\d+: replaces \/docs\/governance\/sha256 in kwanus\.yaml$/m,
    );
    expect(filesOf()).toEqual(untouched);
    const patches = parsePatch(out);
    expect(patches.map(({ newFileName }) => newFileName)).toEqual([
      'b/kwanus.yaml',
      'b/workflows/register-parcel.yaml',
    ]);
    const patched = patches.map((patch, place) =>
      applyPatch(untouched[[manifest, workflow][place] ?? ''] ?? '', patch),
    );
    await kwanus('check', dir, '--fix');
    expect(Object.values(filesOf())).toEqual(patched);
  });

  it('leaves to people what is theirs to decide, and exits by what is left', async () => {
    edit(manifest, ['network: { egress: [api.acme.example] }', 'network: { egress: [10.0.0.1] }']);
    const { code, out } = await kwanus('check', dir, '--fix', '--json');
    const { outcome, fixed, diff } = JSON.parse(out) as { outcome: string; fixed: unknown[]; diff: string };
    expect({ code, outcome, fixed: fixed.length }).toEqual({ code: 1, outcome: 'failed', fixed: 5 });
    expect(diff).toMatch(/^\+ {4}expires: \d{4}-\d\d-\d\d$/m);
    expect(readFileSync(manifest, 'utf8')).toContain('egress: [10.0.0.1]');
  });

  it('is named where it would help', async () => {
    expect((await kwanus('check', dir)).out).toContain(
      '5 findings can be mended by machine: `kwanus check --fix`; see it first with --dry-run.\n',
    );
    expect((await kwanus('check', MINIMAL)).out).not.toContain('--fix');
  });

  it('takes a dry run of nothing for wrong use', async () =>
    expect(await kwanus('check', dir, '--dry-run')).toEqual({
      code: 2,
      out: '',
      err: 'kwanus: --dry-run is for --fix: without it nothing is written.\n',
    }));
});
