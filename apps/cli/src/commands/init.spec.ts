import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kwanus } from '../testing/run.js';

const TRAINS = createRequire(import.meta.url).resolve(
  '@readme/oas-examples-5-427/3.1/yaml/train-travel.yaml',
);
const folder = mkdtempSync(join(tmpdir(), 'kwanus-init-'));
const before = process.env['KWANUS_DATA_DIR'];
beforeAll(() => {
  process.env['KWANUS_DATA_DIR'] = join(folder, 'none');
});
afterAll(() => {
  if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
  else process.env['KWANUS_DATA_DIR'] = before;
  rmSync(folder, { recursive: true, force: true });
});

const init = (dir: string, ...more: readonly string[]) =>
  kwanus('init', dir, '--from', TRAINS, '--platform', '>=5 <6', '--id', 'acme.trains', ...more);

describe('kwanus init', () => {
  it('[PB-2.2] makes what kwanus check has nothing against but what only a person can write', async () => {
    const dir = join(folder, 'trains');
    const made = await init(dir, '--permission', 'orders:read', '--json');
    expect({ ...made, out: JSON.parse(made.out) as unknown }).toMatchObject({
      code: 0,
      err: '',
      out: {
        integrationId: 'acme.trains',
        files: expect.arrayContaining(['api/train-travel.yaml', 'kwanus.yaml']),
      },
    });
    const { code, err, out } = await kwanus('check', dir);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'kwanus: manifest, proposal-documents, workflow-documentation, integration-guide, lifecycle-documentation, governance-update would stop it in step 4.\n',
    });
    expect(out).toMatch(
      /blocks MF005 kwanus\.yaml:\d+ accountable\.sponsor is still to be written\.\n +Write the group at the platform/,
    );
    expect(out).toMatch(
      /PD303 .*\n +Speak of purpose, goal or value, in at least 15 words below its headings\./,
    );
  });

  it('overwrites nothing', async () => {
    const dir = join(folder, 'mine');
    mkdirSync(dir);
    writeFileSync(join(dir, 'kwanus.yaml'), 'mine');
    expect(await init(dir)).toEqual({
      code: 2,
      out: '',
      err: `kwanus: ${dir} is there already, and nothing in it is overwritten: name a folder that is not there yet.\n`,
    });
    expect(readFileSync(join(dir, 'kwanus.yaml'), 'utf8')).toBe('mine');
  });

  it('takes an empty folder', async () => {
    const dir = join(folder, 'empty');
    mkdirSync(dir);
    expect((await init(dir)).code).toBe(0);
    expect(readdirSync(dir)).toContain('kwanus.yaml');
  });

  it('leaves nothing half-written where it can’t be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const names = readdirSync(folder);
    expect(await init(join(file, 'x'))).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^kwanus: \S+ can't be made \(E\w+\): choose a place where you may write\.\n$/,
      ),
    });
    expect((await init(join(folder, 'n'.repeat(300)))).code).toBe(2);
    expect(readdirSync(folder)).toEqual(names);
  });

  it.each([
    [
      ['--from', '/nowhere.yaml', '--platform', '5'],
      "/nowhere.yaml can't be read: name an OpenAPI description, as a file of this machine.",
    ],
    [
      ['--from', TRAINS, '--platform', '5', '--id', 'trains'],
      'trains is no id of an integration: it is <partner>.<name>, each of lower-case letters, digits and inner hyphens, for example acme.parcels.',
    ],
    [[], "required option '--from <file>' not specified"],
    // Nobody but the partner knows what it was tested with.
    [['--from', TRAINS], "required option '--platform <range>' not specified"],
  ])('refuses %p in one line', async (args, line) => {
    expect(await kwanus('init', join(folder, 'refused'), ...args)).toEqual({
      code: 2,
      out: '',
      err: `kwanus: ${line}\n`,
    });
  });
});
