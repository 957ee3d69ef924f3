import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { monitoringHttp } from '@kwanus/contracts';
import { type DropReason, Emitter, type EmitterOptions } from './index.js';

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly events: { readonly data: { readonly operation: string } }[];
}

describe('Emitter, against a real HTTP server', () => {
  let server: Server;
  let answers: { status: number; headers?: Record<string, string> }[];
  const requests: Request[] = [];
  const call = (operation: string) => ({
    integration: 'acme.crm',
    release: '1.0.0',
    workspace: 'w1',
    operation,
    status: 200,
    durationMs: 12.5,
  });
  const emitter = (options: Partial<EmitterOptions> = {}): Emitter =>
    new Emitter({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: 'secret',
      source: 'acme/checkout',
      retryMs: 5,
      flushMs: 20,
      ...options,
    });

  beforeEach(async () => {
    answers = [];
    requests.length = 0;
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        requests.push({ headers: request.headers, events: JSON.parse(Buffer.concat(chunks).toString()) });
        const { status, headers } = answers.shift() ?? { status: 202 };
        response.writeHead(status, headers).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise<unknown>((resolve) => server.close(resolve)));

  it('sends batches that the platform’s own schema takes', async () => {
    const telemetry = emitter();
    telemetry.apiCall(call('getOrder'));
    const common = { integration: 'acme.crm', release: '1.0.0', workspace: 'w1' };
    telemetry.workflowRun({ ...common, workflow: 'sync', outcome: 'failed', durationMs: 1 });
    telemetry.permissionUse({ ...common, permission: 'orders:read', resource: 'orders', decision: 'denied' });
    telemetry.extensionRun({ ...common, extension: 'panel', outcome: 'crashed', durationMs: 3 });
    await telemetry.flush();
    expect(requests).toHaveLength(1);
    expect(monitoringHttp.TelemetryBatch.parse(requests[0]?.events)).toHaveLength(4);
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(telemetry.counts).toMatchObject({ sent: 4, buffered: 0 });
  });

  it('cuts what it has into batches, in order', async () => {
    const telemetry = emitter({ batchSize: 2 });
    for (const operation of ['a', 'b', 'c', 'd', 'e']) telemetry.apiCall(call(operation));
    await telemetry.flush();
    expect(requests.map(({ events }) => events.map(({ data }) => data.operation).join(''))).toEqual([
      'ab',
      'cd',
      'e',
    ]);
  });

  it('tries again with the same key, waiting as long as it is told', async () => {
    answers = [{ status: 503, headers: { 'retry-after': '0' } }, { status: 500 }];
    const telemetry = emitter();
    telemetry.apiCall(call('a'));
    await telemetry.flush();
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(telemetry.counts.sent).toBe(1);
  });

  it('drops, and counts, what is refused, invalid, too much, or can’t be brought', async () => {
    const heard: DropReason[] = [];
    const onDrop = (reason: DropReason): unknown => heard.push(reason);
    answers = [{ status: 422 }];
    const telemetry = emitter({ maxBuffered: 2, onDrop });
    telemetry.apiCall({ ...call('a'), status: 9000 });
    for (const operation of ['a', 'b', 'c']) telemetry.apiCall(call(operation));
    await telemetry.flush();
    const away = emitter({ url: 'http://127.0.0.1:9', maxAttempts: 2, onDrop });
    away.apiCall(call('x'));
    await away.flush();
    expect(telemetry.counts.dropped).toEqual({ invalid: 1, full: 1, refused: 2, unreachable: 0 });
    expect(away.counts.dropped).toMatchObject({ unreachable: 1 });
    expect(heard).toEqual(['invalid', 'full', 'refused', 'unreachable']);
  });
});
