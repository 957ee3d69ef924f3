import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@kwanus/kernel';
import { found, json, of, ok, op, text } from './testing/contracts.js';

const numbers = { type: 'integer' };
const query = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  in: 'query',
  schema: text,
  ...more,
});
const parameters = (...list: JsonObject[]): JsonObject => op({ parameters: list });
const served = (...urls: string[]): JsonObject => op({}, { servers: urls.map((url) => ({ url })) });

describe('[PB-6.05] servers', () => {
  it.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    [
      'another path',
      served('https://a.example/v1'),
      served('https://a.example/v2'),
      ['error api-server-removed'],
    ],
    [
      'another host',
      served('https://a.example/v1'),
      served('https://b.example/v1'),
      ['error api-server-removed'],
    ],
    [
      'one of two',
      served('https://a.example', 'https://b.example'),
      served('https://a.example'),
      ['error api-server-removed'],
    ],
    ['one more', served('https://a.example'), served('https://a.example', 'https://b.example'), []],
    ['case, port and slash', served('https://A.example:443/v1/'), served('https://a.example/v1'), []],
    ['written without a host', served('/v1'), served('https://a.example/v1'), ['warning api-server-removed']],
    [
      'of the operation, where none was named',
      op(),
      op({ servers: [{ url: 'https://b.example' }] }),
      ['warning api-server-removed'],
    ],
    [
      'of the operation',
      served('https://a.example'),
      op({ servers: [{ url: 'https://b.example' }] }, { servers: [{ url: 'https://a.example' }] }),
      ['error api-server-removed'],
    ],
    [
      'of the operation, as before',
      served('https://a.example'),
      op({ servers: [{ url: 'https://a.example' }] }, { servers: [{ url: 'https://a.example' }] }),
      [],
    ],
  ])('%s', (_, base, revision, expected) => expect(found(base, revision)).toEqual(expected));

  it('may hand their path over to the paths, and take it back', () => {
    const at = (url: string, path: string): JsonObject =>
      of({ [path]: { get: { operationId: 'a', responses: ok } } }, { servers: [{ url }] });
    const [one, other] = [at('https://a.example/v1', '/a'), at('https://a.example', '/v1/a')];
    expect(found(one, other)).toEqual([]);
    expect(found(other, one)).toEqual([]);
    expect(found(one, at('https://a.example', '/v2/a'))).toContain(
      'error api-path-removed-without-deprecation',
    );
  });

  it('lose a value of a variable', () => {
    const regions = (...values: string[]): JsonObject =>
      op(
        {},
        { servers: [{ url: 'https://{r}.example', variables: { r: { default: 'eu', enum: values } } }] },
      );
    expect(found(regions('eu', 'us'), regions('eu'))).toEqual(['error api-server-removed']);
    expect(found(regions('eu', 'us'), regions('eu'), { profile: 'lenient' })).toEqual([
      'warning api-server-removed',
    ]);
    expect(found(regions('eu'), regions('eu', 'us'))).toEqual([]);
  });
});

