import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AllowRoles, Authenticator, type Caller, CurrentCaller, OpenToAll } from '@kwanus/auth';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { Body, Controller, Get, Module, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignJWT } from 'jose';
import { z } from 'zod';
import {
  Answers,
  answer,
  Cursors,
  createHttpApplication,
  type HttpApplication,
  minVersionQuery,
  NotACommand,
  notFound,
  pageOf,
  pageQuery,
  pastQuery,
  RawBody,
  READINESS,
  type ReadinessCheck,
  sendEventStream,
  sliceOf,
} from './index.js';

const ISSUER = 'https://login.example.com';
const keys = generateKeyPairSync('ed25519');
const Note = z
  .strictObject({ text: z.string().min(1), tags: z.array(z.strictObject({ name: z.string() })).default([]) })
  .meta({ id: 'Note' });
const ListQuery = z.strictObject({
  ...pageQuery,
  ...pastQuery,
  ...minVersionQuery,
  label: z.string().optional(),
});
const Id = z.string().regex(/^[a-z]+$/);
const ITEMS = Array.from({ length: 7 }, (_, index) => ({ id: index }));
const cursors = new Cursors(randomBytes(32));
const database: ReadinessCheck & { works: boolean } = {
  name: 'database',
  works: true,
  check: () => (database.works ? Promise.resolve() : Promise.reject(new Error('gone'))),
};
let release: () => void = () => undefined;

@Controller('v1/notes')
class NotesController {
  @Get()
  @Answers(pageOf(z.object({ id: z.number() })))
  list(@Query({ schema: ListQuery }) query: z.infer<typeof ListQuery>, @CurrentCaller() caller: Caller) {
    const scope = `notes|${query.label ?? ''}|${caller.partner ?? ''}`;
    const after = cursors.decode(scope, query.cursor) ?? -1;
    const found = ITEMS.filter(({ id }) => id > Number(after)).slice(0, query.limit + 1);
    return cursors.page(scope, found, query.limit, ({ id }) => id);
  }
  @Get('slow')
  async slow() {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { done: true };
  }
  @Get('past')
  past(@Query({ schema: ListQuery }) query: z.infer<typeof ListQuery>) {
    return sliceOf(query);
  }
  @Get('broken')
  broken() {
    throw new TypeError('canary: SELECT secret FROM log');
  }
  @Get('stream')
  async stream(@Req() request: Request, @Res() response: Response) {
    await sendEventStream(request, response, {
      until: Number.POSITIVE_INFINITY,
      heartbeatMs: 20,
      open: async function* (lastEventId, signal) {
        for (let id = Number(lastEventId ?? 0) + 1; id <= 2; id += 1)
          yield { id: String(id), event: 'note\nid: 99', data: { id } };
        await once(signal, 'abort');
      },
    });
  }
  @Get(':id')
  read(@Param('id', { schema: Id }) id: string) {
    if (id === 'mine') return answer({ id }, { version: 7 });
    throw notFound();
  }
  @Post('search')
  @NotACommand('a question with a body')
  @AllowRoles('reviewer', 'partner')
  search(@Body({ schema: Note }) note: z.infer<typeof Note>) {
    return answer({ note, polluted: 'polluted' in {} }, {});
  }
  @Put('bytes')
  @RawBody({ limitBytes: 2_000_000, mediaTypes: ['application/octet-stream'] })
  bytes(@Body() body: Buffer) {
    return { size: body.length };
  }
  @Get('open/door')
  @OpenToAll()
  door() {
    return { open: true };
  }
}

@Module({ controllers: [NotesController], providers: [{ provide: READINESS, useValue: database }] })
class NotesModule {}

