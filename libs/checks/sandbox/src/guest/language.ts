import type { GuestTools } from './tools.js';

/** What every browser has beside the language, without any way out: addresses, encodings, randomness that is always the same. */
export function guestLanguage(tools: GuestTools): void {
  const { define, global, text, compute } = tools;
  const NativeString = String;
  const Bytes = Uint8Array;
  const { charCodeAt } = String.prototype;
  const call = Reflect.apply;
  const { fromCharCode } = String;

  define(global, 'atob', (given: unknown) => compute('atob', given) ?? '');
  define(global, 'btoa', (given: unknown) => compute('btoa', given) ?? '');
  const encode = (given: unknown): Uint8Array => {
    const binary = NativeString(compute('utf8', given) ?? '');
    const bytes = new Bytes(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = call(charCodeAt, binary, [at]);
    return bytes;
  };
  define(global, 'TextEncoder', function TextEncoder(this: object) {
    define(this, 'encode', encode);
  });
  define(global, 'TextDecoder', function TextDecoder(this: object) {
    define(this, 'decode', (bytes: Uint8Array) => {
      let binary = '';
      for (let at = 0; at < bytes.length && at < 2000; at += 1) binary += fromCharCode(bytes[at] ?? 0);
      return compute('text', binary) ?? '';
    });
  });
  function URL(this: Record<string, unknown>, address: unknown, base: unknown): void {
    const parts = compute('url', address, base) as Readonly<Record<string, string>> | undefined;
    if (parts === undefined) throw new TypeError('Invalid URL');
    const names = ['href', 'origin', 'protocol', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
    for (let at = 0; at < names.length; at += 1) this[names[at] ?? ''] = parts[names[at] ?? ''];
    const written = (): string =>
      `${text(this['protocol'])}//${text(this['host'])}${text(this['pathname'])}${text(this['search'])}${text(this['hash'])}`;
    define(this, 'toString', written);
    define(this, 'toJSON', written);
    const search = {
      append() {},
      set() {},
      delete() {},
      get: () => null,
      has: () => false,
      toString: () => '',
    };
    define(this, 'searchParams', search);
  }
  define(global, 'URL', URL);
  define(URL, 'createObjectURL', () => 'blob:extension');
  define(URL, 'revokeObjectURL', () => undefined);
  function Entries(this: object): void {
    for (const name of ['append', 'set', 'delete', 'forEach']) define(this, name, () => undefined);
    define(this, 'get', () => null);
    define(this, 'has', () => false);
    define(this, 'toString', () => '');
  }
  for (const name of ['URLSearchParams', 'Headers', 'FormData', 'Blob', 'File', 'FileReader'])
    define(global, name, Entries);
  define(global, 'AbortController', function AbortController(this: object) {
    define(this, 'signal', { aborted: false, addEventListener() {}, removeEventListener() {} });
    define(this, 'abort', () => undefined);
  });
  for (const name of ['Event', 'CustomEvent', 'MessageEvent'])
    define(global, name, function Made(this: Record<string, unknown>, type: unknown, more: unknown) {
      this['type'] = type;
      this['detail'] = (more as { readonly detail?: unknown } | undefined)?.detail;
    });
  const quiet = { __proto__: null } as unknown as Record<string, unknown>;
  for (const name of [
    'log',
    'info',
    'warn',
    'error',
    'debug',
    'trace',
    'group',
    'groupEnd',
    'table',
    'assert',
    'time',
    'timeEnd',
  ])
    quiet[name] = () => undefined;
  define(global, 'console', quiet);

  let seed = 0x2545f491;
  const random = (): number => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 0x100000000;
  };
  define(Math, 'random', random);
  define(global, 'crypto', {
    getRandomValues: (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = random() * 256;
      return bytes;
    },
    randomUUID: () => '00000000-0000-4000-8000-000000000000',
  });
  define(global, 'structuredClone', (value: unknown) => value);
}
