import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ApiProblem, KwanusClient, UnexpectedAnswer, Unreachable } from './index.js';

type Handler = (request: IncomingMessage, response: ServerResponse, call: number) => void;

let server: Server | null = null;

async function platform(handler: Handler): Promise<string> {
  let calls = 0;
  server = createServer((request, response) => {
    calls += 1;
    handler(request, response, calls);
  });
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const committed = { integrationId: 'acme.orders', release: '1.0.0', version: 3 };
const body = { manifest: 'kwanus.yaml', files: [] };

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('KwanusClient', () => {
  it('repeats a command with the same key after a broken connection and after 503', async () => {
    const keys: unknown[] = [];
    const baseUrl = await platform((request, response, call) => {
      keys.push(request.headers['idempotency-key']);
      if (call === 1) request.socket.destroy();
      else if (call === 2) response.writeHead(503, { 'retry-after': '0' }).end();
      else json(response, 200, committed);
    });
    const client = new KwanusClient({ baseUrl });
    await expect(client.integrations.submit(body)).resolves.toEqual(committed);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('waits twice as long each time that it is told to come later', async () => {
    const came: number[] = [];
    const baseUrl = await platform((_, response, call) => {
      came.push(performance.now());
      if (call <= 3) response.writeHead(503, { 'retry-after': '0.1' }).end();
      else json(response, 200, committed);
    });
    await new KwanusClient({ baseUrl }).integrations.submit(body);
    const pauses = came.slice(1).map((at, nr) => at - (came[nr] ?? 0));
    for (const [nr, least] of [99, 199, 399].entries()) expect(pauses[nr]).toBeGreaterThanOrEqual(least);
  });

  it('takes what it is told for what it is, however often nobody answered before', async () => {
    const baseUrl = await platform((request, response, call) => {
      if (call <= 4) request.socket.destroy();
      else if (call === 5) response.writeHead(503, { 'retry-after': '1' }).end();
      else json(response, 200, committed);
    });
    const client = new KwanusClient({ baseUrl, retryForMs: 4_000 });
    await expect(client.integrations.submit(body)).resolves.toEqual(committed);
  });

  it('waits for no further attempt once its connection is ended', async () => {
    const end = new AbortController();
    const baseUrl = await platform((_, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end();
      setImmediate(() => end.abort());
    });
    const client = new KwanusClient({ baseUrl, signal: end.signal, retryForMs: 3_700_000 });
    await expect(client.integrations.submit(body)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('sends the key and the version that it is given', async () => {
    let headers: IncomingMessage['headers'] = {};
    const baseUrl = await platform((request, response) => {
      ({ headers } = request);
      json(response, 200, committed);
    });
    const client = new KwanusClient({ baseUrl, token: () => 'abc' });
    await client.integrations.submit(body, { idempotencyKey: 'mine', ifMatch: 7 });
    expect(headers).toMatchObject({
      'idempotency-key': 'mine',
      'if-match': '"7"',
      authorization: 'Bearer abc',
    });
  });

  it('turns problem details into a typed error, with what is missing', async () => {
    const missing = [{ what: 'approval by SCO', who: 'SCO', requirement: 'approval:SCO' }];
    const baseUrl = await platform((_, response) =>
      json(response, 409, {
        type: 'urn:kwanus:problem:domain-rejection',
        title: 'refused',
        status: 409,
        detail: 'no',
        code: 'domain-rejection',
        rejection: 'step-not-passed',
        missing,
      }),
    );
    const refused = await new KwanusClient({ baseUrl }).integrations
      .submit(body)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiProblem);
    expect(refused).toMatchObject({ status: 409, code: 'step-not-passed', missing });
    expect((refused as ApiProblem).is('domain-rejection')).toBe(true);
  });

  it('gives up after a bounded time and says so', async () => {
    const baseUrl = await platform((request) => request.socket.destroy());
    const client = new KwanusClient({ baseUrl, retryForMs: 50 });
    await expect(client.playbook('1.0')).rejects.toBeInstanceOf(Unreachable);
  });

  it('does not wait for ever for an answer that never comes', async () => {
    const baseUrl = await platform(() => undefined);
    const client = new KwanusClient({ baseUrl, timeoutMs: 50, retryForMs: 10 });
    await expect(client.playbook('1.0')).rejects.toBeInstanceOf(Unreachable);
  });

  it('refuses an answer that does not keep the contract', async () => {
    const baseUrl = await platform((_, response) => json(response, 200, { version: 'x' }));
    await expect(new KwanusClient({ baseUrl }).integrations.submit(body)).rejects.toBeInstanceOf(
      UnexpectedAnswer,
    );
  });

  it('walks a list page by page', async () => {
    const baseUrl = await platform((request, response) => {
      const cursor = new URL(request.url ?? '', 'http://x').searchParams.get('cursor');
      json(response, 200, cursor === null ? { items: [1, 2], next: 'c2' } : { items: [3], next: null });
    });
    const schema = z.object({ items: z.array(z.number()), next: z.string().nullable() });
    const items: number[] = [];
    for await (const item of new KwanusClient({ baseUrl }).calls.all('/v1/x', schema)) items.push(item);
    expect(items).toEqual([1, 2, 3]);
  });

  it('resumes a stream after the last message that it saw', async () => {
    const seen: unknown[] = [];
    const baseUrl = await platform((request, response, call) => {
      seen.push(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: ${call}\nevent: event\ndata: {"n":${call}}\n\n`, () => {
        if (call === 1) response.destroy();
      });
    });
    const messages: unknown[] = [];
    for await (const { id, data } of new KwanusClient({ baseUrl }).stream()) {
      messages.push([id, data]);
      if (messages.length === 2) break;
    }
    expect(messages).toEqual([
      ['1', { n: 1 }],
      ['2', { n: 2 }],
    ]);
    expect(seen).toEqual([undefined, '1']);
  });
});
