import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Playbook } from '@kwanus/domain-playbook';
import { parseDocument, stringify } from 'yaml';
import { PlaybookRefused } from './errors.js';
import { loadPlaybook, parsePlaybook, playbookVersions } from './load.js';

const folder = join(import.meta.dirname, '../playbooks');
const WHOLE = readFileSync(join(folder, '1.0.yaml'), 'utf8');
const OVERLAY = readFileSync(join(folder, '1.0-demo.yaml'), 'utf8');

/** Reads texts in place of files. */
const parse = (texts: Readonly<Record<string, string>>, version = '1.0'): Playbook =>
  parsePlaybook(version, (name) => texts[name] ?? null);
const overlaid = (text: string): Playbook => parse({ '1.0': WHOLE, '1.0-demo': text }, '1.0-demo');

function refusalOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof PlaybookRefused) return error.problems;
    throw error;
  }
  throw new TypeError('Nothing was refused.');
}
/** 1.0 with one text in place of another. */
const changed = (from: string, to: string): string => {
  if (!WHOLE.includes(from)) throw new TypeError(`1.0.yaml does not contain ${from}`);
  return WHOLE.replace(from, to);
};
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('Playbook 1.0', () => {
  const playbook = loadPlaybook('1.0');
  const requires = (number: number): readonly string[] => playbook.steps[number - 1]?.requires ?? [];
  const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

  it('has the seven steps, in order', () => {
    expect(playbook.steps.map(({ number, title }) => `${number} ${title}`)).toEqual([
      '1 Pre-integration review',
      '2 Technical preparation',
      '3 Implementation',
      '4 Validation',
      '5 Rollout',
      '6 Monitoring',
      '7 Review and sign-off',
    ]);
  });

  it('asks step 1 for the five documents and the approval of each body', () => {
    expect(requires(1)).toEqual([
      'documents:proposal',
      'approval:TSC',
      'approval:SCO',
      'approval:ERC',
      'approval:CGB',
    ]);
    expect(
      ids(playbook.documents.filter(({ section, required }) => section === 'proposal' && required)),
    ).toEqual([
      'expansionProposal',
      'compatibilityPlan',
      'lifecyclePlan',
      'riskMitigationPlan',
      'governanceAlignment',
    ]);
  });

  it('asks steps 2 and 3 for their tasks; evidence of step 2 is checked', () => {
    const tasks = (phase: string): string[] => ids(playbook.tasks.filter((task) => task.phase === phase));
    expect(tasks('preparation')).toEqual(['scaffolding', 'workflow', 'permissionMapping', 'sandbox']);
    expect(tasks('implementation')).toEqual(['development', 'testing', 'documentation']);
    expect(requires(2)).toEqual(tasks('preparation').map((id) => `preparation:${id}`));
    expect(requires(3)).toEqual(tasks('implementation').map((id) => `implementation:${id}`));
    for (const { phase, verified } of playbook.tasks) expect(verified).toBe(phase === 'preparation');
  });

  it('gives each checkpoint to the body that owns its field, and asks for all five before step 5', () => {
    const checkpoints = playbook.decisions.filter(({ kind }) => kind === 'checkpoint');
    expect(Object.fromEntries(checkpoints.map(({ name, body }) => [name, body]))).toEqual({
      compatibility: 'TSC',
      permission: 'SCO',
      security: 'SCO',
      workflow: 'ERC',
      sustainability: 'CGB',
    });
    expect(requires(4)).toEqual(expect.arrayContaining(ids(checkpoints)));
    expect(requires(4)).toEqual(
      expect.arrayContaining(
        ['compatibility', 'security', 'workflow', 'governance'].map((kind) => `validation:${kind}`),
      ),
    );
  });

  it('says what each decision covers, so that it is known what carries over', () => {
    const covers = Object.fromEntries(playbook.decisions.map((rule) => [rule.id, rule.covers]));
    expect(covers['checkpoint:compatibility']).toEqual([
      'contract',
      'document:compatibilityPlan',
      ...['api', 'fallback', 'rollback', 'partnerOnly'].map((section) => `manifest:${section}`),
    ]);
    expect(covers['checkpoint:permission']).toEqual(['manifest:permissions']);
    expect(covers['checkpoint:workflow']).toEqual([
      'manifest:workflows',
      'manifest:fallback',
      'manifest:slos',
    ]);
    const sections = (id: string) => covers[id]?.filter((key) => key.startsWith('manifest:'));
    expect(sections('approval:SCO')).toEqual([
      'manifest:permissions',
      ...(covers['checkpoint:security'] ?? []),
      'manifest:entitlements',
    ]);
    expect(sections('approval:ERC')).toEqual(['manifest:workflows', 'manifest:events']);
    expect(sections('approval:CGB')).toEqual([
      'manifest:lifecycle',
      'manifest:accountable',
      'manifest:entitlements',
    ]);
    expect(covers['checkpoint:security']).toEqual(
      ['dataAccess', 'network', 'extensions', 'sbom'].map((section) => `manifest:${section}`),
    );
    const docs = playbook.documents
      .filter(({ section }) => section === 'docs')
      .map(({ id }) => `document:${id}`);
    expect(covers['checkpoint:sustainability']).toEqual(['document:lifecyclePlan', ...docs]);
    for (const { id, kind, covers: keys } of playbook.decisions) {
      if (kind === 'sign-off') expect(keys).toEqual(['everything']);
      if (kind === 'approval')
        expect([id, keys.filter((key) => key.startsWith('document:')).length]).toEqual([id, 5]);
    }
  });

  it('asks for six documents before step 5, and never for the two optional ones', () => {
    const docs = playbook.documents.filter(({ section }) => section === 'docs');
    expect(ids(docs.filter(({ required }) => required))).toEqual([
      'apiReference',
      'workflow',
      'integrationGuide',
      'migrationGuide',
      'lifecycle',
      'governance',
    ]);
    expect(ids(docs.filter(({ required }) => !required))).toEqual(['tutorials', 'onboarding']);
    expect(requires(4)).toContain('documents:docs');
  });

  it('asks for version, migration guide and fallback before a rollout, and for a bake after it', () => {
    expect(requires(4)).toEqual(
      expect.arrayContaining(['release:versioned', 'release:migration-guide', 'release:fallback']),
    );
    expect(requires(5)).toEqual(['rollout:complete']);
    expect(requires(6)).toEqual(['monitoring:bake', 'monitoring:no-open-alert']);
  });

  it('signs off with validations, documents, matrix, lifecycle and four bodies', () => {
    expect(requires(7)).toEqual([
      'validation:compatibility',
      'validation:security',
      'validation:workflow',
      'validation:documentation',
      'validation:governance',
      'documents:docs',
      'monitoring:no-open-alert',
      'matrix:updated',
      'lifecycle:updated',
      'sign-off:TSC',
      'sign-off:SCO',
      'sign-off:ERC',
      'sign-off:CGB',
    ]);
  });

  it.each([
    [
      { type: 'full', forLevel: 'low', bake: 'PT24H', alpha: 0.05, margin: 0.25 },
      [1, 100],
      ['PT15M', 'PT15M'],
      [200, 200],
    ],
    [
      { type: 'staged', forLevel: 'medium', bake: 'PT72H', alpha: 0.05, margin: 0.1 },
      [1, 5, 10, 25, 50, 100],
      ['PT1H', 'PT4H', 'PT24H', 'PT24H', 'PT24H', 'PT24H'],
      [200, 500, 1000, 2000, 5000, 5000],
    ],
    [
      { type: 'controlled', forLevel: 'high', bake: 'P14D', alpha: 0.01, margin: 0 },
      [0, 0, 1, 5, 10, 25, 50, 100],
      Array.from({ length: 8 }, () => 'PT24H'),
      [50, 50, 400, 1000, 2000, 4000, 10_000, 10_000],
    ],
  ])('plans the rollout for each risk: %j', (expected, percents, dwell, requests) => {
    const plan = playbook.rollouts.find(({ type }) => type === expected.type);
    expect(plan).toMatchObject(expected);
    expect(plan?.steps.map(({ percent }) => percent)).toEqual(percents);
    expect(plan?.steps.map(({ minDwell }) => minDwell)).toEqual(dwell);
    expect(plan?.steps.map(({ minRequests }) => minRequests)).toEqual(requests);
  });

  it('lets a controlled rollout enter no step without people, and its first and last one with all four bodies', () => {
    const steps = playbook.rollouts.find(({ type }) => type === 'controlled')?.steps ?? [];
    const all = ids(playbook.bodies);
    for (const { approvals } of steps) expect(approvals.length).toBeGreaterThan(0);
    expect(steps.at(0)?.approvals).toEqual(all);
    expect(steps.at(-1)?.approvals).toEqual(all);
    expect(steps.find(({ percent }) => percent === 25)?.approvals).toEqual(['SCO', 'ERC']);
  });

  it('calls new permissions and workflows high, partner-only features and changes of medium scope medium', () => {
    const level = Object.fromEntries(playbook.risk.map((rule) => [rule.when, rule.level]));
    expect(level).toMatchObject({
      'new-permission': 'high',
      'new-workflow': 'high',
      'partner-only': 'medium',
      'medium-scope-change': 'medium',
    });
  });

  it('watches 30 days in windows of a minute, by four burn rules', () => {
    const { window, watermark, signals, burn } = playbook.monitoring;
    expect([window, watermark]).toEqual(['PT60S', 'PT120S']);
    expect(signals.map(({ id, period }) => `${id} ${period}`)).toEqual([
      'api-errors P30D',
      'workflow-reliability P30D',
      'permission-usage P30D',
      'extension-behaviour P30D',
    ]);
    expect(burn.map(({ budget, long, short }) => `${budget} ${long} ${short}`)).toEqual([
      '0.02 PT1H PT5M',
      '0.05 PT6H PT30M',
      '0.1 P1D PT2H',
      '0.1 P3D PT6H',
    ]);
  });

  it('has four annual tasks, each with a body, a reminder and an escalation', () => {
    expect(ids(playbook.stewardship)).toEqual([
      'integration-review',
      'compatibility-update',
      'lifecycle-update',
      'sustainability-review',
    ]);
    for (const { every } of playbook.stewardship) expect(every).toBe('P1Y');
  });

  it('lets nobody waive the three forbidden things', () => {
    const forbidden = playbook.checks.filter(({ id }) => id.startsWith('forbidden-'));
    expect(forbidden.map(({ requirement }) => requirement)).toEqual(['PB-7.05', 'PB-7.06', 'PB-7.07']);
    for (const { id, waivableBy } of forbidden) {
      expect(waivableBy).toBeNull();
      expect(playbook.waivers.never).toContain(id);
    }
    expect(playbook.waivers.laxerRolloutBy).toBe('CGB');
  });

  it('is one object for everybody, which nobody can change', () => {
    expect(loadPlaybook('1.0')).toBe(playbook);
    expect(() => void ((playbook.bodies[0] as { quorum: number }).quorum = 0)).toThrow(TypeError);
  });

  it('is found from the build as from the source', () => {
    const program = `import { loadPlaybook } from ${JSON.stringify(join(import.meta.dirname, '../dist/index.js'))}; console.log(loadPlaybook('1.0').digest)`;
    const compiler = join(import.meta.dirname, '../../../node_modules/typescript-native/bin/tsc');
    execFileSync(process.execPath, [compiler, '-b', join(import.meta.dirname, '..')]);
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe(playbook.digest);
  });
});

