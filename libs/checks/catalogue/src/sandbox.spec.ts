import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CheckContext, CheckResult, ExtensionSandbox, SandboxWall } from '@kwanus/checks-kit';
import { probeExtension } from '@kwanus/checks-sandbox';
import { runChecks, type Verdict, verdictBytes } from './index.js';
import { context, type Edits, edited, findingsOf, manifest, put } from './testing/edited-submission.js';
import { ACME, extension, mounted } from './testing/extension-edits.js';

/** In this thread: what a thread of its own adds is tested with it. */
const WALLS: readonly SandboxWall[] = [
  { name: 'scan', notRun: null },
  { name: 'namespaces', notRun: 'there is none in tests' },
];
const SANDBOX: ExtensionSandbox = {
  walls: () => Promise.resolve(WALLS),
  probe: (request) => probeExtension(request),
};
const CHECKS = ['forbidden-database', 'forbidden-internal-api', 'sandbox-integrity'];
const judged = async (edits: Edits, more: Partial<CheckContext> = { sandbox: SANDBOX }): Promise<Verdict> =>
  runChecks(await edited(edits), context(more), { checks: CHECKS });
const resultOf = ({ results }: Verdict): CheckResult | undefined =>
  results.find(({ check }) => check === 'sandbox-integrity');
/** What is said but for the list of what was done. */
const said = async (edits: Edits): Promise<readonly string[]> =>
  [
    ...new Set(
      (await judged(edits)).results.flatMap(({ findings }) =>
        findings
          .filter(({ severity }) => severity !== 'informs')
          .map(({ severity, ruleId }) => `${severity} ${ruleId}`),
      ),
    ),
  ].sort();

const FIRES: readonly (readonly [title: string, edits: Edits, expected: readonly string[]])[] = [
  ['SB801 a bundle that does not parse', extension('export const = 1'), ['blocks SB801']],
  ['SB801 a bundle that is an archive', extension(`PK\u0003\u0004${'\0'.repeat(26)}`), ['blocks SB801']],
  [
    'SB801 a bundle that is not there',
    manifest((m) => put(m, { extensions: [{ id: 'panel', kind: 'ui', entry: 'ui/none.js' }] })),
    ['blocks SB801'],
  ],
  [
    'SB802 code that is never called',
    extension('export function mount() {}\nexport const later = (x) => eval(x);'),
    ['blocks SB802'],
  ],
  ['SB803 a bundle without an entry', extension('export const panel = 1;'), ['blocks SB803']],
  [
    'SB803 the entry of another kind',
    extension('export function mount() {}', { kind: 'processor' }),
    ['blocks SB803'],
  ],
  [
    'SB804 a host that is not declared',
    mounted("fetch(['https:', '', 'other.example'].join('/'));"),
    ['blocks SB804'],
  ],
  [
    'SB804 one that egress declares, and the extension does not',
    mounted("fetch('https://api.acme.example/');", { sandbox: { network: [] } }),
    ['blocks SB804'],
  ],
  [
    'SB804 one below a host that is declared',
    mounted("fetch('https://x.api.acme.example/');", ACME),
    ['blocks SB804'],
  ],
  ['SB804 the page around it', mounted("fetch('/v1/orders');", ACME), ['blocks SB804']],
  [
    'SB805 an operation that is not declared',
    mounted("kwanus.call('orders#dropOrder', { permission: 'orders:read' });"),
    ['blocks SB805'],
  ],
  [
    'SB805 a permission that is not declared',
    mounted("kwanus.call('orders#getOrder', { permission: 'payouts:read' });"),
    ['blocks SB805'],
  ],
  ['SB805 a call without a permission', mounted("kwanus.call('orders#getOrder');"), ['blocks SB805']],
  ['SB806 an event that is not declared', mounted("kwanus.emit('acme.other', {});"), ['blocks SB806']],
  [
    'SB806 a subscription that is not declared',
    mounted("kwanus.on('kwanus.other', () => {});"),
    ['blocks SB806'],
  ],
  [
    'SB807 an escape that only running shows',
    mounted("const f = ['constr', 'uctor']; const k = f.join(''); (() => {})[k]('return process')().exit();"),
    ['blocks SB802', 'blocks SB807'],
  ],
  ['SB808 a loop without an end', mounted('for (;;);'), ['blocks SB808']],
  [
    'SB809 a memory bomb',
    mounted("const a = []; for (;;) a.push('x'.repeat(1e5) + a.length);"),
    ['blocks SB809'],
  ],
  [
    'SB810 a flood',
    mounted("for (let i = 0; i < 501; i++) fetch('https://api.acme.example/' + i);", ACME),
    ['blocks SB810'],
  ],
  [
    '[PB-4.04] SB811 a change without an audit event',
    mounted("kwanus.call('orders#createOrder', { permission: 'orders:write' });"),
    ['blocks SB811'],
  ],
  ['SB812 an error', mounted('null.x;'), ['warns SB812']],
  [
    'SB813 a policy that is wider',
    mounted('', {
      sandbox: {
        network: ['api.acme.example'],
        csp: 'connect-src https://api.acme.example https://other.example; script-src *',
      },
    }),
    ['blocks SB813'],
  ],
  [
    'FB301 a driver that is hidden',
    mounted("const k = [112, 103]; globalThis['require'](String.fromCharCode(...k));"),
    ['blocks FB301', 'blocks SB802', 'blocks SB807'],
  ],
  [
    'FB302 an internal host that only running shows',
    mounted("fetch('http://' + [10, 0, 0, 1].map(String).join('.'));"),
    ['blocks FB302', 'blocks SB804'],
  ],
  [
    'FB302 a time bomb',
    mounted(
      "setTimeout(() => fetch('http:/' + ['', '169', '254'].join('/').replace('9/', '9.') + '.169.254'), 864e5);",
    ),
    ['blocks FB302', 'blocks SB804'],
  ],
];

