import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseDocument } from '@kwanus/checks-kit';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const yaml = (file: string): unknown => {
  const read = parseDocument(readFileSync(join(ROOT, file)), file);
  if (!read.ok) throw new Error(`${file} ${read.message}`);
  return read.value;
};

const Input = z.strictObject({
  description: z.string(),
  required: z.boolean().optional(),
  default: z.string().optional(),
});
/** A composite action: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax */
const Action = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(z.string(), Input),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({
    using: z.literal('composite'),
    steps: z.tuple([
      z.strictObject({
        name: z.string(),
        shell: z.literal('bash'),
        env: z.record(z.string(), z.string()),
        run: z.string(),
      }),
    ]),
  }),
});
/** https://pre-commit.com/#new-hooks */
const Hooks = z.tuple([
  z.strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    language: z.literal('script'),
    entry: z.string(),
    pass_filenames: z.literal(false),
    require_serial: z.boolean(),
  }),
]);

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly level: string;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

const repository = mkdtempSync(join(tmpdir(), 'kwanus-partner-'));
const environment = { ...process.env, KWANUS_DATA_DIR: join(repository, 'none') };
beforeAll(() => {
  const minimal = join(ROOT, 'examples/minimal-submission');
  for (const folder of ['integration', 'a broken one'])
    cpSync(minimal, join(repository, folder), { recursive: true });
  const manifest = join(repository, 'a broken one', 'kwanus.yaml');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('resource: order,', "resource: '*',"));
});
afterAll(() => rmSync(repository, { recursive: true, force: true }));

/** The one step, as the runner of GitHub runs it: with the inputs in its environment, in the root of the partner's repository. */
function action(given: Readonly<Record<string, string>>) {
  const { inputs, runs } = Action.parse(yaml('action.yml'));
  const [step] = runs.steps;
  const valued = (text: string): string =>
    text.replace(
      /\$\{\{ inputs\.([\w-]+) \}\}/g,
      (_, name: string) => given[name] ?? inputs[name]?.default ?? '',
    );
  const env = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, valued(value)]));
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
    cwd: repository,
    encoding: 'utf8',
    env: { ...environment, ...env, GITHUB_ACTION_PATH: ROOT },
  });
}

const sarif = (file: string): Sarif => JSON.parse(readFileSync(join(repository, file), 'utf8')) as Sarif;

describe('the action of action.yml', () => {
  it('passes a submission that has nothing against it', () => {
    const { status, stdout, stderr } = action({ folder: 'integration', platform: '4.9.0 5.1.0' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Fits 4.9.0, 5.1.0 of 4.9.0, 5.1.0.');
    expect(sarif('kwanus.sarif')).toMatchObject({ version: '2.1.0' });
  });

  it('fails one that is stopped, and says where, for code scanning', () => {
    const { status } = action({ folder: 'a broken one', sarif: 'broken.sarif' });
    expect(status).toBe(1);
    const results = sarif('broken.sarif').runs.flatMap((run) => run.results);
    expect(results).toContainEqual(
      expect.objectContaining({
        ruleId: 'FB303',
        level: 'error',
        locations: [
          expect.objectContaining({
            physicalLocation: {
              artifactLocation: { uri: 'a%20broken%20one/kwanus.yaml' },
              region: { startLine: expect.any(Number) },
            },
          }),
        ],
      }),
    );
  });
});

describe('the hook of .pre-commit-hooks.yaml', () => {
  const [hook] = Hooks.parse(yaml('.pre-commit-hooks.yaml'));
  const run = (...args: readonly string[]) =>
    spawnSync(join(ROOT, hook.entry), args, { cwd: repository, encoding: 'utf8', env: environment });

  it('lets a commit pass that has nothing against it, and stops another', () => {
    expect(run('integration').status).toBe(0);
    const { status, stdout } = run('a broken one');
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining('FB303') });
  });
});
