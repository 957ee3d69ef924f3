import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '@kwanus/config';
import { SERVICES } from '@kwanus/contracts';
import { type Gateway, GatewayRefused, startGateway } from './gateway.js';

interface Seen {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Four servers that tell what reached them. */
describe('the gateway', () => {
  const servers = new Map<string, Server>();
  const seen: Seen[] = [];
  const troubles: string[] = [];
  let gateway: Gateway;

  const answers: Record<
    string,
    (server: { write: (text: string) => void; end: () => void; destroy: () => void }) => void
  > = {
    '/v1/stream': ({ write }) => write('data: first\n\n'),
    '/v1/rollouts/breaks-off': ({ destroy }) => destroy(),
  };

  const start = (service: string): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((incoming, response) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('end', () => {
          const { method = '', url = '', headers } = incoming;
          seen.push({ service, method, url, headers, body: Buffer.concat(parts).toString() });
          const answer = answers[url];
          response.setHeader('Content-Type', url === '/v1/stream' ? 'text/event-stream' : 'application/json');
          response.setHeader('X-Hop', 'x');
          response.setHeader('Connection', 'x-hop');
          response.setHeader('ETag', '"7"');
          if (answer === undefined) response.end(JSON.stringify({ service }));
          else
            answer({
              write: (text) => void response.write(text),
              end: () => void response.end(),
              destroy: () => void response.destroy(),
            });
        });
      });
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  const urlOf = (service: string): string => {
    const address = servers.get(service)?.address() as AddressInfo | undefined;
    return `http://127.0.0.1:${address?.port ?? 0}`;
  };
  const configured = (more: Record<string, string> = {}) =>
    loadConfiguration('gateway', {
      KWANUS_PORT: '0',
      KWANUS_UPSTREAM_TIMEOUT_MS: '1000',
      ...Object.fromEntries(SERVICES.map((name) => [`KWANUS_UPSTREAM_${name.toUpperCase()}`, urlOf(name)])),
      ...more,
    }).config;

  beforeAll(async () => {
    for (const service of SERVICES) servers.set(service, await start(service));
    gateway = await startGateway(configured(), (error, service, path) =>
      troubles.push(`${service} ${path} ${String(error)}`),
    );
  });
  afterEach(() => {
    seen.length = 0;
    troubles.length = 0;
  });
  afterAll(async () => {
    await gateway.stop();
    for (const server of servers.values()) {
      server.close();
      server.closeAllConnections();
    }
  });

  it.each([
    ['/v1/integrations/acme.x/validations?limit=1', 'intake'],
    ['/v1/validations', 'validation'],
    ['/ofrep/v1/evaluate/flags', 'rollout'],
    ['/otlp/v1/traces', 'monitoring'],
    ['/v1/operations/rollout/parked/a%2Fb/x', 'rollout'],
    ['/openapi.json', 'intake'],
  ])('sends %s to %s, the address untouched', async (path, service) => {
    const response = await fetch(`${gateway.address}${path}`);
    expect(await response.json()).toEqual({ service });
    expect(seen).toMatchObject([{ service, url: path }]);
  });

  it('answers what nobody owns itself: 404, a problem', async () => {
    for (const path of ['/', '/v1/secrets', '/v1/integrationsX', '//v1/integrations']) {
      const response = await fetch(`${gateway.address}${path}`);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect(seen).toEqual([]);
  });

  it('keeps Host, body, traceparent and request id; drops what holds for one connection, both ways', async () => {
    const { host, port } = new URL(gateway.address);
    const sent = request({
      agent: false,
      port,
      host: '127.0.0.1',
      path: '/v1/integrations',
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': 'k',
        'X-Request-Id': 'r-1',
        Traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        Connection: 'close, X-Private',
        'X-Private': 'x',
        TE: 'trailers',
        'Proxy-Authorization': 'Basic x',
        'X-Forwarded-For': '10.0.0.1',
      },
    });
    sent.end('{"a":1}');
    const [answer] = (await once(sent, 'response')) as [{ headers: IncomingHttpHeaders; resume: () => void }];
    answer.resume();
    expect(answer.headers['etag']).toBe('"7"');
    expect(answer.headers['x-hop']).toBeUndefined();
    const headers: IncomingHttpHeaders = seen[0]?.headers ?? {};
    expect(seen[0]?.body).toBe('{"a":1}');
    expect(headers).toMatchObject({
      host,
      'idempotency-key': 'k',
      'x-request-id': 'r-1',
      'x-forwarded-for': '127.0.0.1',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    for (const name of ['te', 'x-private', 'proxy-authorization']) expect(headers[name]).toBeUndefined();
  });

  it('passes an event stream on as it comes, and ends it when it stops', async () => {
    const own = await startGateway(configured(), () => undefined);
    const response = await fetch(`${own.address}/v1/stream`, { headers: { accept: 'text/event-stream' } });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('data: first\n\n');
    const [ended] = await Promise.allSettled([reader?.read(), own.stop()]);
    expect(ended?.status).toBe('rejected');
  });

  it('refuses a foreign Host and a foreign Origin before any service hears of it', async () => {
    const { port } = new URL(gateway.address);
    const ask = async (headers: Record<string, string>): Promise<number | undefined> => {
      const sent = request({ agent: false, host: '127.0.0.1', port, path: '/v1/integrations', headers });
      sent.end();
      const [answer] = (await once(sent, 'response')) as [{ statusCode?: number; resume: () => void }];
      answer.resume();
      return answer.statusCode;
    };
    expect(await ask({ Host: 'evil.example' })).toBe(403);
    expect(await ask({ Host: `127.0.0.1:${port}`, Origin: 'https://evil.example' })).toBe(403);
    expect(await ask({ Host: `127.0.0.1:${port}`, Origin: `http://127.0.0.1:${port}` })).toBe(200);
    expect(seen).toHaveLength(1);
  });

  it('says 502 where a service broke off or kept silent, 503 where none listens, both with Retry-After', async () => {
    const broken = await fetch(`${gateway.address}/v1/rollouts/breaks-off`);
    expect(broken.status).toBe(502);
    expect(broken.headers.get('retry-after')).toBe('1');
    expect(await broken.json()).toMatchObject({ code: 'service-broke-off' });

    answers['/v1/usage'] = () => undefined;
    expect((await fetch(`${gateway.address}/v1/usage`)).status).toBe(502);

    const gone = await start('intake');
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const own = await startGateway(
      configured({ KWANUS_UPSTREAM_INTAKE: `http://127.0.0.1:${port}` }),
      () => undefined,
    );
    const away = await fetch(`${own.address}/v1/bodies`);
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('1');
    expect(await away.json()).toMatchObject({ code: 'unavailable' });
    const ready = await fetch(`${own.address}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ errors: [{ pointer: 'check:intake' }] });
    await own.stop();
    expect((await fetch(`${gateway.address}/readyz`)).status).toBe(200);
    expect(troubles).toHaveLength(2);
  });

  describe('in front of two processes of a service', () => {
    const processes: Server[] = [];
    let own: Gateway;
    const post = async (body: string): Promise<unknown> => {
      const response = await fetch(`${own.address}/v1/integrations`, { method: 'POST', body });
      return response.json();
    };
    const both = (): Promise<Gateway> => {
      const ports = processes.map((one) => (one.address() as AddressInfo).port);
      const addresses = ports.map((port) => `http://127.0.0.1:${port}`).join(', ');
      return startGateway(configured({ KWANUS_UPSTREAM_INTAKE: addresses }), (error) =>
        troubles.push(String(error)),
      );
    };

    beforeEach(async () => {
      processes.push(await start('first'), await start('second'));
    });
    afterEach(async () => {
      await own.stop();
      for (const one of processes.splice(0)) {
        one.close();
        one.closeAllConnections();
      }
    });

    it('lets both work', async () => {
      own = await both();
      await Promise.all(Array.from({ length: 8 }, (_, nr) => post(`${nr}`)));
      expect(new Set(seen.map(({ service }) => service))).toEqual(new Set(['first', 'second']));
      expect(seen.map(({ body }) => body).sort()).toEqual(Array.from({ length: 8 }, (_, nr) => `${nr}`));
    });

    it('passes over the one that is gone, with the whole body, and is ready', async () => {
      const starting = both();
      await new Promise((resolve) => processes[0]?.close(resolve));
      own = await starting;
      const body = 'x'.repeat(300_000);
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
      expect(answers).toEqual(answers.map(() => ({ service: 'second' })));
      expect(seen.map(({ body: came }) => came.length)).toEqual(answers.map(() => body.length));
      expect((await fetch(`${own.address}/readyz`)).status).toBe(200);
      expect(troubles).toEqual([]);
    });
  });

  it('opens no address to others while the services trust the development issuer', async () => {
    await expect(startGateway(configured({ KWANUS_HOST: '0.0.0.0' }), () => undefined)).rejects.toThrow(
      GatewayRefused,
    );
  });
});
