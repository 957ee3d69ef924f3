import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from '@jest/globals';

/** The module as it was built: a thread starts from JavaScript. */
const BUILT = new URL('../dist/no-network.js', import.meta.url).href;

it.each([
  ['net.connect(9, "127.0.0.1")'],
  ['tls.connect(9, "127.0.0.1")'],
  ['http.get("http://127.0.0.1:9/")'],
  ['dns.lookup("localhost", () => {})'],
  ['await dns.promises.resolve("localhost")'],
  ['await fetch("http://127.0.0.1:9/")'],
])('a thread without network opens none: %s', async (attempt) => {
  const code = `
    import dns from 'node:dns';
    import http from 'node:http';
    import net from 'node:net';
    import tls from 'node:tls';
    import { parentPort } from 'node:worker_threads';
    import { withoutNetwork } from ${JSON.stringify(BUILT)};
    withoutNetwork();
    try {
      ${attempt};
      parentPort.postMessage('opened');
    } catch (error) {
      parentPort.postMessage(error.name);
    }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { execArgv: [] });
  const [said] = (await once(worker, 'message')) as [string];
  await worker.terminate();
  expect(said).toBe('NetworkForbidden');
});
