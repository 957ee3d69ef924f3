import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { HttpProblem } from './problem.js';

/** Under which names a listener is reached, and whose pages may send to it. */
export interface ListenerNames {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const HOST = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** Refuses a Host that names no listener of ours (DNS rebinding) and an Origin that is neither our own nor allowed. */
export function checkListener({ host, allowedHosts, allowedOrigins }: ListenerNames): RequestHandler {
  const names = new Set([...LOOPBACK, host, ...allowedHosts].map((name) => name.toLowerCase()));
  const origins = new Set(allowedOrigins.map((origin) => new URL(origin).origin));
  return (request: Request, _response: Response, next: NextFunction) => {
    const { host: named = '', origin } = request.headers;
    const own = [`http://${named}`, `https://${named}`];
    if (!names.has(HOST.exec(named)?.[1]?.toLowerCase() ?? '')) next(foreignHost());
    else if (origin !== undefined && !own.includes(origin) && !origins.has(origin)) next(foreignOrigin());
    else if (request.originalUrl.includes('%00'))
      next(new HttpProblem('malformed-request', 'The address contains U+0000.'));
    else next();
  };
}

const foreignHost = (): HttpProblem =>
  new HttpProblem('host-refused', 'The Host header names no listener of ours: set KWANUS_ALLOWED_HOSTS.');
const foreignOrigin = (): HttpProblem =>
  new HttpProblem('origin-refused', 'Pages of this origin may not send requests here.');

const UNCOUNTED = new Set(['/livez', '/readyz', '/metrics']);
const MOST_STREAMS = 200;

/** Bounds how many requests are worked on at once; event streams have a bound of their own, health is never refused. */
export function boundConcurrency(most: number): RequestHandler {
  const inHand = { requests: 0, streams: 0 };
  return (request: Request, response: Response, next: NextFunction) => {
    if (UNCOUNTED.has(request.path)) return next();
    const kind = request.headers.accept?.includes('text/event-stream') === true ? 'streams' : 'requests';
    if (inHand[kind] >= (kind === 'streams' ? MOST_STREAMS : most))
      return next(new HttpProblem('unavailable', 'Too many requests are in hand.', { retryAfter: 1 }));
    inHand[kind] += 1;
    response.once('close', () => {
      inHand[kind] -= 1;
    });
    next();
  };
}