describe('[PB-6.05] parameters', () => {
  const many = (more: JsonObject = {}): JsonObject =>
    query('q', { schema: { type: 'array', items: text, ...more } });
  it.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    [
      'a value becomes a document',
      parameters(query('q')),
      parameters({ name: 'q', in: 'query', ...json(text) }),
      ['error request-parameter-style-changed'],
    ],
    [
      'a document becomes a value',
      parameters({ name: 'q', in: 'query', ...json(text) }),
      parameters(query('q')),
      ['error request-parameter-style-changed'],
    ],
    [
      'a document of another form',
      parameters({ name: 'q', in: 'query', ...json(text) }),
      parameters({ name: 'q', in: 'query', ...json(numbers) }),
      ['error request-parameter-type-changed'],
    ],
    ['one becomes many, repeated', parameters(query('q')), parameters(many()), []],
    [
      'one becomes at least two',
      parameters(query('q')),
      parameters(many({ minItems: 2 })),
      ['error request-parameter-type-changed'],
    ],
    [
      'one becomes many, with commas',
      parameters(query('q')),
      parameters({ ...many(), explode: false }),
      ['error request-parameter-type-changed'],
    ],
    ['many become one', parameters(many()), parameters(query('q')), ['error request-parameter-type-changed']],
    [
      'written out as by default',
      parameters(many()),
      parameters({ ...many(), style: 'form', explode: true }),
      [],
    ],
    [
      'moved to a header',
      parameters(query('q')),
      parameters({ ...query('q'), in: 'header' }),
      ['info new-optional-request-parameter', 'warning request-parameter-removed'],
    ],
  ])('%s', (_, base, revision, expected) => expect(found(base, revision)).toEqual(expected));

  it('go after the day that was announced', () => {
    const old = parameters(query('q', { deprecated: true, 'x-sunset': '2026-06-01' }));
    expect(found(old, op(), { asOf: '2026-06-01T00:00:00Z' })).toEqual([
      'info request-parameter-removed-with-deprecation',
    ]);
    expect(found(old, op(), { asOf: '2026-05-31T00:00:00Z' })).toEqual(['warning request-parameter-removed']);
  });
});

describe('[PB-6.05] credentials', () => {
  const oauth = (flows: JsonObject, scopes: string[] = []): JsonObject =>
    op({ security: [{ o: scopes }] }, { components: { securitySchemes: { o: { type: 'oauth2', flows } } } });
  const code = {
    authorizationUrl: 'https://a.example/auth',
    tokenUrl: 'https://a.example/token',
    scopes: {},
  };
  const credentials = { tokenUrl: 'https://a.example/token', scopes: {} };

  it.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    [
      'a flow that is replaced',
      oauth({ authorizationCode: code }),
      oauth({ clientCredentials: credentials }),
      ['error api-security-oauth-flow-removed'],
    ],
    [
      'a flow that moved',
      oauth({ authorizationCode: code }),
      oauth({ authorizationCode: { ...code, tokenUrl: 'https://b.example/t' } }),
      ['error api-security-oauth-flow-removed'],
    ],
    [
      'a flow more',
      oauth({ authorizationCode: code }),
      oauth({ authorizationCode: code, clientCredentials: credentials }),
      [],
    ],
    [
      'more scopes',
      oauth({ authorizationCode: code }, ['a']),
      oauth({ authorizationCode: code }, ['a', 'b']),
      ['error api-security-scope-added'],
    ],
    [
      'scopes that are described otherwise',
      oauth({ authorizationCode: code }, ['a']),
      oauth({ authorizationCode: { ...code, scopes: { a: 'x' } } }, ['a']),
      [],
    ],
  ])('%s', (_, base, revision, expected) => expect(found(base, revision)).toEqual(expected));

  it('have header names without case', () => {
    const key = (name: string): JsonObject =>
      op(
        { security: [{ k: [] }] },
        { components: { securitySchemes: { k: { type: 'apiKey', in: 'header', name } } } },
      );
    expect(found(key('X-Key'), key('x-key'))).toEqual([]);
    expect(found(key('X-Key'), key('X-Keys'))).toEqual(['error api-security-removed']);
  });
});

describe('[PB-6.05] media types of responses', () => {
  const typed = (...types: string[]): JsonObject =>
    op({
      responses: {
        200: { description: 'd', content: Object.fromEntries(types.map((type) => [type, { schema: text }])) },
      },
    });
  it.each([
    ['a range that becomes one of its types', typed('text/*'), typed('text/plain'), []],
    [
      'a type that becomes a range',
      typed('text/plain'),
      typed('text/*'),
      ['info response-media-type-added', 'error response-media-type-removed'],
    ],
    [
      'a type beside the range',
      typed('text/*'),
      typed('application/json'),
      ['info response-media-type-added', 'error response-media-type-removed'],
    ],
  ])('%s', (_, base, revision, expected) => expect(found(base, revision)).toEqual(expected));
});

