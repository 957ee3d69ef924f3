import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { type OwningService, ownerOf } from '@kwanus/contracts';
import { HttpProblem, notFound } from '@kwanus/http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { createProxyServer, type ProxyServer } from 'httpxy';

/** Where the services are, and how long one may be silent. */
export interface ForwardOptions {
  readonly upstreams: Readonly<Record<OwningService, string>>;
  readonly timeoutMs: number;
  /** Told what a service did not answer to. */
  readonly onTrouble: (error: unknown, service: OwningService, path: string) => void;
}

/** Passes requests on. */
export interface Forward {
  readonly handler: RequestHandler;
  /** Ends event streams, which would not end by themselves. */
  readonly endStreams: () => void;
}

const RETRY_S = 1;
/** What holds for one connection only (RFC 9110, section 7.6.1), and what only a proxy may say. */
const ONE_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
];
const OF_PROXIES = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-host',
];

/**
 * Sends each request to the service that owns its path, body and answer as streams. Host, traceparent and every other header
 * stay as they were; those of one connection are dropped. A service that can't be reached is answered with 503, one that broke
 * off with 502.
 */
export function forward({ upstreams, timeoutMs, onTrouble }: ForwardOptions): Forward {
  const proxy = createProxyServer({
    agent: new Agent({ keepAlive: true, maxSockets: 512 }),
    proxyTimeout: timeoutMs,
    xfwd: true,
  });
  const streams = new Set<ServerResponse>();
  proxy.on('proxyRes', (answer, _request, response) => {
    dropHeaders(answer.headers, ONE_HOP);
    if (answer.headers['content-type']?.startsWith('text/event-stream') !== true) return;
    streams.add(response);
    response.once('close', () => streams.delete(response));
  });
  return {
    handler: (request: Request, response: Response, next: NextFunction) => {
      const path = request.originalUrl.split('?', 1)[0] ?? '';
      const service = ownerOf(path);
      if (service === null) return next(notFound());
      dropHeaders(request.headers, [...ONE_HOP, ...OF_PROXIES, 'expect']);
      pass(proxy, { request, response, target: upstreams[service] }, (error) => {
        onTrouble(error, service, path);
        if (response.headersSent) response.destroy();
        else next(problemOf(error, service));
      });
    },
    endStreams: () => {
      for (const response of streams) response.destroy();
    },
  };
}

interface Passed {
  readonly request: Request;
  readonly response: Response;
  readonly target: string;
}

function pass(
  proxy: ProxyServer<IncomingMessage, ServerResponse>,
  { request, response, target }: Passed,
  failed: (error: unknown) => void,
): void {
  // A caller that left is no trouble of the service's.
  proxy.web(request, response, { target }).catch((error: unknown) => {
    if (!response.destroyed) failed(error);
  });
}

function dropHeaders(headers: IncomingMessage['headers'], names: readonly string[]): void {
  const also = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  for (const name of [...names, ...also]) delete headers[name];
}

/** Nothing was sent when no connection came about; after that nobody knows. */
const NO_CONNECTION = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

function problemOf(error: unknown, service: OwningService): HttpProblem {
  return NO_CONNECTION.test(String((error as NodeJS.ErrnoException).code))
    ? new HttpProblem('unavailable', `${service} can’t be reached at present.`, { retryAfter: RETRY_S })
    : new HttpProblem('service-broke-off', `${service} gave no answer, or not the whole of it.`, {
        retryAfter: RETRY_S,
      });
}
