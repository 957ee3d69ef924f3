import type { IncomingMessage, ServerResponse } from 'node:http';
import { type OwningService, ownerOf } from '@kwanus/contracts';
import { HttpProblem, notFound } from '@kwanus/http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { createProxyServer, type ProxyServer } from 'httpxy';
import { NotConnected, ServiceAgent } from './service-agent.js';

/** The addresses of each service's processes; at least one each. */
export type Upstreams = Readonly<Record<OwningService, readonly string[]>>;

/** Where the services are, and how long one may be silent. */
export interface ForwardOptions {
  readonly upstreams: Upstreams;
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
 * Sends each request to a process of the service that owns its path, body and answer as streams. Host, traceparent and every
 * other header stay as they were; those of one connection are dropped. A service of which no process can be reached is answered
 * with 503, one that broke off with 502.
 */
export function forward({ upstreams, timeoutMs, onTrouble }: ForwardOptions): Forward {
  const proxy = createProxyServer({ proxyTimeout: timeoutMs, xfwd: true });
  const targets = targetsOf(upstreams);
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
      pass(proxy, { request, response, ...targets[service] }, (error) => {
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

interface Target {
  /** Names the pool of connections; the agent chooses where they lead. */
  readonly target: string;
  readonly agent: ServiceAgent;
}

interface Passed extends Target {
  readonly request: Request;
  readonly response: Response;
}

const targetsOf = (upstreams: Upstreams): Readonly<Record<OwningService, Target>> => {
  const to = (addresses: readonly string[]): Target => ({
    target: addresses[0] ?? '',
    agent: new ServiceAgent(addresses.map((address) => new URL(address))),
  });
  const { intake, validation, rollout, monitoring } = upstreams;
  return { intake: to(intake), validation: to(validation), rollout: to(rollout), monitoring: to(monitoring) };
};

function pass(
  proxy: ProxyServer<IncomingMessage, ServerResponse>,
  { request, response, target, agent }: Passed,
  failed: (error: unknown) => void,
): void {
  // A caller that left is no trouble of the service's.
  proxy.web(request, response, { target, agent }).catch((error: unknown) => {
    if (!response.destroyed) failed(error);
  });
}

function dropHeaders(headers: IncomingMessage['headers'], names: readonly string[]): void {
  const also = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  for (const name of [...names, ...also]) delete headers[name];
}

/** Nothing was sent when no connection came about; after that nobody knows. */
function problemOf(error: unknown, service: OwningService): HttpProblem {
  return error instanceof NotConnected
    ? new HttpProblem('unavailable', `${service} can’t be reached at present.`, { retryAfter: RETRY_S })
    : new HttpProblem('service-broke-off', `${service} gave no answer, or not the whole of it.`, {
        retryAfter: RETRY_S,
      });
}
