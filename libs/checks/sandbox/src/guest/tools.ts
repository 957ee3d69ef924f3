// Functions of this folder run inside the interpreter: their text is handed over, so that each stands alone and names nothing of its file.
// What they need of the language they take before the code that is judged can change it.

/** What every stand-in is made with. */
export interface GuestTools {
  readonly global: object;
  readonly answers: 'given' | 'refused';
  readonly startMs: number;
  /** The one way out: what is told here can't be taken back. */
  readonly note: (capability: string, via: string, target: unknown) => void;
  readonly text: (value: unknown) => string;
  readonly define: (target: object, name: PropertyKey, value: unknown) => void;
  /** A property whose setting is told; reading it gives `value()`. */
  readonly watch: (target: object, name: string, value: () => unknown, set: (given: unknown) => void) => void;
  readonly answer: (value: unknown) => Promise<unknown>;
  /** Stands for a thing that nobody knows: can be called, constructed and asked for anything, and tells what it is called with. */
  readonly anything: (name: string, capability: string) => object;
  /** Calls a function of the code that is judged; what it throws is told. */
  readonly attempt: (name: string, callee: unknown, given: readonly unknown[]) => void;
  /** To be called once the code has come to rest, in the order in which they were added. */
  readonly later: (name: string, callee: unknown, given: readonly unknown[]) => void;
  readonly takeLater: () => boolean;
  readonly compute: (what: string, first: unknown, second?: unknown) => unknown;
}

/** What the host hands in. */
export interface GuestHost {
  readonly note: (capability: string, via: string, target: string) => void;
  readonly compute: (what: string, first: string, second: string) => string;
  readonly answers: 'given' | 'refused';
  readonly startMs: number;
}

interface Waiting {
  readonly name: string;
  readonly callee: unknown;
  readonly given: readonly unknown[];
  next: Waiting | null;
}

/** Makes the tools out of what the host hands in. */
export function guestTools(host: GuestHost): GuestTools {
  const { apply, defineProperty } = Reflect;
  const { slice } = String.prototype;
  const NativePromise = Promise;
  const { then } = Promise.prototype;
  const { parse } = JSON;
  const NativeProxy = Proxy;
  const NativeString = String;
  const { toPrimitive, iterator } = Symbol;
  const longest = 2000;
  const longestMarkup = 20_000;
  const mostWaiting = 2000;
  let first: Waiting | null = null;
  let last: Waiting | null = null;
  let waiting = 0;

  const text = (value: unknown): string => {
    try {
      return apply(slice, NativeString(value), [0, longest]);
    } catch {
      return '?';
    }
  };
  const note = (capability: string, via: string, target: unknown): void => {
    if (capability !== 'markup') return host.note(capability, via, text(target));
    const written = NativeString(target);
    if (written.length > longestMarkup) host.note('flood', via, '');
    return host.note(capability, via, apply(slice, written, [0, longestMarkup]));
  };
  const define = (target: object, name: PropertyKey, value: unknown): void =>
    void defineProperty(target, name, {
      __proto__: null,
      value,
      writable: true,
      configurable: true,
    } as object);
  const anything = (name: string, capability: string): object => {
    const called = (given: readonly unknown[]): object => {
      note(capability, name, given.length === 0 ? '' : given[0]);
      return anything(name, capability);
    };
    return new NativeProxy(function thing() {}, {
      get: (_, key) => {
        if (key === 'then' || key === iterator) return undefined;
        if (key === toPrimitive) return () => '';
        return anything(apply(slice, `${name}.${NativeString(key)}`, [0, 100]), capability);
      },
      set: () => true,
      has: () => true,
      apply: (_, self, given) => called(given),
      construct: (_, given) => called(given),
    });
  };
  const attempt = (name: string, callee: unknown, given: readonly unknown[]): void => {
    const failed = (error: unknown): void => note('error', name, error);
    try {
      if (typeof callee !== 'function') return;
      const value: unknown = apply(callee as () => unknown, undefined, given);
      const settled = new NativePromise((resolve) => resolve(value));
      void apply(then, settled, [undefined, failed]);
    } catch (error) {
      failed(error);
    }
  };
  return {
    global: globalThis,
    answers: host.answers,
    startMs: host.startMs,
    note,
    text,
    define,
    watch: (target, name, value, set) =>
      void defineProperty(target, name, { __proto__: null, get: value, set, configurable: true } as object),
    answer: (value) =>
      new NativePromise((resolve, reject) =>
        host.answers === 'given' ? resolve(value) : reject(new TypeError('Failed to fetch')),
      ),
    anything,
    attempt,
    later: (name, callee, given) => {
      if (waiting >= mostWaiting) return note('flood', name, '');
      waiting += 1;
      const added: Waiting = { name, callee, given, next: null };
      if (last === null) first = added;
      else last.next = added;
      last = added;
    },
    takeLater: () => {
      if (first === null) return false;
      const { name, callee, given, next } = first;
      first = next;
      if (first === null) last = null;
      attempt(name, callee, given);
      return true;
    },
    compute: (what, a, b) => {
      const answer = host.compute(what, text(a), b === undefined ? '' : text(b));
      return answer === '' ? undefined : parse(answer);
    },
  };
}