describe('The overlay 1.0-demo', () => {
  const demo = loadPlaybook('1.0-demo');
  const seconds = (span: string): number => Number(/^PT(\d+)S$/.exec(span)?.[1]);

  it('is 1.0 but for times, windows and minimum requests', () => {
    const without = (playbook: Playbook) => ({
      ...playbook,
      version: '',
      overlays: null,
      digest: '',
      rollouts: playbook.rollouts.map(({ steps, ...plan }) => ({
        ...plan,
        bake: '',
        bakeMinRequests: 0,
        steps: steps.map((step) => ({ ...step, minDwell: '', minRequests: 0 })),
      })),
      monitoring: {
        ...playbook.monitoring,
        window: '',
        watermark: '',
        burn: playbook.monitoring.burn.map((rule) => ({ ...rule, long: '', short: '' })),
      },
    });
    const whole = loadPlaybook('1.0');
    expect(without(demo)).toEqual(without(whole));
    expect([demo.version, demo.overlays]).toEqual(['1.0-demo', '1.0']);
    expect(demo.digest).not.toBe(whole.digest);
  });

  it.each([
    ['staged', 10],
    ['controlled', 15],
  ])('lets a %s rollout finish in %d s', (type, limit) => {
    const plan = demo.rollouts.find((one) => one.type === type);
    const dwell = plan?.steps.map(({ minDwell }) => seconds(minDwell)) ?? [Number.NaN];
    const whole = dwell.reduce((sum, one) => sum + one, seconds(plan?.bake ?? ''));
    expect(whole).toBeLessThanOrEqual(limit);
    expect(whole).toBeGreaterThan(0);
  });

  it('has windows and a watermark of a second', () => {
    expect([demo.monitoring.window, demo.monitoring.watermark]).toEqual(['PT1S', 'PT1S']);
  });

  const ALLOWED = [
    'version',
    'overlays',
    'rollouts[].type',
    'rollouts[].bake',
    'rollouts[].bakeMinRequests',
    'rollouts[].steps[].id',
    'rollouts[].steps[].minDwell',
    'rollouts[].steps[].minRequests',
    'monitoring.window',
    'monitoring.watermark',
    'monitoring.burn[].id',
    'monitoring.burn[].long',
    'monitoring.burn[].short',
  ];
  const leaves = (value: unknown, path = ''): string[] => {
    if (Array.isArray(value)) return value.flatMap((one) => leaves(one, `${path}[]`));
    if (typeof value !== 'object' || value === null) return [path];
    return Object.entries(value).flatMap(([key, one]) => leaves(one, path === '' ? key : `${path}.${key}`));
  };
  const { digest: _, overlays: __, ...content } = loadPlaybook('1.0');
  const forbidden = [...new Set(leaves(content))].filter((path) => !ALLOWED.includes(path));

  it('uses the allowed keys only', () => {
    expect(ALLOWED).toEqual(expect.arrayContaining([...new Set(leaves(parseDocument(OVERLAY).toJS()))]));
    expect(forbidden.length).toBeGreaterThan(40);
  });

  it.each(forbidden)('may not change %s', (path) => {
    const document = parseDocument(OVERLAY);
    document.setIn(path.replaceAll('[]', '.0').split('.'), 'PT1S');
    const problems = refusalOf(() => overlaid(document.toString())).join('\n');
    expect(problems).toMatch(/^1\.0-demo\.yaml(:\d+)?: /);
    expect(problems).toContain('is not known here');
  });

  it.each([
    ['a rollout that is not there', '- type: full', '- type: sudden', 'rollouts.0.type'],
    ['a step that is not there', 'id: smoke', 'id: fire', 'changes fire, which the playbook does not have'],
    ['a burn rule that is not there', 'id: page-quick', 'id: page-never', 'changes page-never'],
    ['a rollout twice', '- type: staged', '- type: full', 'changes full a second time'],
    ['a step twice', '- { id: all,', '- { id: smoke,', 'changes smoke a second time'],
    ['a playbook that is not there', 'overlays: "1.0"', 'overlays: "9.0"', 'there is no playbook 9.0'],
    ['itself', 'overlays: "1.0"', 'overlays: "1.0-demo"', '1.0-demo → 1.0-demo'],
    ['an alert so that it can never fire', 'page-quick, ', 'page-quick, long: PT1M, ', 'can never fire'],
    [
      'a name that is not its file’s',
      'version: 1.0-demo',
      'version: 1.0-other',
      'Name the file after its version',
    ],
  ])('may not overlay %s', (_, from, to, problem) => {
    expect(OVERLAY).toContain(from);
    expect(refusalOf(() => overlaid(OVERLAY.replace(from, to))).join('\n')).toContain(problem);
  });
});