const SILENT: readonly (readonly [title: string, edits: Edits])[] = [
  ['a submission without extensions', {}],
  ['a panel that does nothing', mounted('')],
  ['a host that it declares', mounted("fetch('https://API.acme.example.:443/x');", ACME)],
  [
    'one below a host with *',
    mounted("fetch('https://x.acme.example');", { sandbox: { network: ['*.acme.example'] } }),
  ],
  [
    'one that egress declares, where the extension says nothing',
    { ...mounted("fetch('https://api.acme.example');") },
  ],
  ['what it is granted', mounted("kwanus.call('orders#getOrder', { permission: 'orders:read' });")],
  [
    '[PB-4.04] a change with an audit event',
    mounted(
      "kwanus.call('orders#createOrder', { permission: 'orders:write' }); kwanus.audit('acme.ordered', {});",
    ),
  ],
  ['an event that it declares', mounted("kwanus.emit('acme.parked', {});")],
  [
    'a picture that it carries',
    mounted(
      "new Image().src = 'data:image/png;base64,AAAA'; root.innerHTML = '<svg xmlns=\"http://www.w3.org/2000/svg\"/>';",
    ),
  ],
  [
    'as much as can be listed',
    mounted("for (let i = 0; i < 500; i++) fetch('https://api.acme.example/' + i);", ACME),
  ],
  [
    'a policy that says the same',
    mounted('', {
      sandbox: {
        network: ['api.acme.example'],
        csp: "default-src 'self'; connect-src https://api.acme.example:443; img-src data:",
      },
    }),
  ],
  ['an export', extension('export const exportData = ({ rows }) => rows.length;', { kind: 'export' })],
  [
    'a processor',
    extension(
      'export const process = async ({ data }, kwanus) => { await kwanus.emit("acme.parked", data); };',
      { kind: 'processor' },
    ),
  ],
];

const EXAMPLES = join(import.meta.dirname, '../../../../examples/extensions');
const DECLARED = {
  consumes: [
    {
      id: 'kwanus-orders',
      api: 'kwanus.orders',
      version: '^2.1',
      operations: ['getOrder', 'updateOrder'],
    },
  ],
};
const example = async (name: string, kind: string): Promise<Edits> => {
  const base = extension(await readFile(join(EXAMPLES, name), 'utf8'), { kind, ...ACME });
  const more = manifest((m) => {
    put(m['api'], DECLARED);
    put(m['events'], {
      publishes: [{ type: 'acme.order.parked', version: '1.0.0', schema: 'events/parked.json' }],
    });
  });
  const edits = [base['kwanus.yaml'], more['kwanus.yaml']] as ((text: string) => string)[];
  return { ...base, 'kwanus.yaml': (text) => edits.reduce((edited, edit) => edit(edited), text) };
};

