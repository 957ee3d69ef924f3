import type { GuestTools } from './tools.js';

/** Ways to make code, to load it and to reach the process around it: each is told, and goes on, so that more is seen. */
export function guestCode(tools: GuestTools): void {
  const { define, global, note, anything, text } = tools;
  const { construct, getPrototypeOf, get } = Reflect;
  const NativeProxy = Proxy;
  const nativeEval = get(global, 'eval') as (code: unknown) => unknown;

  const remade = (name: string, prototype: object): void => {
    const Native = get(prototype, 'constructor') as () => unknown;
    function Made(...given: unknown[]): unknown {
      const isForThis = given.length === 1 && (given[0] === 'return this' || given[0] === 'return this;');
      if (!isForThis) note('code', name, given.length === 0 ? '' : given[given.length - 1]);
      return construct(Native, given);
    }
    Made.prototype = prototype;
    define(prototype, 'constructor', Made);
    if (name === 'Function') define(global, 'Function', Made);
  };
  remade('Function', Function.prototype);
  remade('AsyncFunction', getPrototypeOf(async () => {}) as object);
  remade('GeneratorFunction', getPrototypeOf(function* none() {}) as object);
  remade('AsyncGeneratorFunction', getPrototypeOf(async function* none() {}) as object);
  define(global, 'eval', (code: unknown) => {
    note('code', 'eval', code);
    return nativeEval(code);
  });
  define(global, 'require', (name: unknown) => {
    note('module', 'require', name);
    return anything(text(name), 'module');
  });
  define(global, 'importScripts', (...names: unknown[]) => {
    for (let at = 0; at < names.length; at += 1) note('network', 'importScripts', names[at]);
  });
  const told = (name: string, capability: string, known: Readonly<Record<string, unknown>>): object =>
    new NativeProxy(known, {
      get: (target, key) => {
        const isKnown = typeof key === 'symbol' || key === 'then' || key in known;
        if (isKnown) return target[key as string];
        note(capability, name, key);
        return anything(`${name}.${key}`, capability);
      },
      has: () => true,
      set: () => true,
    });
  const asks: Readonly<Record<string, unknown>> = {
    __proto__: null,
    toString: () => '',
    toJSON: undefined,
    constructor: undefined,
  };
  const env = new NativeProxy({} as Record<string, string>, {
    get: (_, key) => {
      if (key === 'NODE_ENV') return 'production';
      if (typeof key !== 'symbol') note('process', 'process.env', key);
      return undefined;
    },
  });
  const known = {
    __proto__: null,
    ...asks,
    env,
    versions: undefined,
    version: undefined,
    release: undefined,
    browser: true,
    platform: 'browser',
    argv: [],
    title: 'browser',
    type: undefined,
    nextTick: get(global, 'queueMicrotask') as unknown,
  };
  define(global, 'process', told('process', 'process', known));
  define(global, 'WebAssembly', told('WebAssembly', 'code', asks));
}
