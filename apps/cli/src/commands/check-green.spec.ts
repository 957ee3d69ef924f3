import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FIXABLE } from '@kwanus/checks-catalogue';
import { applyFix } from '@kwanus/checks-kit';
import { BREAKS, type Break } from '../testing/broken.js';
import { kwanus } from '../testing/run.js';

const ROOT = join(import.meta.dirname, '../../../..');
const MINIMAL = join(ROOT, 'examples/minimal-submission');
const folder = mkdtempSync(join(tmpdir(), 'kwanus-green-'));
const registry = join(folder, 'registry.json');
const before = process.env['KWANUS_DATA_DIR'];
beforeAll(() => {
  process.env['KWANUS_DATA_DIR'] = folder;
  const permissions = ['orders:read', 'orders:list'].map((id) => ({
    id,
    title: id,
    owner: 'platform',
    resource: 'order',
    actions: [id.slice('orders:'.length)],
    privileged: false,
    tiers: [],
    status: 'active',
    reason: 'needed',
  }));
  writeFileSync(registry, JSON.stringify({ registryVersion: 3, permissions }));
});
afterAll(() => {
  if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
  else process.env['KWANUS_DATA_DIR'] = before;
  rmSync(folder, { recursive: true, force: true });
});

/** @returns a folder with the minimal submission, broken */
function brokenFolder(name: string, { by }: Break): string {
  const dir = join(folder, name);
  cpSync(MINIMAL, dir, { recursive: true });
  for (const fix of by) {
    const file = join(dir, fix.file);
    writeFileSync(file, applyFix(readFileSync(file, 'utf8'), fix));
  }
  return dir;
}

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}
interface SarifResult {
  readonly ruleId: string;
  readonly level: string;
  readonly fixes?: readonly {
    readonly artifactChanges: readonly {
      readonly artifactLocation: { readonly uri: string };
      readonly replacements: readonly {
        readonly deletedRegion: Region;
        readonly insertedContent: { readonly text: string };
      }[];
    }[];
  }[];
}

/** What a partner's editor sees: the findings of `kwanus check`, as SARIF. */
async function checked(dir: string, { live }: Break): Promise<readonly SarifResult[]> {
  const sarif = join(folder, 'findings.sarif');
  const by = ['--registry', registry, '--platform', '5.0.0', ...(live === true ? ['--base', MINIMAL] : [])];
  const { code, err } = await kwanus('check', dir, ...by, '--sarif-file', sarif);
  expect(code === 0 || code === 1 ? '' : err).toBe('');
  const log = JSON.parse(readFileSync(sarif, 'utf8')) as { runs: { results: SarifResult[] }[] };
  return (log.runs[0]?.results ?? []).filter(({ level }) => level !== 'note');
}

/** Does what the finding says, and knows nothing of the checks: text is replaced where SARIF says so. */
function follow({ fixes }: SarifResult): void {
  for (const { artifactLocation, replacements } of fixes?.[0]?.artifactChanges ?? []) {
    const file = join(process.cwd(), artifactLocation.uri);
    for (const { deletedRegion: region, insertedContent } of replacements) {
      const text = readFileSync(file, 'utf8');
      const offset = (line: number, column: number): number =>
        text
          .split('\n')
          .slice(0, line - 1)
          .reduce((sum, each) => sum + each.length + 1, column - 1);
      writeFileSync(
        file,
        text.slice(0, offset(region.startLine, region.startColumn)) +
          insertedContent.text +
          text.slice(offset(region.endLine, region.endColumn)),
      );
    }
  }
}

const rulesOf = (results: readonly SarifResult[]): readonly string[] => [
  ...new Set(results.map(({ ruleId }) => ruleId)),
];

describe('from red to green', () => {
  const home = process.cwd();
  beforeAll(() => {
    mkdirSync(join(folder, 'repository'), { recursive: true });
    process.chdir(folder);
  });
  afterAll(() => process.chdir(home));

  it.each(Object.entries(BREAKS))('by the messages alone: %s', async (rule, broken) => {
    const dir = brokenFolder(rule, broken);
    let results = await checked(dir, broken);
    expect(rulesOf(results.filter(({ fixes }) => fixes !== undefined))).toContain(rule);
    for (let turn = 0; turn < 10; turn += 1) {
      const next = results.find(({ fixes }) => fixes !== undefined);
      if (next === undefined) break;
      follow(next);
      results = await checked(dir, broken);
    }
    expect(rulesOf(results)).toEqual(broken.left ?? []);
  });
});

describe('the rules whose findings are mended by machine', () => {
  it('each have a submission that breaks them; what other integrations do no partner’s machine knows', () =>
    expect([...Object.keys(BREAKS), 'PM209'].sort()).toEqual(Object.keys(FIXABLE).sort()));

  it('stand in the reference, with what is done', () => {
    const reference = readFileSync(join(ROOT, 'docs/reference/checks.md'), 'utf8');
    const [, section = ''] = reference.split('## Findings that are mended by machine\n');
    const [table = ''] = section.split('\n## ');
    const listed = [...table.matchAll(/^\| ([A-Z]{2}\d{3}) \| (.+) \|$/gm)].map(([, rule, does]) => [
      rule,
      does,
    ]);
    expect(listed).toEqual(Object.entries(FIXABLE));
  });
});
