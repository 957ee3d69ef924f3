import { type Audit, api, type Case, row } from './audit-cases.js';
import { type Loose, put } from './edited-submission.js';
import { ACME, extension, mounted } from './extension-edits.js';

const LARGEST_BUNDLE = 2 * 1024 * 1024;
const QUIET = 'export function mount() {}\n//';

const bundle = (code: string): Case => ({ is: extension(code) });
const shown = (body: string, more?: object): Case => ({ is: mounted(body, more) });
const padded = (bytes: number): Case => bundle(QUIET.padEnd(bytes, 'x'));
const fetching = (times: number): Case =>
  shown(`for (let i = 0; i < ${times}; i++) fetch('https://api.acme.example/' + i);`, ACME);
const calling = (operation: string, permission: string, more = ''): Case =>
  shown(`kwanus.call('orders#${operation}', { permission: '${permission}' }); ${more}`);
const holding = (mebibytes: number): Case => shown(`root.kept = new Uint8Array(${mebibytes} << 20);`);
/** The call and its end take the last turns of 50 000. */
const awaiting = (turns: number): Case => shown(`for (let i = 0; i < ${turns}; i++) await null;`);
const policy = (csp: string): Case => shown('', { sandbox: { network: ['api.acme.example'], csp } });
const built = (use: string): Case =>
  shown(`const name = ['constr', 'uctor'].join(''); (() => {})[name]${use};`);

/** SB: what is seen of an extension, and what it does when it is run. */
export const EXTENSIONS: Readonly<Record<string, Readonly<Record<string, Audit>>>> = {
  'sandbox-integrity': {
    SB801: row(bundle('export const = 1'), shown(''), [padded(LARGEST_BUNDLE + 1), padded(LARGEST_BUNDLE)]),
    SB802: row(shown("eval('1');"), shown(''), [shown("(0, eval)('1');"), shown("root.title = 'eval(1)';")]),
    SB803: row(bundle('export const panel = 1;'), shown(''), [
      bundle('export const mount = 1;'),
      bundle('export const mount = () => 1;'),
    ]),
    SB804: row(shown("fetch('https://other.example/');"), shown(''), [
      shown("fetch('https://x.api.acme.example/');", ACME),
      shown("fetch('https://api.acme.example./');", ACME),
    ]),
    SB805: row(calling('dropOrder', 'orders:read'), shown(''), [
      calling('getOrder', 'orders:Read'),
      calling('getOrder', 'orders:read'),
    ]),
    SB806: row(shown("kwanus.on('kwanus.other', () => {});"), shown(''), [
      shown("kwanus.emit('acme.parked.again', {});"),
      shown("kwanus.emit('acme.parked', {});"),
    ]),
    SB807: row(shown("globalThis['req' + 'uire']('fs');"), shown(''), [
      built("('return 1')()"),
      built('.name'),
    ]),
    SB808: row(shown('for (;;);'), shown(''), [awaiting(49_997), awaiting(49_996)]),
    SB809: row(shown("const a = []; for (;;) a.push('x'.repeat(1e5) + a.length);"), shown(''), [
      holding(60),
      holding(56),
    ]),
    SB810: row(fetching(5_000), shown(''), [fetching(501), fetching(500)]),
    SB811: row(calling('createOrder', 'orders:write'), shown(''), [
      calling('createOrder', 'orders:write', "kwanus.emit('acme.parked', {});"),
      calling('createOrder', 'orders:write', "kwanus.audit('acme.ordered', {});"),
    ]),
    SB812: row(shown('null.x;'), shown(''), [
      shown('try { null.x; } finally { root.title = 1; }'),
      shown('try { null.x; } catch { root.title = 1; }'),
    ]),
    SB813: row(policy('script-src *'), shown(''), [
      policy('connect-src https://x.api.acme.example'),
      policy('connect-src https://api.acme.example:443'),
    ]),
    SB814: row(shown(''), {}, [bundle('export const mount = 1;'), bundle('export const mount = ;')]),
  },
};

const answering = (media: object): Case =>
  api((c: Loose) =>
    put(c['paths']?.['/parcels']?.['post']?.['responses']?.['201']?.['content'], {
      'application/json': media,
    }),
  );
const sample = (schema: object, example: unknown): Case =>
  answering({ schema: { type: 'string', ...schema }, example });
const ofLetters = (count: number): Case =>
  sample({ pattern: `^${'a'.repeat(count - 2)}$` }, 'a'.repeat(count - 2));

/** VS204 and VS205: samples beside the schemas that they are held against. */
export const SAMPLES: Readonly<Record<string, Audit>> = {
  VS204: row(sample({}, 1), sample({}, '1'), [
    sample({ maxLength: 3 }, 'four'),
    sample({ maxLength: 4 }, 'four'),
  ]),
  VS205: row(sample({ pattern: '(?=a)a' }, 'a'), sample({ pattern: 'a' }, 'a'), [
    ofLetters(1_001),
    ofLetters(1_000),
  ]),
};
