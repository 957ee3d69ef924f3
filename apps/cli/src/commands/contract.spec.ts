import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../program.js';

const folder = mkdtempSync(join(tmpdir(), 'kwanus-contract-'));
const at = (name: string): string => join(folder, name);
const contract = (values: string, more = ''): string => `openapi: 3.0.3
info: { title: t, version: "1" }
paths:
  /a:
    get:
      responses:
        200:
          description: d
          content: { application/json: { schema: { type: string, enum: [${values}] } } }
${more}`;

async function kwanus(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const io = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    interactive: false,
    columns: 100,
  };
  return { code: await runCli(['contract', 'diff', ...args], io), out, err };
}

describe('[PB-6.05] kwanus contract diff BASE REVISION', () => {
  beforeAll(() => {
    writeFileSync(at('one.yaml'), contract('a'));
    writeFileSync(at('two.yaml'), contract('a, b'));
    const old = (day: string) =>
      `  /b: { get: { deprecated: true, x-sunset: "${day}", responses: { 204: { description: d } } } }\n`;
    writeFileSync(at('old.yaml'), contract('a', old('2027-01-01')));
    writeFileSync(at('bad.yaml'), 'a: [');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('ends with 1 when a client breaks, with 0 when none does', async () => {
    expect(await kwanus(at('one.yaml'), at('two.yaml'))).toMatchObject({
      code: 1,
      out: expect.stringContaining('✗ GET /a'),
    });
    expect(await kwanus(at('two.yaml'), at('one.yaml'))).toMatchObject({ code: 0 });
    expect(await kwanus(at('one.yaml'), at('one.yaml'))).toMatchObject({
      code: 0,
      out: expect.stringContaining('0 changes'),
    });
  });

  it('prints one JSON document', async () => {
    const { out } = await kwanus(at('one.yaml'), at('two.yaml'), '--json');
    expect(JSON.parse(out)).toMatchObject({
      breaking: true,
      semver: 'major',
      findings: [
        {
          id: 'response-body-enum-value-added',
          level: 'error',
          operation: 'GET /a',
          pointer: '/paths/~1a/get/responses/200/content/application~1json/schema',
          text: expect.stringContaining('b was added'),
        },
      ],
    });
  });

  it('prints SARIF with file and line', async () => {
    const { out } = await kwanus(at('one.yaml'), at('two.yaml'), '--sarif');
    const { version, runs } = JSON.parse(out) as {
      version: string;
      runs: readonly { results: unknown[]; tool: unknown }[];
    };
    expect(version).toBe('2.1.0');
    expect(runs[0]?.tool).toMatchObject({ driver: { rules: [{ id: 'response-body-enum-value-added' }] } });
    expect(runs[0]?.results).toEqual([
      expect.objectContaining({
        ruleId: 'response-body-enum-value-added',
        level: 'error',
        locations: [
          expect.objectContaining({
            physicalLocation: {
              artifactLocation: { uri: expect.stringContaining('two.yaml') },
              region: { startLine: 9 },
            },
          }),
        ],
      }),
    ]);
  });

  it('prints Markdown', async () => {
    const { out } = await kwanus(at('one.yaml'), at('two.yaml'), '--markdown');
    expect(out).toContain('## Breaks clients (1)');
    expect(out).toContain('| GET /a |');
  });

  it('takes new values in responses more easily by the lenient profile', async () => {
    const { code, out } = await kwanus(at('one.yaml'), at('two.yaml'), '--profile', 'lenient');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('! GET /a') });
  });

  it('judges sunsets as of a moment', async () => {
    expect((await kwanus(at('old.yaml'), at('one.yaml'), '--as-of', '2026-12-31T00:00:00Z')).code).toBe(1);
    expect((await kwanus(at('old.yaml'), at('one.yaml'), '--as-of', '2027-01-01T00:00:00Z')).code).toBe(0);
  });

  it.each([
    ['a file that is not there', ['nowhere.yaml', 'one.yaml']],
    ['a file that is no document', ['bad.yaml', 'one.yaml']],
    ['two forms at once', ['one.yaml', 'two.yaml', '--json', '--sarif']],
    ['a profile that is none', ['one.yaml', 'two.yaml', '--profile', 'kind']],
    ['a moment that is none', ['one.yaml', 'two.yaml', '--as-of', 'soon']],
  ])('ends with 2 for %s', async (_, args) => {
    const [base = '', revision = '', ...rest] = args;
    expect((await kwanus(at(base), at(revision), ...rest)).code).toBe(2);
  });
});
