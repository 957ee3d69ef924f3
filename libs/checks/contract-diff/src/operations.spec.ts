import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@kwanus/kernel';
import { diffContracts } from './diff-contracts.js';
import { normalisedMediaType } from './media.js';
import type { DiffOptions } from './types.js';

const text = { type: 'string' };
const json = (schema: Json) => ({ content: { 'application/json': { schema } } });
const ok = { 200: { description: 'd', ...json(text) } };
const of = (paths: JsonObject, more: JsonObject = {}): JsonObject => ({
  openapi: '3.0.3',
  info: { title: 't', version: '1' },
  paths,
  ...more,
});
const op = (more: JsonObject = {}): JsonObject =>
  of({ '/a': { get: { operationId: 'a', responses: ok, ...more } } });
const found = (base: JsonObject, revision: JsonObject, options?: DiffOptions): readonly string[] =>
  diffContracts(base, revision, options).findings.map(({ level, id }) => `${level} ${id}`);
const query = (name: string, more: JsonObject = {}) => ({ name, in: 'query', schema: text, ...more });
const keys = (...alternatives: JsonObject[]): JsonObject => ({ security: alternatives });
const sunset = (date?: string) =>
  op({ deprecated: true, ...(date === undefined ? {} : { 'x-sunset': date }) });

