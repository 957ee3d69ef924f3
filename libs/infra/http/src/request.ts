import { createHash } from 'node:crypto';
import type { AuthenticatedRequest } from '@kwanus/auth';
import type { Request } from 'express';
import { HttpProblem } from './problem.js';

/** A request as it reaches a controller: its body was read, measured and hashed. */
export type HttpRequest = Request & AuthenticatedRequest & { bodyDigest?: string };

const KEY = /^[\x21-\x7e]{1,255}$/;

/** @returns the Idempotency-Key. @throws HttpProblem header-missing, header-invalid (400) */
export function idempotencyKeyOf(request: HttpRequest): string {
  const key = request.headers['idempotency-key'];
  if (key === undefined)
    throw new HttpProblem(
      'header-missing',
      'Send an Idempotency-Key: a text of your own that is new for every new request and the same for its repetitions.',
      { errors: [{ pointer: 'header:Idempotency-Key', message: 'is missing' }] },
    );
  if (typeof key !== 'string' || !KEY.test(key))
    throw new HttpProblem('header-invalid', 'An Idempotency-Key is 1 to 255 visible ASCII characters.', {
      errors: [{ pointer: 'header:Idempotency-Key', message: 'has another form' }],
    });
  return key;
}

const VERSION_TAG = /^"(0|[1-9]\d{0,14})"$/;

/** @returns the version in If-Match, null without the header or with `*`. @throws HttpProblem header-invalid (400) */
export function ifMatchOf(request: HttpRequest): number | null {
  const header = request.headers['if-match'];
  if (header === undefined || header === '*') return null;
  const version = VERSION_TAG.exec(header)?.[1];
  if (version === undefined)
    throw new HttpProblem('header-invalid', 'If-Match takes the ETag of an answer, for example "7".', {
      errors: [{ pointer: 'header:If-Match', message: 'has another form' }],
    });
  return Number(version);
}

/** @returns SHA-256 over method, address and the body's bytes: what makes two requests the same */
export const requestDigestOf = (request: HttpRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([request.method, request.originalUrl, request.bodyDigest ?? '']))
    .digest('hex');

/** @returns the address without the query */
export const pathOf = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? '/';
