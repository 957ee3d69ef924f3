import type { GuestTools } from './tools.js';

/** Everything that opens a connection: what it leads to is told, and an empty answer given, or none. */
export function guestNetwork(tools: GuestTools): void {
  const { define, global, note, answer, answers, later, attempt, text } = tools;
  const { get } = Reflect;
  const status = answers === 'given' ? 200 : 0;

  const response = (): object => {
    const body = {
      ok: true,
      status: 200,
      statusText: 'OK',
      redirected: false,
      headers: { get: () => null, has: () => false, forEach() {} },
      json: () => answer({}),
      text: () => answer(''),
      arrayBuffer: () => answer(new ArrayBuffer(0)),
      blob: () => answer({ size: 0 }),
      clone: (): object => body,
    };
    return body;
  };
  define(global, 'fetch', (input: unknown) => {
    note('network', 'fetch', input);
    return answer(response());
  });
  function Request(this: { url: string }, input: unknown): void {
    const url = text(input);
    this.url = url;
    define(this, 'toString', () => url);
  }
  define(global, 'Request', Request);

  function XMLHttpRequest(this: Record<string, unknown>): void {
    this['readyState'] = 0;
    this['status'] = 0;
    this['responseText'] = '';
    const listening = (type: string, callee: unknown): void =>
      later(`XMLHttpRequest.${type}`, callee, [{ type, target: this }]);
    this['open'] = (_method: unknown, url: unknown) => note('network', 'XMLHttpRequest', url);
    this['addEventListener'] = (type: unknown, callee: unknown) => {
      if (type === (answers === 'given' ? 'load' : 'error')) listening(text(type), callee);
    };
    this['send'] = () => {
      this['readyState'] = 4;
      this['status'] = status;
      listening('onreadystatechange', get(this, 'onreadystatechange'));
      listening('settled', get(this, answers === 'given' ? 'onload' : 'onerror'));
      listening('onloadend', get(this, 'onloadend'));
    };
    for (const name of ['setRequestHeader', 'abort', 'overrideMimeType', 'removeEventListener'])
      this[name] = () => undefined;
    this['getResponseHeader'] = () => null;
    this['getAllResponseHeaders'] = () => '';
  }
  define(global, 'XMLHttpRequest', XMLHttpRequest);

  const moments = ['onopen', 'onmessage', 'onclose', 'onerror'];
  const connection = (name: string): void => {
    function Connection(this: Record<string, unknown>, address: unknown): void {
      note('network', name, name === 'RTCPeerConnection' ? serverOf(address) : address);
      this['readyState'] = 1;
      this['addEventListener'] = (type: unknown, callee: unknown) =>
        later(`${name}.${text(type)}`, callee, [{ type, data: '', target: this }]);
      for (const method of ['send', 'close', 'postMessage', 'terminate', 'removeEventListener'])
        this[method] = () => undefined;
      for (let at = 0; at < moments.length; at += 1) {
        const type = moments[at] ?? '';
        later(name, () => attempt(name, get(this, type), [{ type, data: '', target: this }]), []);
      }
    }
    define(global, name, Connection);
  };
  const serverOf = (given: unknown): unknown => {
    const { iceServers } = (given ?? {}) as { readonly iceServers?: readonly { readonly urls?: unknown }[] };
    return iceServers?.[0]?.urls ?? '';
  };
  for (const name of [
    'WebSocket',
    'EventSource',
    'WebTransport',
    'Worker',
    'SharedWorker',
    'RTCPeerConnection',
  ])
    connection(name);
}
