import { describe, expect, it } from '@jest/globals';
import type { ProbeRequest } from '@kwanus/checks-kit';
import { namespacesMissing } from './namespaces.js';
import { openExtensionSandbox } from './sandbox.js';

const SIGNAL = new AbortController().signal;
const request = (code: string): ProbeRequest => ({
  kind: 'ui',
  code: Buffer.from(code),
  events: [],
  asOf: '2026-11-23T10:00:00Z',
});

describe.each(['where-possible', 'never'] as const)('the sandbox, with namespaces %s', (namespaces) => {
  const sandbox = openExtensionSandbox({ namespaces });
  const probe = (code: string) => sandbox.probe(request(code), SIGNAL);

  it('[PB-7.02] says of each wall whether it stood, and why not', async () => {
    const missing = await namespacesMissing();
    expect(await sandbox.walls()).toEqual([
      { name: 'scan', notRun: null },
      { name: 'interpreter', notRun: null },
      { name: 'namespaces', notRun: namespaces === 'never' ? 'it was not asked for' : missing },
    ]);
  });

  it('[PB-7.02] outlives recursion without an end, however it is made', async () => {
    const ways = Object.entries({
      call: 'const f = () => f() + 1; f()',
      list: 'const f = () => [1].map(f); f()',
      property: 'const p = new Proxy({}, { get: (t, k, r) => r.x }); p.x',
      json: "JSON.parse('['.repeat(1e5))",
      code: "eval('['.repeat(1e5))",
      text: 'const o = { toString: () => `${o}` }; `${o}`',
      class: 'class A { constructor() { new this.constructor(); } } new A()',
    });
    const tried = ways.map(
      ([name, body]) => `try { ${body} } catch (e) { kwanus.emit('${name} ' + e.message); }`,
    );
    const { open, run } = await probe(`export function mount(root, kwanus) { ${tried.join('\n')} }`);
    expect(open).toBeNull();
    expect(run?.attempts.filter(({ via }) => via === 'emit').map(({ target }) => target)).toEqual(
      ways.map(([name]) => `${name} stack overflow`),
    );
  });

  it('[PB-7.02] sees the same in every time zone', async () => {
    const code =
      'export function mount(r, k) { const d = new Date(); k.emit(`${d.getTimezoneOffset()} ${d.getHours()}`); }';
    expect((await probe(code)).run?.attempts).toEqual([{ capability: 'event', via: 'emit', target: '0 10' }]);
  });

  it('[PB-7.02] lets the process go on while it looks at much code, and at a loop without an end', async () => {
    let isDone = false;
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const large = `export function mount() {}\nconst q = [${'[1,2],'.repeat(60_000)}];`;
    const probes = [await probe(large), await probe('export function mount() { for (;;); }')];
    isDone = true;
    expect(probes.map(({ open, run }) => [open, run?.exhausted])).toEqual([
      [null, null],
      [null, 'steps'],
    ]);
    expect(turns).toBeGreaterThan(1_000);
  });

  it('[PB-7.02] gives up at once when nobody wants the answer any more, and goes on with the next', async () => {
    const controller = new AbortController();
    const unwanted = sandbox.probe(request('export function mount() { for (;;); }'), controller.signal);
    controller.abort();
    await expect(unwanted).rejects.toThrow();
    expect((await probe('export function mount() {}')).run?.entryMissing).toBeNull();
  });
});
