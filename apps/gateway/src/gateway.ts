import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '@kwanus/auth';
import type { Configuration } from '@kwanus/config';
import { type OwningService, SERVICES } from '@kwanus/contracts';
import {
  boundConcurrency,
  boundServer,
  checkListener,
  describe,
  HttpProblem,
  type HttpRequest,
  write,
} from '@kwanus/http';
import { metricsText } from '@kwanus/telemetry';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { type Forward, type ForwardOptions, forward, type Upstreams } from './forward.js';

/** A gateway that answers. */
export interface Gateway {
  /** For example `http://127.0.0.1:4180`. */
  readonly address: string;
  /** Takes no new requests, finishes those in hand, ends event streams. */
  readonly stop: () => Promise<void>;
}

/** The gateway would open to others what is protected by being on this machine only. */
export class GatewayRefused extends Error {
  override readonly name = 'GatewayRefused';
}

const PATIENCE_MS = 10_000;
const READY_MS = 2_000;

/**
 * Starts the one origin in front of the four services.
 * @throws GatewayRefused on an address other than loopback while the services trust the development issuer
 */
export async function startGateway(
  config: Configuration<'gateway'>,
  onTrouble: ForwardOptions['onTrouble'],
): Promise<Gateway> {
  if (!isLoopback(config.host) && config.authIssuer === undefined)
    throw new GatewayRefused(
      `KWANUS_HOST is ${config.host}, and the services behind trust the development issuer. Set KWANUS_HOST=127.0.0.1, or KWANUS_AUTH_ISSUER to the issuer that the services trust.`,
    );
  const upstreams = {
    intake: config.upstreamIntake,
    validation: config.upstreamValidation,
    rollout: config.upstreamRollout,
    monitoring: config.upstreamMonitoring,
  };
  const forwarding = forward({ upstreams, timeoutMs: config.upstreamTimeoutMs, onTrouble });
  const server = await listen(application(config, upstreams, forwarding), config);
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${config.host.includes(':') && !config.host.startsWith('[') ? `[${config.host}]` : config.host}:${port}`,
    stop: () => stop(server, forwarding),
  };
}

function application(config: Configuration<'gateway'>, upstreams: Upstreams, { handler }: Forward): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(
    checkListener({
      host: config.host,
      allowedHosts: config.allowedHosts ?? [],
      allowedOrigins: config.allowedOrigins ?? [],
    }),
  );
  app.use(boundConcurrency(config.maxConcurrentRequests));
  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => void response.json(await readiness(upstreams)));
  app.get('/metrics', async (_request, response) => {
    response.type('text/plain; version=0.0.4').send(await metricsText());
  });
  app.use(handler);
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    write(response, request as HttpRequest, describe(error)),
  );
  return app;
}

/** @throws HttpProblem naming the services that are not ready */
async function readiness(upstreams: Upstreams): Promise<object> {
  const asked = await Promise.all(
    SERVICES.map(async (service) => ({ service, ok: await anyReady(upstreams[service]) })),
  );
  const failing = asked.filter(({ ok }) => !ok).map(({ service }): OwningService => service);
  if (failing.length > 0)
    throw new HttpProblem('unavailable', 'Not ready.', {
      retryAfter: 1,
      errors: failing.map((service) => ({ pointer: `check:${service}`, message: 'fails' })),
    });
  return { status: 'ok', checks: [...SERVICES].sort() };
}

async function anyReady(addresses: readonly string[]): Promise<boolean> {
  return (await Promise.all(addresses.map(isReady))).includes(true);
}

async function isReady(upstream: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/readyz', upstream), { signal: AbortSignal.timeout(READY_MS) })).ok;
  } catch {
    return false;
  }
}

async function listen(
  app: Express,
  { host, port, requestTimeoutMs }: Configuration<'gateway'>,
): Promise<Server> {
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = app.listen(port, host, (error?: Error) => {
      if (error === undefined) resolve(listening);
      else reject(error);
    });
  });
  boundServer(server, requestTimeoutMs);
  return server;
}

async function stop(server: Server, { endStreams }: Forward): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  endStreams();
  const impatience = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  await closed;
  clearTimeout(impatience);
}