describe('A playbook is refused, with file, line and remedy, for', () => {
  it.each([
    ['an unknown key', 'field: technical,', 'field: technical, colour: red,', 'colour is not known here'],
    ['a missing key', 'field: technical, ', '', 'bodies.0.field'],
    ['a wrong type', 'quorum: 1 }', 'quorum: one }', 'bodies.0.quorum'],
    ['an empty quorum', 'quorum: 1 }', 'quorum: 0 }', 'bodies.0.quorum'],
    ['a duration with months', 'dueWithin: P10D', 'dueWithin: P1M', 'is an ISO 8601 duration'],
    ['a duplicate key', 'name: TSC\n', 'name: TSC\n    name: TSC\n', 'unique'],
    ['an unknown tag', 'title: Partner', 'title: !!python/object Partner', 'tag'],
    ['__proto__', 'title: Partner', '__proto__: { admin: true }\ntitle: Partner', 'has a key __proto__'],
    [
      '__proto__, spelt otherwise',
      'title: Partner',
      '"__pro\\u0074o__": 1\ntitle: Partner',
      'has a key __proto__',
    ],
    ['__proto__, deep inside', 'field: technical,', '__proto__: x, field: technical,', 'has a key __proto__'],
    ['a body that is not there', 'body: TSC\n', 'body: XYZ\n', 'names the body XYZ'],
    ['an approval by nobody', 'approvals: [TSC] }', 'approvals: [XYZ] }', 'names the body XYZ'],
    ['a waiver by nobody', 'laxerRolloutBy: CGB', 'laxerRolloutBy: XYZ', 'names the body XYZ'],
    ['a check’s waiver by nobody', 'waivableBy: ERC', 'waivableBy: XYZ', 'names the body XYZ'],
    [
      'a steward that is not there',
      'annual integration review, body: CGB',
      'annual integration review, body: XYZ',
      'names the body XYZ',
    ],
    [
      'a document that is not there',
      'covers: [contract, "document:compatibilityPlan",',
      'covers: ["document:poem",',
      'names document:poem',
    ],
    [
      'a section that no manifest has: the vote would hold whatever changes',
      'covers: ["manifest:permissions"]\n',
      'covers: ["manifest:permisions"]\n',
      'names manifest:permisions',
    ],
    [
      'a check that is not there, never waived',
      'forbidden-database, f',
      'forbiden-database, f',
      'forbiden-database',
    ],
    ['a family of rules that is none', '"FB*"', '"*"', 'waivers.never.0'],
    [
      'a check that is never waived and says who waives it',
      'kind: security, waivableBy: null, requirement: PB-7.06',
      'kind: security, waivableBy: SCO, requirement: PB-7.06',
      'says SCO, and `waivers.never` says nobody',
    ],
    [
      'a requirement that nothing gives',
      '"preparation:sandbox"]',
      '"preparation:castle"]',
      'asks for preparation:castle',
    ],
    [
      'a validation that no check belongs to',
      '"validation:security"',
      '"validation:beauty"',
      'asks for validation:beauty',
    ],
    [
      'a step that waits for a later one',
      '"approval:CGB"]',
      '"approval:CGB", "rollout:complete"]',
      'it would wait for itself',
    ],
    ['steps out of order', 'number: 2', 'number: 3', 'the steps stand in order, 1 to 7'],
    ['a duplicate id', 'id: SCO, name', 'id: TSC, name', 'the id TSC stands there twice'],
    ['a duplicate step of a plan', '{ id: all,', '{ id: smoke,', 'the id smoke stands there twice'],
    [
      'a decision that is not named by kind and name',
      'id: "approval:TSC"',
      'id: "approval:TCS"',
      'must be approval:TSC',
    ],
    [
      'a rollout that shrinks',
      'percent: 25, minDwell: PT24H, minRequests: 2000',
      'percent: 2, minDwell: PT24H, minRequests: 2000',
      'a rollout only grows',
    ],
    [
      'a rollout that never ends',
      'id: all, allowList: none, percent: 100',
      'id: all, allowList: none, percent: 99',
      'never ends',
    ],
    ['two plans for one risk', 'forLevel: medium', 'forLevel: low', 'exactly one'],
    ['an alert that can never fire', 'objective: 0.999', 'objective: 0.9', 'can never fire for api-errors'],
    [
      'windows the wrong way round',
      'long: PT1H, short: PT5M',
      'long: PT5M, short: PT1H',
      'the short window is the shorter one',
    ],
    ['a window of no time', 'window: PT60S', 'window: PT0S', 'is no time at all'],
    ['YAML that is none', 'subjects: [', 'subjects: {[', '1.0.yaml:'],
  ])('%s', (_, from, to, problem) => {
    const problems = refusalOf(() => parse({ '1.0': changed(from, to) }));
    expect(problems.join('\n')).toContain(problem);
    for (const one of problems) expect(one).toMatch(/^1\.0\.yaml(:\d+)?: .+/);
  });

  it('an alias', () => {
    const text = `${changed('subjects: [', 'subjects: &s [')}\nagain: *s\n`;
    expect(refusalOf(() => parse({ '1.0': text }))).toEqual([
      `1.0.yaml:${lineOf(text, 'again: *s')}: uses an alias. Write it out.`,
    ]);
  });

  it('names the very line', () => {
    const text = changed('laxerRolloutBy: CGB', 'laxerRolloutBy: XYZ');
    const [problem] = refusalOf(() => parse({ '1.0': text }));
    expect(problem).toMatch(`1.0.yaml:${lineOf(text, 'laxerRolloutBy: XYZ')}: waivers.laxerRolloutBy`);
    const unknown = changed('maxDuration: P180D', 'maxDuration: P180D\n  colour: red');
    expect(refusalOf(() => parse({ '1.0': unknown }))[0]).toContain(
      `1.0.yaml:${lineOf(unknown, 'colour')}: `,
    );
  });

  it('every problem at once, not the first alone', () => {
    const text = changed('body: TSC\n', 'body: XYZ\n').replace('id: SCO, name', 'id: TSC, name');
    expect(refusalOf(() => parse({ '1.0': text })).length).toBeGreaterThan(2);
  });

  it('a version that is no file: the known ones are named, and no path leads out of the folder', () => {
    for (const version of ['2.0', '../1.0', '..', '', '1.0/../1.0'])
      expect(refusalOf(() => loadPlaybook(version)).join()).toContain(playbookVersions().join(', '));
  });

  it('a text that is too long, or empty', () => {
    expect(refusalOf(() => parse({ '1.0': `# ${'x'.repeat(1_000_001)}` })).join()).toContain(
      'is larger than',
    );
    expect(refusalOf(() => parse({ '1.0': '' })).length).toBeGreaterThan(0);
    expect(refusalOf(() => parse({ '1.0': '[1, 2]' })).length).toBeGreaterThan(0);
  });
});

it('the same content has the same digest, however it is written', () => {
  const reordered = stringify(Object.fromEntries(Object.entries(parseDocument(WHOLE).toJS()).reverse()));
  expect(parse({ '1.0': reordered }).digest).toBe(loadPlaybook('1.0').digest);
  expect(parse({ '1.0': changed('quorum: 1 }', 'quorum: 2 }') }).digest).not.toBe(loadPlaybook('1.0').digest);
});