describe('operations', () => {
  it.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    ['path added', of({}), op(), ['info endpoint-added']],
    ['path removed', op(), of({}), ['error api-path-removed-without-deprecation']],
    [
      'method removed',
      of({ '/a': { get: { responses: ok }, put: { responses: ok } } }),
      of({ '/a': { get: { responses: ok } } }),
      ['error api-removed-without-deprecation'],
    ],
    [
      'path parameter renamed',
      of({ '/a/{id}': { get: { responses: ok } } }),
      of({ '/a/{key}': { get: { responses: ok } } }),
      [],
    ],
    [
      'slash at the end',
      of({ '/a': { get: { responses: ok } } }),
      of({ '/a/': { get: { responses: ok } } }),
      [],
    ],
    ['deprecated', op(), sunset('2027-01-01'), ['info endpoint-deprecated']],
    ['operation id changed', op(), op({ operationId: 'b' }), ['warning api-operation-id-removed']],
    [
      'optional parameter added',
      op(),
      op({ parameters: [query('q')] }),
      ['info new-optional-request-parameter'],
    ],
    [
      'required parameter added',
      op(),
      op({ parameters: [query('q', { required: true })] }),
      ['error new-required-request-parameter'],
    ],
    ['parameter removed', op({ parameters: [query('q')] }), op(), ['warning request-parameter-removed']],
    [
      'parameter becomes required',
      op({ parameters: [query('q')] }),
      op({ parameters: [query('q', { required: true })] }),
      ['error request-parameter-became-required'],
    ],
    [
      'header parameter in other case',
      op({ parameters: [{ name: 'X-A', in: 'header', schema: text }] }),
      op({ parameters: [{ name: 'x-a', in: 'header', schema: text }] }),
      [],
    ],
    [
      'header parameter that says nothing',
      op(),
      op({ parameters: [{ name: 'Accept', in: 'header', required: true, schema: text }] }),
      [],
    ],
    [
      'parameter moved to the path item',
      op({ parameters: [query('q')] }),
      of({ '/a': { parameters: [query('q')], get: { operationId: 'a', responses: ok } } }),
      [],
    ],
    [
      'number as text',
      op({ parameters: [query('q', { schema: { type: 'integer' } })] }),
      op({ parameters: [query('q')] }),
      ['info request-parameter-type-generalized'],
    ],
    [
      'default of a parameter changed',
      op({ parameters: [query('q', { schema: { ...text, default: 'a' } })] }),
      op({ parameters: [query('q', { schema: { ...text, default: 'b' } })] }),
      ['error request-parameter-default-value-changed'],
    ],
    [
      'list written otherwise',
      op({ parameters: [query('q', { schema: { type: 'array', items: text } })] }),
      op({ parameters: [query('q', { schema: { type: 'array', items: text }, explode: false })] }),
      ['error request-parameter-style-changed'],
    ],
    ['body added', op(), op({ requestBody: json(text) }), ['info request-body-added-optional']],
    [
      'required body added',
      op(),
      op({ requestBody: { required: true, ...json(text) } }),
      ['error request-body-added-required'],
    ],
    [
      'body becomes required',
      op({ requestBody: json(text) }),
      op({ requestBody: { required: true, ...json(text) } }),
      ['error request-body-became-required'],
    ],
    [
      'media type of the body removed',
      op({ requestBody: { content: { 'application/json': {}, 'text/plain': {} } } }),
      op({ requestBody: { content: { 'text/plain': {} } } }),
      ['error request-body-media-type-removed'],
    ],
    [
      'media type covered by a range',
      op({ requestBody: { content: { 'text/plain': {} } } }),
      op({ requestBody: { content: { 'text/*': {} } } }),
      ['info request-body-media-type-added'],
    ],
    [
      'media type covered by any',
      op({ requestBody: { content: { 'text/plain': {} } } }),
      op({ requestBody: { content: { '*/*': {} } } }),
      ['info request-body-media-type-added'],
    ],
    [
      'charset written out',
      op({ requestBody: { content: { 'application/json': {} } } }),
      op({ requestBody: { content: { 'Application/JSON; charset="utf-8"': {} } } }),
      [],
    ],
    [
      'success response removed',
      op({ responses: { ...ok, 202: { description: 'd' } } }),
      op(),
      ['error response-success-status-removed'],
    ],
    [
      'error response removed',
      op({ responses: { ...ok, 404: { description: 'd' } } }),
      op(),
      ['info response-non-success-status-removed'],
    ],
    [
      'response under a range',
      op(),
      op({ responses: { '2XX': ok[200] } }),
      ['info response-success-status-added'],
    ],
    [
      'response added',
      op(),
      op({ responses: { ...ok, 404: { description: 'd' } } }),
      ['info response-non-success-status-added'],
    ],
    [
      'body of a response removed',
      op(),
      op({ responses: { 200: { description: 'd' } } }),
      ['error response-body-removed'],
    ],
    [
      'media type of a response removed',
      op(),
      op({ responses: { 200: { description: 'd', content: { 'text/plain': { schema: text } } } } }),
      ['info response-media-type-added', 'error response-media-type-removed'],
    ],
    [
      'required header removed',
      op({ responses: { 200: { ...ok[200], headers: { 'X-A': { required: true, schema: text } } } } }),
      op(),
      ['error required-response-header-removed'],
    ],
    [
      'header added',
      op(),
      op({ responses: { 200: { ...ok[200], headers: { 'X-A': { schema: text } } } } }),
      ['info response-header-added'],
    ],
    ['credentials asked for', op(), op(keys({ key: [] })), ['error api-security-added']],
    ['credentials no longer needed', op(keys({ key: [] })), op(keys({})), ['info api-security-added']],
    [
      'another way in',
      op(keys({ key: [] })),
      op(keys({ key: [] }, { token: [] })),
      ['info api-security-added'],
    ],
    [
      'a way in closed',
      op(keys({ key: [] }, { token: [] })),
      op(keys({ key: [] })),
      ['error api-security-removed'],
    ],
    ['both needed', op(keys({ key: [] })), op(keys({ key: [], token: [] })), ['error api-security-removed']],
    ['more scopes', op(keys({ o: ['a'] })), op(keys({ o: ['a', 'b'] })), ['error api-security-scope-added']],
    ['fewer scopes', op(keys({ o: ['a', 'b'] })), op(keys({ o: ['a'] })), []],
    ['webhook removed', of({}, { webhooks: { w: {} } }), of({}), ['error webhook-removed']],
    [
      'one of two servers removed',
      of({}, { servers: [{ url: 'https://a.example' }, { url: 'https://b.example/' }] }),
      of({}, { servers: [{ url: 'https://b.example' }] }),
      ['error api-server-removed'],
    ],
    [
      'the only server removed',
      of({}, { servers: [{ url: 'https://a.example' }] }),
      of({}, { servers: [{ url: 'https://b.example' }] }),
      ['error api-server-removed'],
    ],
  ])('[PB-6.05] %s', (_, base, revision, expected) => expect(found(base, revision)).toEqual(expected));

  it('knows schemes by what they are, not by their name', () => {
    const scheme = (name: string, more: JsonObject) => ({
      ...op(keys({ [name]: [] })),
      components: { securitySchemes: { [name]: { type: 'apiKey', in: 'header', name: 'X-Key', ...more } } },
    });
    expect(found(scheme('a', {}), scheme('b', {}))).toEqual([]);
    expect(found(scheme('a', {}), scheme('a', { name: 'X-Other' }))).toContain('error api-security-removed');
  });

  it('lets what was deprecated go after its date, not before', () => {
    const gone = of({});
    expect(found(sunset('2026-01-01'), gone, { asOf: '2026-06-01T00:00:00Z' })).toEqual([
      'info api-path-removed-with-deprecation',
    ]);
    expect(found(sunset('2026-12-01'), gone, { asOf: '2026-06-01T00:00:00Z' })).toEqual([
      'error api-path-removed-before-sunset',
    ]);
    expect(found(sunset(), gone, { asOf: '2026-06-01T00:00:00Z' })).toEqual([
      'error api-path-removed-with-deprecation',
    ]);
    expect(found(sunset(), gone, { profile: 'lenient' })).toEqual([
      'warning api-path-removed-with-deprecation',
    ]);
    expect(found(sunset('2026-12-01'), sunset('2026-11-01'))).toEqual([
      'error api-sunset-date-changed-too-small',
    ]);
  });

  it('says which step of the version is honest', () => {
    expect(diffContracts(op(), of({}))).toMatchObject({ breaking: true, semver: 'major' });
    expect(diffContracts(of({}), op())).toMatchObject({ breaking: false, semver: 'minor' });
    expect(diffContracts(op(), { ...op(), info: { title: 'other', version: '9' } })).toMatchObject({
      breaking: false,
      semver: 'patch',
    });
  });

  it('brings media types into one form', () => {
    expect(normalisedMediaType(' Application/JSON ; b=2;A = 1; charset=UTF-8')).toBe(
      'application/json;a=1;b=2',
    );
  });

  it('takes any document without failing', () => {
    const odd: readonly JsonObject[] = [
      {},
      { paths: null },
      { paths: [] },
      {
        paths: {
          '/a': { get: { parameters: [null, 1], responses: { 200: null }, requestBody: 3, security: 'x' } },
        },
      },
    ];
    for (const one of odd) for (const other of odd) expect(() => diffContracts(one, other)).not.toThrow();
  });
});

