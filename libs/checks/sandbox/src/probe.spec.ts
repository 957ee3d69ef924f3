import dns from 'node:dns';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ExtensionRun, ProbeRequest } from '@kwanus/checks-kit';
import { probeExtension } from './probe.js';

const request = (code: string, kind: ProbeRequest['kind'] = 'ui'): ProbeRequest => ({
  kind,
  code: Buffer.from(code),
  events: [{ type: 'kwanus.order.created', data: { id: 'o-1', lines: [{ sku: 's' }] } }],
  asOf: '2026-11-23T10:00:00Z',
});
const run = async (code: string, kind?: ProbeRequest['kind']): Promise<ExtensionRun> => {
  const { run: seen, open } = await probeExtension(request(code, kind));
  if (seen === null) throw new Error(`It was not run: ${open ?? 'refused'}.`);
  return seen;
};
const attempts = async (code: string, kind?: ProbeRequest['kind']): Promise<readonly string[]> =>
  (await run(code, kind)).attempts.map(({ capability, via, target }) => `${capability} ${via} ${target}`);
const mounted = (body: string): string => `export function mount(root, kwanus) { ${body} }`;

describe('an extension in the sandbox', () => {
  const opened: string[] = [];
  const watched = [
    () =>
      jest
        .spyOn(net.Socket.prototype, 'connect')
        .mockImplementation(() => (opened.push('connect'), null as never)),
    () => jest.spyOn(dns, 'lookup').mockImplementation((() => opened.push('lookup')) as never),
  ];
  beforeAll(() => watched.forEach((watch) => void watch()));
  afterAll(() => {
    jest.restoreAllMocks();
    expect(opened).toEqual([]);
  });

  it.each([
    ['fetch', "fetch('https://a.example/x')", 'network fetch https://a.example/x'],
    ['fetch of a request', "fetch(new Request('https://a.example/'))", 'network fetch https://a.example/'],
    ['fetch of an address', "fetch(new URL('/y', 'https://a.example'))", 'network fetch https://a.example/y'],
    [
      'XMLHttpRequest',
      "new XMLHttpRequest().open('GET', 'https://a.example')",
      'network XMLHttpRequest https://a.example',
    ],
    ['a socket', "new WebSocket('wss://a.example')", 'network WebSocket wss://a.example'],
    [
      'a beacon',
      "navigator.sendBeacon('https://a.example', 'x')",
      'network navigator.sendBeacon https://a.example',
    ],
    ['a picture', "new Image().src = 'https://a.example/?' + 1", 'network IMG.src https://a.example/?1'],
    [
      'a script',
      "document.createElement('script').src = 'https://a.example/s.js'",
      'network SCRIPT.src https://a.example/s.js',
    ],
    [
      'an attribute',
      "document.createElement('iframe').setAttribute('src', '//a.example')",
      'network IFRAME.src //a.example',
    ],
    [
      'markup',
      'root.innerHTML = \'<img src="https://a.example/p">\'',
      'markup DIV.innerHTML https://a.example/p',
    ],
    ['a style', "root.style.background = 'url(https://a.example/b)'", 'markup DIV.style https://a.example/b'],
    ['another page', "location.href = 'https://a.example'", 'network location.href https://a.example'],
    ['a window', "window.open('https://a.example')", 'network window.open https://a.example'],
    [
      'peers',
      "new RTCPeerConnection({ iceServers: [{ urls: 'stun:a.example:3478' }] })",
      'network RTCPeerConnection stun:a.example:3478',
    ],
    [
      'a hidden name',
      "globalThis[atob('ZmV0Y2g=')](['https:', '', 'a.example'].join('/'))",
      'network fetch https://a.example',
    ],
    ['a hidden driver', "require(['p', 'g'].join(''))", 'module require pg'],
    [
      'what a driver is called with',
      "new (require('pg').Client)('postgres://db')",
      'module pg.Client postgres://db',
    ],
    ['an import', "import('my' + 'sql').catch(() => {})", 'module import mysql'],
    ['eval', "eval('1' + '+1')", 'code eval 1+1'],
    ['what eval does', 'eval("fetch(\'https://a.example\')")', 'network fetch https://a.example'],
    ['a function from text', "Function('a', 'return a')", 'code Function return a'],
    ['an escape', "(() => {}).constructor.constructor('return process')().exit(3)", 'process process exit'],
    [
      'one by an asynchronous function',
      "(async () => {}).constructor('return 1')",
      'code AsyncFunction return 1',
    ],
    ['a variable of the process', "process.env['TO' + 'KEN']", 'process process.env TOKEN'],
    ['WebAssembly', 'WebAssembly.instantiate(1)', 'code WebAssembly instantiate'],
    ['storage', "localStorage.setItem('k', 'v')", 'storage localStorage k'],
    [
      'an operation',
      "kwanus.call('orders#get', { permission: 'orders:read' })",
      'operation orders:read orders#get',
    ],
    ['an event', "kwanus.emit('acme.parked', {})", 'event emit acme.parked'],
    ['an audit event', "kwanus.audit('acme.changed', {})", 'audit audit acme.changed'],
    ['a subscription', "kwanus.on('kwanus.order.created', () => {})", 'subscription on kwanus.order.created'],
    [
      'a timer',
      "setTimeout(() => fetch('https://a.example/late'), 20 * 86400000)",
      'network fetch https://a.example/late',
    ],
    [
      'a day that comes while it waits',
      "const t = Date.now(); setInterval(() => Date.now() > t + 6e8 && fetch('https://a.example'), 36e5)",
      'network fetch https://a.example',
    ],
    [
      'a click',
      "root.addEventListener('click', () => fetch('https://a.example/c'))",
      'network fetch https://a.example/c',
    ],
    [
      'a handler by its name',
      "document.body.onclick = () => fetch('https://a.example/o')",
      'network fetch https://a.example/o',
    ],
    [
      'what follows an answer',
      "kwanus.call('a#b').then(() => fetch('https://a.example/then'))",
      'network fetch https://a.example/then',
    ],
    [
      'what follows a refusal',
      "fetch('x').catch(() => fetch('https://b.example'))",
      'network fetch https://b.example',
    ],
    [
      'what follows a denial',
      "kwanus.call('a#b').then(({ status }) => status === 403 && fetch('https://c.example'))",
      'network fetch https://c.example',
    ],
    [
      'who waits in a loop',
      "const t = Date.now(); while (Date.now() < t + 500); fetch('https://a.example')",
      'network fetch https://a.example',
    ],
  ])('[PB-7.02] is seen to reach by %s', async (...[, body, expected]) =>
    expect(await attempts(mounted(body))).toContain(expected),
  );

  it.each<readonly [string, string]>([
    ['JSON', 'JSON.stringify = JSON.parse = () => ({});'],
    ['lists', 'Array.prototype[Symbol.iterator] = function* () {}; Array.prototype.push = () => 0;'],
    ['setters of lists', "Object.defineProperty(Array.prototype, '0', { set() {} });"],
    [
      'texts',
      "String.prototype.slice = () => 'https://api.acme.example'; String.prototype.toLowerCase = () => '';",
    ],
    [
      'what objects have',
      "Object.prototype.url = 'https://api.acme.example'; Object.prototype.exit = 1; Object.prototype.get = () => 1;",
    ],
    ['calls', 'Reflect.apply = Function.prototype.call = Function.prototype.apply = () => 1;'],
    ['promises', 'Promise.prototype.then = () => {}; globalThis.Promise = class {};'],
    [
      'texts themselves',
      "globalThis.String = () => 'https://api.acme.example'; globalThis.Proxy = class {};",
    ],
    ['properties', 'Object.defineProperty = Reflect.defineProperty = () => true;'],
  ])('[PB-7.02] is seen though it takes away %s', async (_, taken) => {
    const code = `${taken} ${mounted("fetch('http://10.0.0.1/a'); const x = new XMLHttpRequest(); x.open('GET', 'http://10.0.0.2'); kwanus.emit('acme.e'); new Image().src = 'http://10.0.0.3'; process.exit(1)")}`;
    expect(await attempts(code)).toEqual([
      'network fetch http://10.0.0.1/a',
      'network XMLHttpRequest http://10.0.0.2',
      'event emit acme.e',
      'network IMG.src http://10.0.0.3',
      'process process exit',
      'process process.exit 1',
    ]);
  });

  it('[PB-4.12] is mounted as a panel, [PB-4.13] asked to export, [PB-4.14] handed an event made from its schema', async () => {
    expect(await attempts('export function mount(root, kwanus) { kwanus.emit(root.tagName); }')).toEqual([
      'event emit DIV',
    ]);
    expect(
      await attempts('export const exportData = ({ format }, kwanus) => kwanus.emit(format)', 'export'),
    ).toEqual(['event emit json']);
    const process =
      'export default { async process({ type, data }, k) { await k.emit(`${type} ${data.lines[0].sku}`); } }';
    expect(await attempts(process, 'processor')).toEqual(['event emit kwanus.order.created s']);
  });

  it.each([
    ['without an entry', 'export const other = 1', 'it exports no function `mount`'],
    ['that ends while it is loaded', "throw new Error('no luck')", 'the module ends with an error: no luck'],
    [
      'that waits for ever',
      'await new Promise(() => {}); export const mount = () => {}',
      'the module waits for something that never comes',
    ],
    [
      'that needs a module',
      "import 'pg'; export const mount = () => {}",
      'the module ends with an error: There is no module pg here.',
    ],
  ])('[PB-7.02] says why a module %s is not run', async (...[, code, expected]) =>
    expect((await run(code)).entryMissing).toBe(expected),
  );

  it.each([
    ['a loop without an end', 'for (;;);', 'steps'],
    ['an expression without an end', "/^(a+)+$/.test('a'.repeat(40) + '!')", 'steps'],
    [
      'promises that make promises',
      'const f = () => Promise.resolve().then(() => { f(); f(); }); f()',
      'steps',
    ],
    ['calls without an end', "for (;;) fetch('https://a.example')", 'steps'],
    ['a memory bomb', "const a = []; for (;;) a.push('x'.repeat(1e5) + a.length)", 'memory'],
    ['a text that is too large, caught', "try { 'x'.repeat(2 ** 28); } catch {}", 'memory'],
    ['a flood of hosts', 'for (let i = 0; i < 1e6; i++) fetch(`https://a${i}.example`)', 'attempts'],
    ['a flood of listeners', "for (;;) addEventListener('x', () => {})", 'attempts'],
  ])('[PB-7.02] ends at %s, at the same place each time', async (...[, body, expected]) => {
    const seen = await run(mounted(body));
    expect(seen.exhausted).toBe(expected);
    expect(await run(mounted(body))).toEqual(seen);
  });

  it('[PB-7.02] lists up to 500 attempts, and no more', async () => {
    const flood = (count: number) =>
      run(mounted(`for (let i = 0; i < ${count}; i++) fetch('https://a.example/' + i)`));
    const most = await flood(500);
    expect([most.attempts.length, most.exhausted]).toEqual([500, null]);
    const more = await flood(501);
    expect([more.attempts.length, more.exhausted]).toEqual([500, 'attempts']);
  });

  it('[PB-7.02] sees the same clock and the same chance each time', async () => {
    const code = mounted(
      'kwanus.emit([new Date().toISOString(), Math.random(), crypto.randomUUID(), performance.now()].join())',
    );
    const seen = await attempts(code);
    expect(seen).toEqual([expect.stringContaining('event emit 2026-11-23T10:00:00.000Z,0.87946')]);
    expect(await attempts(code)).toEqual(seen);
  });

  it('[PB-7.02] is told of what was thrown where everything answered, and of nothing else', async () => {
    expect(
      (await run(mounted("fetch('x').then(({ ok }) => { if (ok) throw new Error('after all'); })"))).errors,
    ).toEqual([]);
    expect((await run('export async function mount() { await 1; null.x; }')).errors).toEqual([
      "mount: TypeError: cannot read property 'x' of null",
    ]);
  });

  it('[PB-7.02] changes nothing of the process around it', async () => {
    const before = Object.getOwnPropertyNames(globalThis).sort();
    await run(
      mounted("globalThis.polluted = 1; Object.prototype.polluted = 1; this?.x; (0, eval)('var y = 1')"),
    );
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
