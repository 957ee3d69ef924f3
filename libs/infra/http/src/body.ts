import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import express, { type RequestHandler, type Response } from 'express';
import { checkJson } from './json-rules.js';
import { HttpProblem } from './problem.js';
import type { HttpRequest } from './request.js';

/** A route whose body is taken as bytes (a Buffer in `@Body()`). */
export interface RawBodyRule {
  readonly limitBytes: number;
  /** Media types that are taken; all when left out. */
  readonly mediaTypes?: readonly string[];
}

const RAW_KEY = 'kwanus:raw-body';
const LIMIT_KEY = 'kwanus:json-limit';

/** The route takes bytes, with a limit of its own. */
export const RawBody = (rule: RawBodyRule): MethodDecorator => SetMetadata(RAW_KEY, rule);

/** The route takes a JSON body of up to so many bytes; 1 MB otherwise. */
export const JsonLimit = (bytes: number): MethodDecorator => SetMetadata(LIMIT_KEY, bytes);

/** The size of a JSON body where a route says nothing else. */
export const JSON_LIMIT = 1_000_000;
const JSON_TYPES = ['application/json', 'application/*+json'];
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Reads the body after the caller is known and the route is found, by the route's own rule: bounded in size (also after
 * inflating), UTF-8, JSON within the rules of the log.
 */
@Injectable()
export class BodyGuard implements CanActivate {
  readonly #reflector = new Reflector();
  readonly #parsers = new Map<number, RequestHandler>();

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    if (WITHOUT_BODY.has(request.method)) return true;
    const raw = this.#reflector.get<RawBodyRule | undefined>(RAW_KEY, context.getHandler());
    if (raw === undefined) {
      const limit = this.#reflector.get<number | undefined>(LIMIT_KEY, context.getHandler()) ?? JSON_LIMIT;
      await this.#json(request, http.getResponse<Response>(), limit);
    } else await readRaw(request, http.getResponse<Response>(), raw);
    return true;
  }

  async #json(request: HttpRequest, response: Response, limit: number): Promise<void> {
    const parser = this.#parsers.get(limit) ?? express.json({ limit, type: JSON_TYPES, verify: hashJson });
    this.#parsers.set(limit, parser);
    await run(parser, request, response);
    if (request.body === undefined) refuseForeignType(request, JSON_TYPES);
    else checkJson(request.body);
  }
}

async function readRaw(request: HttpRequest, response: Response, rule: RawBodyRule): Promise<void> {
  const { mediaTypes = ['*/*'], limitBytes } = rule;
  await run(express.raw({ limit: limitBytes, type: [...mediaTypes], verify: hash }), request, response);
  if (!Buffer.isBuffer(request.body)) refuseForeignType(request, mediaTypes);
}

const run = (parser: RequestHandler, request: HttpRequest, response: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    void parser(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });

function refuseForeignType(request: HttpRequest, taken: readonly string[]): void {
  if (request.headers['content-length'] === '0') return;
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined)
    return;
  const wanted = taken.includes('*/*') ? 'a media type' : taken.join(' or ');
  throw new HttpProblem('unsupported-media-type', `The Content-Type must be ${wanted}.`, {
    errors: [{ pointer: 'header:Content-Type', message: `must be ${wanted}` }],
  });
}

function hash(request: unknown, _response: unknown, bytes: Buffer): void {
  (request as HttpRequest).bodyDigest = createHash('sha256').update(bytes).digest('hex');
}

function hashJson(request: unknown, response: unknown, bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new HttpProblem('malformed-request', 'The body is not UTF-8.');
  hash(request, response, bytes);
}