describe('[PB-6.05] what the server calls', () => {
  const call = (schema: Json, status = '204'): JsonObject => ({
    post: { requestBody: json(schema), responses: { [status]: { description: 'd' } } },
  });
  const object = (more: JsonObject): JsonObject => ({ type: 'object', properties: { a: text }, ...more });
  const webhooks = (items: JsonObject): JsonObject => of({}, { webhooks: items });
  const callbacks = (items: JsonObject): JsonObject => op({ callbacks: { done: items } });

  it.each([
    ['webhook', webhooks],
    ['callback', callbacks],
  ] as const)('%s: what is sent is a response to whoever is called', (_, make) => {
    const one = (schema: Json, status?: string) => make({ '{$request.query.u}': call(schema, status) });
    const [with1, without1] = [object({ required: ['a'] }), object({})];
    expect(found(one(with1), one(without1))).toEqual(['error response-property-became-optional']);
    expect(found(one(without1), one(with1))).toEqual(['info response-property-became-required']);
    expect(found(one(with1, '200'), one(with1, '202'))).toEqual(['error response-success-status-removed']);
    expect(found(one(with1), one(with1))).toEqual([]);
  });

  it('is gone, or new', () => {
    expect(found(webhooks({ w: call(text) }), webhooks({}))).toEqual(['error webhook-removed']);
    expect(found(webhooks({}), webhooks({ w: call(text) }))).toEqual(['info webhook-added']);
    expect(found(callbacks({ x: call(text) }), op())).toEqual(['error callback-removed']);
    expect(found(op(), callbacks({ x: call(text) }))).toEqual([]);
  });

  it('may call back in circles', () => {
    const round = (schema: Json): JsonObject =>
      op(
        { callbacks: { again: { $ref: '#/components/callbacks/Again' } } },
        {
          components: {
            callbacks: {
              Again: {
                x: {
                  post: {
                    ...(call(schema)['post'] as JsonObject),
                    callbacks: { again: { $ref: '#/components/callbacks/Again' } },
                  },
                },
              },
            },
          },
        },
      );
    expect(found(round(text), round(text))).toEqual([]);
    expect(found(round(text), round(numbers))).toEqual(['error response-body-type-changed']);
  });
});

describe('[PB-6.05] the window of a deprecation', () => {
  const until = (day: string): JsonObject => op({ deprecated: true, 'x-sunset': day });
  it.each([
    ['on the ninetieth day', '2026-08-30', 'strict-partner', []],
    ['a day before', '2026-08-29', 'strict-partner', ['warning api-sunset-date-too-small']],
    ['in a month, leniently', '2026-07-01', 'lenient', []],
    ['in 29 days, leniently', '2026-06-30', 'lenient', ['warning api-sunset-date-too-small']],
    ['on no day', '2026-02-30', 'strict-partner', ['warning api-deprecated-sunset-parse']],
  ] as const)('%s', (_, day, profile, expected) => {
    const says = found(op(), until(day), { asOf: '2026-06-01T00:00:00Z', profile });
    expect([...says].sort()).toEqual(['info endpoint-deprecated', ...expected].sort());
  });
});

describe('[PB-6.05] memory', () => {
  it('drops no report of an operation that uses what another one used', () => {
    const two = (schema: JsonObject): JsonObject => {
      const responses = { 200: { description: 'd', ...json({ $ref: '#/components/schemas/A' }) } };
      const paths = Object.fromEntries(['/a', '/b', '/c'].map((path) => [path, { get: { responses } }]));
      return of(paths, { components: { schemas: { A: schema, B: text } } });
    };
    const deep = (leaf: JsonObject): JsonObject => ({
      type: 'object',
      properties: { x: { type: 'array', items: leaf } },
    });
    expect(found(two(deep(text)), two(deep(numbers)))).toEqual(
      Array.from({ length: 3 }, () => 'error response-property-type-changed'),
    );
  });
});
