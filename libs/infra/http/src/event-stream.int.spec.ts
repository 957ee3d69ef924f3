import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import express, { type Response } from 'express';
import { StreamSlots, sendEventStream } from './index.js';

const UNTIL = Date.parse('2026-11-23T12:00:00Z');

describe('an event stream', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  async function open(clock: { now: () => number }, data: string, count: number) {
    const app = express();
    const closed = new Promise<void>((resolve) => {
      app.get('/', (request, response) => {
        response.once('close', resolve);
        void sendEventStream(request, response, {
          until: UNTIL,
          clock,
          open: async function* (_, signal) {
            for (let id = 1; id <= count; id += 1) yield { id: String(id), event: 'note', data };
            if (!signal.aborted) await once(signal, 'abort');
          },
        });
      });
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return { response, closed };
  }

  it('ends with the token, not before', async () => {
    let now = UNTIL - 1;
    const { response } = await open({ now: () => now }, 'hello', 1);
    const text = response.text();
    const early = new Promise((resolve) => setTimeout(resolve, 1_200, 'still open'));
    expect(await Promise.race([text, early])).toBe('still open');
    now = UNTIL;
    expect(await text).toContain('hello');
  });

  it('sends nothing after the end of the token', async () => {
    const { response } = await open({ now: () => UNTIL }, 'secret', 3);
    expect(await response.text()).not.toContain('secret');
  });

  it('ends for a caller who does not read, too', async () => {
    let now = UNTIL - 1;
    const { closed, response } = await open({ now: () => now }, 'x'.repeat(1_000_000), 1_000);
    now = UNTIL;
    await closed;
    // A body that nobody reads would keep its connection, and with it this process, until it is collected.
    await response.body?.cancel().catch(() => undefined);
  });
});

describe('the slots of event streams', () => {
  const answer = () => new EventEmitter() as unknown as Response;

  it('are counted for each caller, and free again when the answer is closed', () => {
    const slots = new StreamSlots(2);
    const first = answer();
    slots.take('ada', first);
    slots.take('ada', answer());
    slots.take('gus', answer());
    const third = () => slots.take('ada', answer());
    expect(third).toThrow(expect.objectContaining({ problem: 'rate-limited', retryAfter: 5 }));
    first.emit('close');
    expect(third).not.toThrow();
    expect(third).toThrow(/2 event streams/);
  });
});
