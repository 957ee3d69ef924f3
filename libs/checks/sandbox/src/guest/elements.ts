import type { GuestTools } from './tools.js';

/** Makes elements with as much of a document as code needs to go on. What a browser would load for them is told. */
export interface GuestElements {
  readonly element: (tag: unknown) => object;
  readonly listen: (node: object, type: string, callee: unknown) => void;
}

/** Elements of a page that nobody sees. */
export function guestElements(tools: GuestTools): GuestElements {
  const { note, later, text } = tools;
  const { get, set } = Reflect;
  const NativeProxy = Proxy;
  const { includes, toLowerCase, toUpperCase } = String.prototype;
  const call = Reflect.apply;
  const holds = (where: string, what: string): boolean => call(includes, where, [what]);
  const loads = '|src|srcset|action|formaction|data|poster|background|ping|xlink:href|';
  const writes = '|innerhtml|outerhtml|srcdoc|style|csstext|';

  const told = (tag: string, name: string, value: unknown): void => {
    const key = `|${call(toLowerCase, name, [])}|`;
    if (holds(loads, key) || (key === '|href|' && tag !== 'A')) note('network', `${tag}.${name}`, value);
    else if (holds(writes, key)) note('markup', `${tag}.${name}`, value);
  };
  const listen = (node: object, type: string, callee: unknown): void =>
    later(type, callee, [
      {
        type,
        target: node,
        currentTarget: node,
        data: {},
        key: '',
        preventDefault() {},
        stopPropagation() {},
      },
    ]);
  const style = (tag: string): object =>
    new NativeProxy(
      {
        setProperty: (_: unknown, value: unknown) => note('markup', `${tag}.style`, value),
        removeProperty() {},
      } as object,
      {
        set: (_, name, value) => {
          note('markup', `${tag}.style`, value);
          return set(_, name, value);
        },
      },
    );
  const element = (name: unknown): object => {
    const tag = call(toUpperCase, text(name), []);
    const attributes = { __proto__: null } as unknown as Record<string, string>;
    const childNodes: unknown[] = [];
    const added = (child: unknown): unknown => {
      childNodes[childNodes.length] = child;
      if (
        tag === 'SCRIPT' ||
        (typeof child === 'object' && child !== null && get(child, 'tagName') === 'SCRIPT')
      )
        note(
          'code',
          'script',
          typeof child === 'object' && child !== null ? get(child, 'textContent') : child,
        );
      return child;
    };
    const inert = () => undefined;
    const node = {
      tagName: tag,
      nodeName: tag,
      nodeType: 1,
      parentNode: null,
      firstChild: null,
      lastChild: null,
      nextSibling: null,
      textContent: '',
      innerHTML: '',
      value: '',
      childNodes,
      children: childNodes,
      style: style(tag),
      dataset: {},
      ownerDocument: null as unknown,
      classList: { add: inert, remove: inert, toggle: inert, contains: () => false },
      appendChild: added,
      append: added,
      prepend: added,
      insertBefore: added,
      replaceChild: added,
      replaceChildren: added,
      removeChild: (child: unknown) => child,
      attachShadow: () => element('div'),
      cloneNode: () => element(tag),
      contains: () => false,
      setAttribute: (key: unknown, value: unknown) => {
        attributes[text(key)] = text(value);
        told(tag, text(key), value);
      },
      setAttributeNS: (_: unknown, key: unknown, value: unknown) => told(tag, text(key), value),
      getAttribute: (key: unknown) => attributes[text(key)] ?? null,
      hasAttribute: (key: unknown) => attributes[text(key)] !== undefined,
      removeAttribute: inert,
      insertAdjacentHTML: (_: unknown, markup: unknown) =>
        note('markup', `${tag}.insertAdjacentHTML`, markup),
      addEventListener: (type: unknown, callee: unknown) => listen(seen, text(type), callee),
      removeEventListener: inert,
      dispatchEvent: () => true,
      querySelector: () => element('div'),
      querySelectorAll: () => [],
      getElementsByTagName: () => [],
      getBoundingClientRect: () => ({
        x: 0,
        y: 0,
        top: 0,
        left: 0,
        right: 0,
        bottom: 0,
        width: 0,
        height: 0,
      }),
      click: () => note('network', `${tag}.click`, get(node, 'href') ?? attributes['href'] ?? ''),
      submit: inert,
      focus: inert,
      blur: inert,
      remove: inert,
      getContext: () => null,
    };
    const seen: object = new NativeProxy(node, {
      set: (target, key, value) => {
        if (typeof key === 'string') {
          told(tag, key, value);
          if (key[0] === 'o' && key[1] === 'n') listen(seen, key, value);
        }
        return set(target, key, value);
      },
    });
    return seen;
  };
  return { element, listen };
}
