import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEMS, type ProblemCode, problemType } from '@kwanus/contracts';

const LONGEST_HEADERS_MS = 10_000;
const MOST_HEADERS = 100;

/** What Node's parser found → how it is answered. */
const UNREADABLE: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'Address and headers together may have 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive whole in time.'],
};
const NO_HTTP = ['malformed-request', 'This is not a request of HTTP/1.1.'] as const;

/**
 * Bounds how long a request may take to arrive and how many headers it has; what can't be read as HTTP is answered with a problem
 * of the catalogue, as everything else is.
 */
export function boundServer(server: Server, requestTimeoutMs: number): void {
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = Math.min(LONGEST_HEADERS_MS, requestTimeoutMs);
  server.keepAliveTimeout = 5_000;
  server.maxHeadersCount = MOST_HEADERS;
  const answering = new WeakSet<Duplex>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
  });
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket) => {
    // Into the answer of the request before nothing may be written.
    if (code === 'ECONNRESET' || !socket.writable || answering.has(socket)) socket.destroy();
    else socket.end(answerTo(UNREADABLE[code] ?? NO_HTTP));
  });
}

function answerTo([code, detail]: readonly [ProblemCode, string]): string {
  const { title, status } = PROBLEMS[code];
  const body = JSON.stringify({ type: problemType(code), title, status, detail, code, errors: [] });
  return [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