const tokenFor = (roles: string[], claims: object = {}, key: KeyObject = keys.privateKey) =>
  new SignJWT({ roles, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setSubject('anna')
    .setAudience('kwanus')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key);

describe('a listener', () => {
  let http: HttpApplication;
  let base: string;
  let partner: string;
  const lines: string[] = [];

  beforeAll(async () => {
    http = await createHttpApplication(NotesModule, {
      host: '127.0.0.1',
      port: 0,
      authenticator: new Authenticator([
        { issuer: ISSUER, audience: 'kwanus', algorithms: ['EdDSA'], keys: keys.publicKey },
      ]),
      logger: new PinoLoggerService(
        createLogger({ level: 'info', format: 'json', destination: { write: (line) => lines.push(line) } }),
      ),
      allowedHosts: ['kwanus.example.com'],
      allowedOrigins: ['https://console.example.com'],
      maxConcurrentRequests: 5,
      asyncApi: () => Promise.resolve({ asyncapi: '3.0.0' }),
    });
    base = await http.listen();
    partner = await tokenFor(['partner'], { partner_id: 'acme' });
  });
  afterAll(() => http.stop());
  beforeEach(() => {
    lines.length = 0;
  });

  interface Sent {
    method?: string;
    body?: string | Uint8Array;
    headers?: Record<string, string>;
    token?: string | null;
  }
  const send = (path: string, { method = 'GET', body, headers = {}, token = partner }: Sent = {}) =>
    fetch(`${base}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
  const search = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    send('/v1/notes/search', { method: 'POST', body, headers });
  const problem = async (response: globalThis.Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    return (await response.json()) as Record<string, unknown>;
  };
  /** With a head that fetch would not send. */
  const raw = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const url = new URL(base);
      httpRequest({ host: url.hostname, port: url.port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });

  describe('asks who is calling', () => {
    it('and answers 401 without a token, with one that does not hold, and tells nobody why', async () => {
      const forged = await tokenFor(['admin'], {}, generateKeyPairSync('ed25519').privateKey);
      const answers = [await send('/v1/notes', { token: null }), await send('/v1/notes', { token: forged })];
      const bodies = await Promise.all(answers.map(problem));
      expect(bodies[0]).toEqual(bodies[1]);
      expect(bodies[0]).toMatchObject({
        status: 401,
        code: 'unauthenticated',
        type: 'urn:kwanus:problem:unauthenticated',
      });
      expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer');
      expect(lines.join('')).toContain('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
      expect(lines.join('')).not.toContain(forged);
    });
    it('and answers 403 to other roles', async () => {
      const operator = await tokenFor(['operator']);
      const response = await send('/v1/notes/search', {
        method: 'POST',
        body: '{"text":"x"}',
        token: operator,
      });
      expect(await problem(response)).toMatchObject({ status: 403, code: 'forbidden' });
    });
    it('but for routes that are open to all', async () => {
      expect((await send('/v1/notes/open/door', { token: null })).status).toBe(200);
    });
    it('before it reads a body', async () => {
      const response = await send('/v1/notes/search', { method: 'POST', body: '{', token: null });
      expect(response.status).toBe(401);
    });
  });

  describe('reads bodies', () => {
    it('and hands them to the controller', async () => {
      const response = await search('{"text":"grüße"}');
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ note: { text: 'grüße', tags: [] }, polluted: false });
    });
    it.each([
      ['malformed', '{"text":', 400, 'malformed-request'],
      ['not an object', '"text"', 400, 'malformed-request'],
      ['nested 33 deep', `{"text":"x","tags":${'['.repeat(33)}${']'.repeat(33)}}`, 400, 'malformed-request'],
      [
        'nested 100 000 deep',
        `{"text":"x","tags":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
        400,
        'malformed-request',
      ],
      ['of 10 MB', JSON.stringify({ text: 'x'.repeat(10_000_000) }), 413, 'payload-too-large'],
      ['with U+0000', '{"text":"a\\u0000b"}', 422, 'payload-refused'],
      ['with U+0000 in a name', '{"text":"a","b\\u0000":1}', 422, 'payload-refused'],
      ['with half of a surrogate pair', '{"text":"a\\ud800"}', 422, 'payload-refused'],
      ['with a number that can’t be kept', '{"text":"a","n":9007199254740993}', 422, 'payload-refused'],
      ['with a number without end', '{"text":"a","n":1e999}', 422, 'payload-refused'],
      ['with __proto__', '{"text":"a","__proto__":{"polluted":true}}', 422, 'payload-refused'],
      [
        'with __proto__ inside',
        '{"text":"a","tags":[{"__proto__":{"polluted":true}}]}',
        422,
        'payload-refused',
      ],
      ['with unknown fields', '{"text":"a","status":"signed-off"}', 422, 'validation-failed'],
      ['of another shape', '{"text":1}', 422, 'validation-failed'],
    ])('that are %s, and refuses', async (_, body, status, code) => {
      const response = await search(body);
      expect(response.status).toBe(status);
      expect(await problem(response)).toMatchObject({ status, code });
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });
    it('that are not UTF-8, and refuses', async () => {
      const response = await search(
        Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      );
      expect(await problem(response)).toMatchObject({
        code: 'malformed-request',
        detail: 'The body is not UTF-8.',
      });
    });
    it('that blow up when inflated, and refuses', async () => {
      const response = await search(gzipSync(Buffer.alloc(20_000_000, 0x20)), { 'content-encoding': 'gzip' });
      expect(await problem(response)).toMatchObject({ code: 'payload-too-large' });
    });
    it('that are too large, says how large they may be, and refuses', async () => {
      const response = await search(JSON.stringify({ text: 'a'.repeat(1_000_000) }));
      expect((await problem(response))['detail']).toContain('larger than 1000000 bytes');
    });
    it.each(['gzip', 'deflate', 'br'])(
      'that are not the %s that they claim, and refuses',
      async (encoding) => {
        const response = await search('nonsense', { 'content-encoding': encoding });
        expect(await problem(response)).toMatchObject({ status: 400, code: 'malformed-request' });
      },
    );
    it('that end in the middle of their gzip, and refuses', async () => {
      const whole = gzipSync('{"text":"a"}');
      const response = await search(whole.subarray(0, whole.length - 9), { 'content-encoding': 'gzip' });
      expect(await problem(response)).toMatchObject({ status: 400, code: 'malformed-request' });
    });
    it('in JSON only, unless the route says otherwise', async () => {
      const response = await search('text=x', { 'content-type': 'application/x-www-form-urlencoded' });
      expect(await problem(response)).toMatchObject({ code: 'unsupported-media-type' });
      const none = await send('/v1/notes/search', { method: 'POST' });
      expect(await problem(none)).toMatchObject({ code: 'malformed-request' });
    });
    it('as bytes with a limit of its own where the route says so', async () => {
      const put = (size: number, type = 'application/octet-stream') =>
        send('/v1/notes/bytes', {
          method: 'PUT',
          body: new Uint8Array(size),
          headers: { 'content-type': type },
        });
      expect(await (await put(2_000_000)).json()).toEqual({ size: 2_000_000 });
      expect(await problem(await put(2_000_001))).toMatchObject({ code: 'payload-too-large' });
      expect(await problem(await put(10, 'text/html'))).toMatchObject({ code: 'unsupported-media-type' });
    });
    it('and calls missing what is missing', async () =>
      expect((await problem(await search('{}')))['errors']).toEqual([
        { pointer: '/text', message: 'is missing' },
      ]));
    it('and points at everything that is wrong', async () => {
      const body = await problem(await search('{"text":"","a/b":1,"tags":[{"name":1},{"name":"x","y":2}]}'));
      expect(body['errors']).toEqual(
        expect.arrayContaining([
          { pointer: '/text', message: expect.any(String) },
          { pointer: '/a~1b', message: 'is not known here' },
          { pointer: '/tags/0/name', message: expect.any(String) },
          { pointer: '/tags/1/y', message: 'is not known here' },
        ]),
      );
    });
  });

  describe('answers', () => {
    it('with the version as ETag, uncached, under helmet', async () => {
      const response = await send('/v1/notes/mine');
      expect(response.headers.get('etag')).toBe('"7"');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('x-powered-by')).toBeNull();
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });
    it('with the same 404, whether something is missing, malformed, or no route at all', async () => {
      const bodies = await Promise.all(
        ['/v1/notes/unknown', '/v1/notes/NOT-AN-ID', '/v1/nowhere'].map(async (path) =>
          problem(await send(path)),
        ),
      );
      expect(new Set(bodies.map((body) => JSON.stringify({ ...body, instance: '' }))).size).toBe(1);
      expect(bodies[0]).toMatchObject({ status: 404, code: 'not-found' });
    });
    it('with a 500 that says nothing, and logs the whole error', async () => {
      const text = await (await send('/v1/notes/broken')).text();
      expect(text).not.toContain('canary');
      expect(JSON.parse(text)).toMatchObject({ status: 500, code: 'internal-error' });
      expect(lines.join('')).toContain('canary: SELECT secret');
    });
    it('with 422 for queries that it does not know, and with the past that is asked for', async () => {
      expect(await problem(await send('/v1/notes?sort=1;DROP'))).toMatchObject({
        code: 'validation-failed',
        errors: [{ pointer: 'query:sort', message: 'is not known here' }],
      });
      expect(await (await send('/v1/notes/past?version=3')).json()).toEqual({ toVersion: 3 });
      expect(await (await send('/v1/notes/past?at=2026-11-23T10:00:00.000001%2B01:00')).json()).toEqual({
        at: '2026-11-23T10:00:00.000001+01:00',
      });
      for (const query of [
        'version=0',
        'version=1e3',
        'at=yesterday',
        'minVersion=x',
        'at=2026-11-23T10:00:00Z&version=2',
      ])
        expect((await send(`/v1/notes/past?${query}`)).status).toBe(422);
    });
    it('with pages, by cursors that nobody else can make or use', async () => {
      const seen: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = (await (await send(`/v1/notes?limit=3${cursor && `&cursor=${cursor}`}`)).json()) as {
          items: { id: number }[];
          next: string | null;
        };
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
      const { next } = (await (await send('/v1/notes?limit=3')).json()) as { next: string };
      const other = await tokenFor(['partner'], { partner_id: 'emca' });
      const changed = `${next.startsWith('A') ? 'B' : 'A'}${next.slice(1)}`;
      const forged = [changed, 'x', '', Buffer.alloc(40).toString('base64url')];
      const foreign: [string, Parameters<typeof send>[1]?][] = [
        [`/v1/notes?limit=3&cursor=${next}`, { token: other }],
        [`/v1/notes?limit=3&label=x&cursor=${next}`],
        ...forged.map((bad): [string] => [`/v1/notes?cursor=${bad}`]),
      ];
      // One after the other: this listener works on few at once.
      for (const asked of foreign)
        expect(await problem(await send(...asked))).toMatchObject({ status: 400, code: 'cursor-invalid' });
    });
  });

  describe('looks at Host and Origin', () => {
    const host = () => new URL(base).host;
    it.each([
      ['127.0.0.1', 200],
      ['localhost:1', 200],
      ['KWANUS.example.com', 200],
      ['evil.example.com', 403],
      ['127.0.0.1.evil.example.com', 403],
      ['127.0.0.1@evil.example.com', 403],
    ])('%s gets %i', async (name, status) => {
      expect(await raw('/livez', { host: name })).toBe(status);
    });
    it('and takes its own origin and allowed ones only', async () => {
      for (const [origin, status] of [
        [`http://${host()}`, 200],
        ['https://console.example.com', 200],
        ['https://evil.example.com', 403],
        ['null', 403],
      ] as const)
        expect(await raw('/livez', { host: host(), origin })).toBe(status);
    });
    it('and at U+0000 in the address', async () => {
      expect((await send('/v1/notes/a%00b')).status).toBe(400);
    });
  });

  describe('tells how it is', () => {
    it('at /livez, /readyz, /metrics without a token', async () => {
      expect(await (await send('/livez', { token: null })).json()).toEqual({ status: 'ok' });
      expect(await (await send('/readyz', { token: null })).json()).toEqual({
        status: 'ok',
        checks: ['database'],
      });
      expect((await send('/metrics', { token: null })).headers.get('content-type')).toMatch(/^text\/plain/);
    });
    it('and is not ready while a check fails, but lives', async () => {
      database.works = false;
      const response = await send('/readyz', { token: null });
      database.works = true;
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await problem(response)).toMatchObject({
        status: 503,
        errors: [{ pointer: 'check:database', message: 'fails' }],
      });
      expect((await send('/livez', { token: null })).status).toBe(200);
    });
    it('in OpenAPI 3.1 with the very schemas that are checked, and in AsyncAPI', async () => {
      const document = (await (await send('/openapi.json', { token: null })).json()) as {
        openapi: string;
        paths: Record<string, Record<string, { requestBody?: unknown; responses: object }>>;
        components: { schemas: Record<string, unknown> };
      };
      expect(document.openapi).toBe('3.1.0');
      expect(Object.keys(document.paths)).not.toContain('/livez');
      expect(document.paths['/v1/notes/search']?.['post']?.requestBody).toMatchObject({
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Note' } } },
      });
      expect(document.components.schemas['Note']).toMatchObject({
        additionalProperties: false,
        required: ['text'],
      });
      expect(document.components.schemas['Problem']).toBeDefined();
      expect(await (await send('/asyncapi.json', { token: null })).json()).toEqual({ asyncapi: '3.0.0' });
    });
  });

  describe('streams events', () => {
    const openStream = async (headers: Record<string, string> = {}) => {
      const left = new AbortController();
      const response = await fetch(`${base}/v1/notes/stream`, {
        headers: { authorization: `Bearer ${partner}`, accept: 'text/event-stream', ...headers },
        signal: left.signal,
      });
      const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
      let text = '';
      const until = async (pattern: RegExp) => {
        while (!pattern.test(text)) {
          const { value, done } = await reader.read();
          if (done) throw new Error(`the stream ended: ${text}`);
          text += Buffer.from(value).toString();
        }
        return text;
      };
      return { response, until, leave: () => left.abort() };
    };
    it('each on its own lines, with a heartbeat between them', async () => {
      const stream = await openStream();
      const text = await stream.until(/: still here/);
      expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(text).toContain('id: 1\nevent: note id: 99\ndata: {"id":1}\n\nid: 2\n');
      stream.leave();
    });
    it('after the last one that was seen', async () => {
      const stream = await openStream({ 'last-event-id': '1' });
      const text = await stream.until(/id: 2/);
      expect(text).not.toContain('data: {"id":1}');
      stream.leave();
    });
  });

  it('takes no more requests at once than it was told, and says when to come again', async () => {
    const waiting: Promise<globalThis.Response>[] = [];
    const releases: (() => void)[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const before = release;
      waiting.push(send('/v1/notes/slow'));
      while (release === before) await new Promise((resolve) => setImmediate(resolve));
      releases.push(release);
    }
    const refused = await send('/v1/notes/mine');
    expect(await problem(refused)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await send('/livez', { token: null })).status).toBe(200);
    for (const go of releases) go();
    for (const response of await Promise.all(waiting)) expect(response.status).toBe(200);
    expect((await send('/v1/notes/mine')).status).toBe(200);
  });
});