describe('the integrity of the sandbox', () => {
  it.each(FIRES)('[PB-7.02] fires: %s', async (...[, edits, expected]) =>
    expect(await said(edits)).toEqual(expected),
  );

  it.each(SILENT)('[PB-7.02] stays silent: %s', async (...[, edits]) =>
    expect(await said(edits)).toEqual([]),
  );

  it.each([
    ['[PB-4.12] a panel', 'panel.js', 'ui', 'tried: kwanus-orders#getOrder with orders:read; '],
    ['[PB-4.13] an export', 'export.js', 'export', 'reached for nothing'],
    [
      '[PB-4.14] a processor',
      'processor.js',
      'processor',
      'tried: fetch api.acme.example; emit acme.order.parked',
    ],
  ])('passes %s of the examples', async (...[, name, kind, expected]) => {
    const edits = await example(name, kind);
    expect(await said(edits)).toEqual([]);
    expect(findingsOf(await judged(edits), 'SB814')[0]?.message).toContain(expected);
  });

  it('[PB-7.02] passes with a list of what was done, the walls, and what is not seen', async () => {
    const verdict = await judged(
      mounted("fetch('https://api.acme.example/x'); kwanus.emit('acme.parked');", ACME),
    );
    expect(resultOf(verdict)).toMatchObject({
      outcome: 'passed',
      summary:
        '1 extensions were run and reached only what they declare; scan: run; namespaces: not run, there is none in tests. Code that waits for a day, an input or a machine that the sandbox does not have is not seen; once it is in use, monitoring sees it.',
      facts: { walls: WALLS },
    });
    expect(findingsOf(verdict, 'SB814')).toMatchObject([
      {
        severity: 'informs',
        file: 'ui/panel.js',
        message: 'panel was run, and tried: fetch api.acme.example; emit acme.parked.',
      },
    ]);
  });

  it('[PB-7.02] names the line of what the parser sees, and what was tried of what was run', async () => {
    const verdict = await judged(mounted("eval('1');\n  fetch('https://other.example/x');"));
    expect(findingsOf(verdict, 'SB802')).toMatchObject([{ line: 2, message: 'Here stands eval.' }]);
    expect(findingsOf(verdict, 'SB804')).toMatchObject([
      {
        line: null,
        message: 'It tried to reach other.example (fetch https://other.example/x), which is not declared.',
      },
    ]);
  });

  it('[PB-7.02] tells nobody to declare what no declaration makes up for', async () => {
    const remedies = async (host: string) =>
      findingsOf(await judged(mounted(`fetch('http://${host}/');`)), 'SB804').map(({ remedy }) => remedy);
    expect(await remedies('10.0.0.1')).toEqual(['Take it out: no declaration makes up for it.']);
    expect(await remedies('other.example')).toEqual([expect.stringContaining('declare other.example')]);
  });

  it('[PB-7.02] gives the same verdict bytes for the same inputs', async () => {
    const edits = mounted("fetch('https://' + Math.random() + '.example/' + Date.now()); for (;;);");
    expect(verdictBytes(await judged(edits))).toEqual(verdictBytes(await judged(edits)));
  });

  it('[PB-7.02] cites the walls that stood as an input, where there was something to run', async () => {
    const walls = async (...stood: readonly SandboxWall[]) =>
      (await judged(mounted(''), { sandbox: { ...SANDBOX, walls: () => Promise.resolve(stood) } })).inputs[
        'sandbox'
      ];
    expect(await walls(...WALLS)).toMatch(/^[0-9a-f]{64}$/);
    expect(await walls(...WALLS)).toBe(await walls(...WALLS));
    expect(await walls({ name: 'namespaces', notRun: null })).not.toBe(await walls(...WALLS));
    expect((await judged({})).inputs['sandbox']).toBeUndefined();
  });

  it('[PB-7.07] judges five thousand addresses, and passes over none of more', async () => {
    const outcome = async (count: number) => {
      const code = Array.from({ length: count }, (_, at) => `'https://a${at}.example/'`).join(';\n');
      const { results } = await judged(extension(`${code}\nexport function mount() {}`));
      return results.find(({ check }) => check === 'forbidden-internal-api')?.outcome;
    };
    expect([await outcome(5_000), await outcome(5_001)]).toEqual(['passed', 'inconclusive']);
  });

  it('[PB-7.02] keeps the fingerprint of a finding when lines move', async () => {
    const fingerprints = async (before: string) =>
      (await judged(extension(`${before}export function mount() { eval('1'); }`))).results.flatMap(
        ({ findings }) => findings.map(({ fingerprint }) => fingerprint),
      );
    expect(await fingerprints('// a\n// b\n')).toEqual(await fingerprints(''));
  });

  it('[PB-7.02] comes to no answer, and never to one that passes, without a sandbox or where it gives up', async () => {
    const edits = mounted('');
    expect(resultOf(await judged(edits, {}))?.outcome).toBe('inconclusive');
    const gone: ExtensionSandbox = {
      ...SANDBOX,
      probe: () => Promise.resolve({ scan: null, run: null, open: 'it took too long' }),
    };
    expect((await judged(edits, { sandbox: gone })).results.map(({ outcome }) => outcome)).toEqual([
      'inconclusive',
      'inconclusive',
      'inconclusive',
    ]);
  });
});
