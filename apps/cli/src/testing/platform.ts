import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeSession } from '../session.js';

/** A request as the platform got it. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  /** Null: it had none. */
  readonly body: unknown;
}

/** A platform that answers as it is told, where somebody is logged in. */
export interface TestPlatform {
  readonly asked: Asked[];
  /** Ends it, and logs out. */
  readonly stop: () => void;
}

/** Starts a platform, and logs somebody in there. */
export async function testPlatform(name: string, answer: (asked: Asked) => unknown): Promise<TestPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-cli-'));
  const before = process.env['KWANUS_DATA_DIR'];
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '' } = request;
      const one = { method, url, body: body === '' ? null : (JSON.parse(body) as unknown) };
      asked.push(one);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(one)));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env['KWANUS_DATA_DIR'] = folder;
  const { port } = server.address() as AddressInfo;
  writeSession(folder, { server: `http://127.0.0.1:${port}`, name, token: 'token' });
  return {
    asked,
    stop: () => {
      server.close();
      if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
      else process.env['KWANUS_DATA_DIR'] = before;
      rmSync(folder, { recursive: true });
    },
  };
}
