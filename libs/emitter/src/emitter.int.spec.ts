import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { monitoringHttp } from '@kwanus/contracts';
import { type DropReason, Emitter, type EmitterBounds, type HttpTarget } from './index.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly events: { readonly id: string; readonly data: { readonly operation: string } }[];
}
interface Given {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const call = (operation: string) => ({
  integration: 'acme.crm',
  release: '1.0.0',
  workspace: 'w1',
  operation,
  status: 200,
  durationMs: 12.5,
});
const common = { integration: 'acme.crm', release: '1.0.0', workspace: 'w1' };
/** The problem with which the platform refuses a batch. */
const wrong = (...pointers: string[]): Given => ({
  status: 422,
  body: {
    code: 'validation-failed',
    errors: pointers.map((pointer) => ({ pointer, message: 'Too large.' })),
  },
});

describe('Emitter, against a real HTTP server', () => {
  let server: Server;
  let answers: (Given | ((response: ServerResponse) => void))[];
  let received: Received[];
  let told: [DropReason, number, string][];

  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const emitter = (options: Partial<EmitterBounds & HttpTarget> = {}): Emitter =>
    new Emitter({
      url: url(),
      token: 'secret',
      source: 'acme/checkout',
      retryMs: 1,
      onDrop: (reason, count, error) => told.push([reason, count, String(error)]),
      ...options,
    });
  const names = (): string[] =>
    received.map(({ events }) => events.map(({ data }) => data.operation).join(''));
  const fill = (telemetry: Emitter, operations: string): void => {
    for (const operation of operations) telemetry.apiCall(call(operation));
  };

  beforeEach(async () => {
    answers = [];
    received = [];
    told = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, events: JSON.parse(Buffer.concat(chunks).toString()) });
        const answer = answers.shift() ?? { status: 202 };
        if (typeof answer === 'function') return answer(response);
        response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body ?? {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<unknown>((resolve) => server.close(resolve));
  });

  it('sends batches that the platform’s own schema takes', async () => {
    const telemetry = emitter();
    telemetry.apiCall(call('getOrder'));
    telemetry.workflowRun({ ...common, workflow: 'sync', outcome: 'failed', durationMs: 1 });
    telemetry.permissionUse({ ...common, permission: 'orders:read', resource: 'orders', decision: 'denied' });
    telemetry.extensionRun({
      ...common,
      extension: 'panel',
      outcome: 'crashed',
      durationMs: 3,
      target: 'a.b',
    });
    await telemetry.flush();
    expect(monitoringHttp.TelemetryBatch.parse(received[0]?.events)).toHaveLength(4);
    expect(received).toHaveLength(1);
    expect(received[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(telemetry.counts).toMatchObject({ sent: 4, buffered: 0, repeated: 0 });
  });

  it('cuts what it has into batches, in order, over one connection', async () => {
    const telemetry = emitter({ batchSize: 2 });
    const sockets = new Set<unknown>();
    server.on('connection', (socket) => sockets.add(socket));
    fill(telemetry, 'abcde');
    await telemetry.flush();
    expect(names()).toEqual(['ab', 'cd', 'e']);
    expect(sockets.size).toBe(1);
  });

  it('sends by itself: a batch that is full at once, others when the first has waited', async () => {
    const telemetry = emitter({ batchSize: 2, flushMs: 5 });
    fill(telemetry, 'abc');
    while (telemetry.counts.buffered > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(names()).toEqual(['ab', 'c']);
  });

  it('tries again with the same key and the same ids, and counts what may have arrived twice', async () => {
    answers = [{ status: 429 }, { status: 500 }, (response) => response.destroy()];
    const telemetry = emitter();
    fill(telemetry, 'a');
    await telemetry.flush();
    expect(names()).toEqual(['a', 'a', 'a', 'a']);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(received.map(({ events }) => events[0]?.id)).size).toBe(1);
    expect(telemetry.counts).toMatchObject({ sent: 1, repeated: 2 });
  });

  it.each<[string, () => string, number]>([
    ['seconds', () => '1', 990],
    ['a date', () => new Date(Date.now() + 2_000).toUTCString(), 990],
  ])('waits as long as it is told in %s', async (_, retryAfter, atLeast) => {
    answers = [{ status: 503, headers: { 'retry-after': retryAfter() } }];
    const telemetry = emitter();
    fill(telemetry, 'a');
    const started = performance.now();
    await telemetry.flush();
    expect(performance.now() - started).toBeGreaterThan(atLeast);
    expect(telemetry.counts.sent).toBe(1);
  });

  it('takes out what is refused, tells of it once, and brings the rest', async () => {
    answers = [wrong('/1/data/status', '/1/data/operation', '/3/type'), wrong('/0/data/status')];
    const telemetry = emitter();
    fill(telemetry, 'abcde');
    await telemetry.flush();
    expect(names()).toEqual(['abcde', 'ace', 'ce']);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
    expect(told.map(([reason, count]) => [reason, count])).toEqual([
      ['refused', 2],
      ['refused', 1],
    ]);
    expect(telemetry.counts).toMatchObject({ sent: 2, buffered: 0, dropped: { refused: 3 } });
  });

  it.each<[string, Given]>([
    ['a refusal that names no event', { status: 403, body: { code: 'forbidden' } }],
    ['a pointer that is none of an event', wrong('/data/status')],
    ['a pointer behind the batch', wrong('/7')],
    ['an answer that is no JSON', { status: 400, body: undefined }],
  ])('drops the whole batch on %s, and goes on with the next', async (_, answer) => {
    answers = [answer];
    const telemetry = emitter({ batchSize: 2 });
    fill(telemetry, 'abc');
    await telemetry.flush();
    expect(names()).toEqual(['ab', 'c']);
    expect(telemetry.counts).toMatchObject({ sent: 1, buffered: 0, dropped: { refused: 2 } });
  });

  it('halves what is too large, down to the one event that is', async () => {
    const tooLarge = { status: 413 };
    answers = [tooLarge, tooLarge, { status: 202 }, tooLarge];
    const telemetry = emitter();
    fill(telemetry, 'abcd');
    await telemetry.flush();
    expect(names()).toEqual(['abcd', 'ab', 'a', 'b', 'cd']);
    expect(telemetry.counts).toMatchObject({ sent: 3, dropped: { refused: 1 } });
  });

  it('asks for a fresh token once when one has run out', async () => {
    answers = [{ status: 401 }, { status: 202 }, { status: 401 }, { status: 401 }];
    const tokens = ['old', 'new', 'bad', 'worse'];
    const telemetry = emitter({ token: async () => tokens.shift() ?? '', batchSize: 1 });
    fill(telemetry, 'ab');
    await telemetry.flush();
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
      'Bearer bad',
      'Bearer worse',
    ]);
    expect(telemetry.counts).toMatchObject({ sent: 1, dropped: { refused: 1 } });
  });

  it('keeps what waits within its bound, and gives up where nobody answers', async () => {
    const away = emitter({ url: 'http://127.0.0.1:9', maxAttempts: 2, maxBuffered: 3 });
    fill(away, 'abcd');
    expect(away.counts).toMatchObject({ buffered: 3, dropped: { full: 1 } });
    await away.flush();
    expect(away.counts).toMatchObject({ buffered: 0, repeated: 0, dropped: { full: 1, unreachable: 3 } });
    expect(told.map(([reason, count]) => [reason, count])).toEqual([
      ['full', 1],
      ['unreachable', 3],
    ]);
    fill(away, 'e');
    expect(away.counts.buffered).toBe(1);
    await away.close({ timeoutMs: 0 });
  });
});