describe('ReadMe’s published API, three real versions', () => {
  const load = (specifier: string): JsonObject =>
    JSON.parse(readFileSync(createRequire(import.meta.url).resolve(specifier), 'utf8')) as JsonObject;
  const [v4, v5, v5legacy] = [
    '@readme/oas-examples-4/3.0/json/readme.json',
    '@readme/oas-examples-5/3.0/json/readme.json',
    '@readme/oas-examples-5-427/3.0/json/readme-legacy.json',
  ].map(load) as [JsonObject, JsonObject, JsonObject];

  it('[PB-6.05] grew by 15 changes from 4.355.0 to 5.319.0, and none breaks', () => {
    const { breaking, findings } = diffContracts(v4, v5);
    const counts = new Map<string, number>();
    for (const { id } of findings) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect(breaking).toBe(false);
    expect(findings).toHaveLength(15);
    expect(Object.fromEntries(counts)).toEqual({
      'endpoint-added': 3,
      'new-optional-request-property': 4,
      'request-property-became-not-enum': 1,
      'request-property-default-value-removed': 1,
      'request-property-deprecated': 2,
      'response-property-deprecated': 4,
    });
  });

  it('[PB-6.05] lost three operations from 5.319.0 to 5.427.1, and nothing else that a client can notice', () => {
    const { breaking, findings } = diffContracts(v5, v5legacy);
    expect(breaking).toBe(true);
    expect(findings.map(({ level, operation }) => `${level} ${operation}`)).toEqual([
      'error GET /apply',
      'error POST /api-validation',
      'error POST /apply',
    ]);
  });

  it('is the same as itself', () => {
    for (const version of [v4, v5, v5legacy])
      expect(diffContracts(version, structuredClone(version)).findings).toEqual([]);
  });
});
