import type { GuestTools } from './tools.js';

/** The platform as an extension sees it, and what each kind is called with. */
export interface GuestPlatform {
  readonly kwanus: object;
  readonly drive: (entry: { readonly [name: string]: unknown }, kind: string) => boolean;
}

/** A platform that does nothing but tell what it was asked for. */
export function guestPlatform(tools: GuestTools, root: object, events: readonly object[]): GuestPlatform {
  const { note, answers, later, attempt, text, global } = tools;
  const { get } = Reflect;
  const status = answers === 'given' ? 200 : 403;
  const settled = Promise.resolve.bind(Promise) as (value: unknown) => Promise<unknown>;

  const kwanus = {
    call: (operation: unknown, asked: unknown) => {
      const permission = typeof asked === 'object' && asked !== null ? get(asked, 'permission') : undefined;
      note('operation', permission === undefined ? '' : text(permission), operation);
      return settled({ status, body: {} });
    },
    emit: (type: unknown) => {
      note('event', 'emit', type);
      return settled(undefined);
    },
    audit: (type: unknown) => {
      note('audit', 'audit', type);
      return settled(undefined);
    },
    on: (type: unknown, handler: unknown) => {
      note('subscription', 'on', type);
      for (let at = 0; at < events.length; at += 1)
        if (get(events[at] as object, 'type') === type) later('on', handler, [events[at], kwanus]);
    },
    log: () => undefined,
    fetch: get(global, 'fetch') as unknown,
  };

  const called: Readonly<
    Record<string, { readonly name: string; readonly given: readonly (readonly unknown[])[] }>
  > = {
    ui: { name: 'mount', given: [[root, kwanus]] },
    export: { name: 'exportData', given: [[{ format: 'json', rows: [{}] }, kwanus]] },
    processor: { name: 'process', given: events.map((event) => [event, kwanus]) },
  };
  return {
    kwanus,
    drive: (entry, kind) => {
      const { name, given } = called[kind] ?? { name: '', given: [] };
      const standard = entry['default'];
      const nested = typeof standard === 'object' && standard !== null ? get(standard, name) : standard;
      const callee = typeof entry[name] === 'function' ? entry[name] : nested;
      if (typeof callee !== 'function') return false;
      for (let at = 0; at < given.length; at += 1) attempt(name, callee, given[at] as readonly unknown[]);
      const end = entry['unmount'];
      if (typeof end === 'function') later('unmount', end, [root]);
      return true;
    },
  };
}
