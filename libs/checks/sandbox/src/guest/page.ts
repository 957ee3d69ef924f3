import type { GuestElements } from './elements.js';
import type { GuestTools } from './tools.js';

/** A page with as much of a document as code needs to go on. What it would load is told. @returns the element that a panel is given */
export function guestPage(tools: GuestTools, { element, listen }: GuestElements): object {
  const { define, global, note, text, watch } = tools;
  const kept = (via: string): object => {
    const values = { __proto__: null } as unknown as Record<string, string>;
    return {
      getItem: (key: unknown) => {
        note('storage', via, key);
        return values[text(key)] ?? null;
      },
      setItem: (key: unknown, value: unknown) => {
        note('storage', via, key);
        values[text(key)] = text(value);
      },
      removeItem: (key: unknown) => note('storage', via, key),
      clear() {},
      key: () => null,
      length: 0,
    };
  };
  const page = element('html') as Record<string, unknown>;
  for (const name of [
    'createElement',
    'getElementById',
    'createTextNode',
    'createComment',
    'createDocumentFragment',
  ])
    page[name] = (tag: unknown) => element(name === 'createElement' ? tag : 'div');
  page['createElementNS'] = (_: unknown, tag: unknown) => element(tag);
  page['importNode'] = (node: unknown) => node;
  for (const name of ['body', 'head', 'documentElement', 'currentScript', 'activeElement'])
    page[name] = element(name);
  for (const name of ['write', 'writeln'])
    page[name] = (markup: unknown) => note('markup', `document.${name}`, markup);
  page['readyState'] = 'complete';
  page['hidden'] = false;
  page['referrer'] = '';
  watch(
    page,
    'cookie',
    () => (note('storage', 'document.cookie', 'read'), ''),
    () => note('storage', 'document.cookie', 'write'),
  );

  const leave = (via: string) => (address: unknown) => note('network', via, address);
  const location = {
    origin: 'https://extension.invalid',
    protocol: 'https:',
    host: 'extension.invalid',
    hostname: 'extension.invalid',
    pathname: '/',
    search: '',
    hash: '',
    reload() {},
  };
  watch(location, 'href', () => 'https://extension.invalid/', leave('location.href'));
  define(location, 'assign', leave('location.assign'));
  define(location, 'replace', leave('location.replace'));
  define(location, 'toString', () => 'https://extension.invalid/');
  watch(page, 'location', () => location, leave('document.location'));
  watch(global, 'location', () => location, leave('location'));
  define(global, 'document', page);
  define(global, 'localStorage', kept('localStorage'));
  define(global, 'sessionStorage', kept('sessionStorage'));
  define(global, 'indexedDB', tools.anything('indexedDB', 'storage'));
  define(global, 'caches', tools.anything('caches', 'storage'));
  define(global, 'navigator', {
    userAgent: 'kwanus-sandbox',
    language: 'en',
    languages: ['en'],
    onLine: true,
    sendBeacon: (address: unknown) => (note('network', 'navigator.sendBeacon', address), true),
    clipboard: tools.anything('navigator.clipboard', 'process'),
    serviceWorker: { register: leave('serviceWorker.register') },
  });
  define(global, 'open', leave('window.open'));
  function Image(): object {
    return element('img');
  }
  define(global, 'Image', Image);
  define(global, 'addEventListener', (type: unknown, callee: unknown) => listen(global, text(type), callee));
  for (const name of ['removeEventListener', 'postMessage', 'alert', 'scrollTo', 'focus'])
    define(global, name, () => undefined);
  define(global, 'getComputedStyle', () => ({ getPropertyValue: () => '' }));
  define(global, 'matchMedia', () => ({ matches: false, addEventListener() {}, addListener() {} }));
  for (const name of ['MutationObserver', 'ResizeObserver', 'IntersectionObserver'])
    define(global, name, function Observer(this: Record<string, unknown>) {
      for (const method of ['observe', 'disconnect', 'unobserve', 'takeRecords']) this[method] = () => [];
    });
  for (const name of ['window', 'self', 'top', 'parent', 'frames', 'global']) define(global, name, global);
  return element('div');
}
