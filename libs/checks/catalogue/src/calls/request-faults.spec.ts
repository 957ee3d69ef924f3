import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@kwanus/kernel';
import { TooEntangled } from '../samples/sample.js';
import { readWorkflow } from '../workflow/workflow.js';
import { expectedRequest, judgedContract, operationsById } from './expected.js';
import { requestFaults } from './request-faults.js';
import { sentBy } from './sent.js';

const text: JsonObject = { type: 'string' };
const query = (name: string, schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  parameters: [{ name, in: 'query', schema, ...more }],
});
const required = (place: string, name: string, schema: JsonObject = text): JsonObject => ({
  parameters: [{ name, in: place, required: true, schema }],
});
const body = (schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  requestBody: { content: { 'application/json': { schema } }, ...more },
});
const object = (properties: JsonObject, ...names: readonly string[]): JsonObject => ({
  type: 'object',
  required: names,
  properties,
});
const closed = (properties: JsonObject, ...names: readonly string[]): JsonObject => ({
  ...object(properties, ...names),
  additionalProperties: false,
});

interface Call {
  readonly call?: string;
  readonly with: JsonObject;
}

/** @returns why `POST /x/{id}` of the contract refuses the call, as `place text` */
function refused(
  operation: JsonObject,
  { call = 'openapi', with: request }: Call,
  { isLoose = false, document = {} }: { isLoose?: boolean; document?: JsonObject } = {},
): readonly string[] {
  const root: JsonObject = {
    openapi: '3.1.0',
    paths: { '/x/{id}': { post: { operationId: 'x', ...operation } } },
    ...document,
  };
  const by = judgedContract(root, 'api.yaml');
  const found = operationsById(by).get('x');
  const [task] = readWorkflow({ do: [{ t: { call, with: request } }] }).tasks;
  const sent = task === undefined ? null : sentBy(task);
  if (found === undefined || sent === null) return [];
  return requestFaults(sent, expectedRequest(by, found), isLoose).map(
    ({ at, text: why }) => `${at.replace('/with', '')} ${why}`,
  );
}
const sending = (parameters: JsonObject): Call => ({ with: { operationId: 'x', parameters } });
const http = (request: JsonObject): Call => ({
  call: 'http',
  with: { endpoint: 'https://a.example/x/1', ...request },
});
const any = '${ .order.id }';

describe('[PB-4.06] what a call sends', () => {
  it.each<readonly [string, JsonObject, Call, readonly string[]]>([
    [
      'what is required',
      required('path', 'id'),
      sending({}),
      [' lacks the path parameter id, which is required'],
    ],
    [
      'a header by any case',
      required('header', 'X-Shop'),
      sending({ 'x-shops': 'a' }),
      [' lacks the header parameter X-Shop, which is required', '/parameters/x-shops is no parameter of it'],
    ],
    [
      'the type of a parameter',
      query('n', { type: 'integer' }),
      sending({ n: 'many' }),
      ['/parameters/n is "many", where integer is asked for'],
    ],
    [
      'its values',
      query('n', { enum: ['a', 'b'] }),
      sending({ n: 'c' }),
      ['/parameters/n is "c", which is not among "a", "b"'],
    ],
    [
      'the entries of a list',
      query('n', { type: 'array', items: { enum: ['a'] } }),
      sending({ n: ['a', 'c'] }),
      ['/parameters/n/1 is "c", which is not among "a"'],
    ],
    ['an unknown name', query('n', text), sending({ m: any }), ['/parameters/m is no parameter of it']],
    [
      'a body that must be there',
      body(object({ a: text }, 'a'), { required: true }),
      sending({}),
      [' sends no body, which is required'],
    ],
    [
      'its properties',
      body(object({ a: text }, 'a')),
      sending({ b: any }),
      ['/parameters lacks a, which is required'],
    ],
    [
      'a property that nobody knows',
      body(closed({ a: text })),
      sending({ a: any, b: any }),
      ['/parameters/b is there, where no unknown property may be'],
    ],
    [
      'literals among expressions',
      body(object({ a: text, b: object({ c: text }, 'd') })),
      sending({ a: any, b: { c: 1 } }),
      ['/parameters/b lacks d, which is required', '/parameters/b/c is 1, where string is asked for'],
    ],
    [
      'a whole body',
      body(object({ a: text }, 'a')),
      sending({ body: { a: 1 } }),
      ['/parameters/body/a is 1, where string is asked for'],
    ],
    [
      'a property `body`',
      body(closed({ body: text })),
      sending({ body: 1 }),
      ['/parameters/body is 1, where string is asked for'],
    ],
    [
      'alternatives of which none fits',
      body({ oneOf: [object({ a: text }, 'a'), object({ b: text }, 'b')] }),
      sending({ c: any }),
      ['/parameters fits none of 2 alternatives'],
    ],
    [
      'how often an entry must come',
      body(object({ a: { contains: { const: 1 } } })),
      sending({ a: [2, 3] }),
      ['/parameters/a has 0 entries of the kind that it must contain'],
    ],
    [
      'http: query, headers, body',
      {
        ...body(object({ a: text }, 'a')),
        parameters: [
          { name: 'q', in: 'query', required: true, schema: text },
          { name: 'h', in: 'header', required: true, schema: { type: 'boolean' } },
        ],
      },
      http({ method: 'post', headers: { H: 'maybe' }, body: { a: 1 } }),
      [
        '/headers/H is "maybe", where boolean is asked for',
        ' lacks the query parameter q, which is required',
        '/body/a is 1, where string is asked for',
      ],
    ],
    [
      'http: another method',
      body(text),
      http({ method: 'GET' }),
      ['/method is GET, where the handler names POST /x/{id}'],
    ],
  ])('is held against %s', (_, operation, call, expected) =>
    expect(refused(operation, call)).toEqual(expected),
  );

  it.each<readonly [string, JsonObject, Call]>([
    [
      'expressions, whatever is asked for',
      { ...query('n', { type: 'integer', minimum: 3 }), ...body(closed({ a: { enum: [1] } }, 'a')) },
      sending({ n: any, a: 'id-${ .a }' }),
    ],
    ['parameters that are one expression', required('query', 'n'), { with: { parameters: any } }],
    [
      'numbers as texts and texts as numbers',
      {
        parameters: [
          { name: 'n', in: 'query', schema: { type: 'integer', maximum: 9 } },
          { name: 's', in: 'query', schema: text },
          { name: 'b', in: 'query', schema: { type: 'boolean' } },
        ],
      },
      sending({ n: '9', s: 10, b: 'true' }),
    ],
    [
      'lists in a text, or of one',
      query('n', { type: 'array', minItems: 2, items: { type: 'integer' } }),
      sending({ n: '1,2' }),
    ],
    [
      'objects in a query, in whatever way',
      query('n', object({ a: text }, 'a'), { required: true }),
      sending({ a: 1 }),
    ],
    [
      'what has a default',
      {
        ...required('query', 'n', { ...text, default: 'a' }),
        ...body(object({ a: { default: 1 } }, 'a'), { required: true }),
      },
      sending({}),
    ],
    ['what is read-only', body(object({ ref: { ...text, readOnly: true } })), sending({ ref: any })],
    ['a whole body beside its properties', body(closed({ a: text }, 'a')), sending({ body: any })],
    [
      'a whole body with a property of that name',
      body(closed({ a: text, body: text }, 'a')),
      sending({ body: { a: any, body: 'b' } }),
    ],
    [
      'keys, credentials and cookies',
      {
        parameters: [
          { name: 'c', in: 'cookie', schema: text },
          { name: 'Accept', in: 'header', required: true, schema: text },
        ],
      },
      sending({ c: any, 'X-Api-Key': any, 'Idempotency-Key': any, Authorization: any }),
    ],
    [
      'media types that no schema describes',
      {
        requestBody: {
          required: true,
          content: { 'text/csv': {}, 'application/json': { schema: closed({}) } },
        },
      },
      sending({ a: 1 }),
    ],
    [
      'values of forms',
      {
        requestBody: {
          content: { 'multipart/form-data': { schema: object({ n: { type: 'integer' } }, 'n') } },
        },
      },
      sending({ n: 'many' }),
    ],
    [
      'what is described elsewhere',
      { parameters: [{ $ref: 'https://a.example/p.yaml' }], requestBody: { $ref: 'b.yaml' } },
      sending({ a: 1 }),
    ],
    [
      'http: a query in the address',
      required('query', 'q'),
      http({ method: 'POST', endpoint: 'https://a.example/x/1?q=1' }),
    ],
    ['http: paths', required('path', 'id'), http({ method: 'POST' })],
    [
      'alternatives that an expression may tell apart',
      body({ oneOf: [object({ a: { const: 1 } }), object({ a: { const: 2 } })] }),
      sending({ a: any }),
    ],
    ['what `not` may exclude', body({ not: object({ a: { const: 1 } }) }), sending({ a: any })],
    [
      'conditions that may hold',
      body(
        JSON.parse(
          '{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"required":["c"]}}',
        ),
      ),
      sending({ a: any }),
    ],
    [
      'entries that may be the same',
      body(object({ a: { uniqueItems: true, maxItems: 2, contains: { const: 1 }, maxContains: 1 } })),
      sending({ a: [any, any] }),
    ],
    ['values that may be listed', body(object({ a: { enum: [{ b: 1 }] } })), sending({ a: { b: any } })],
    [
      'patterns that no engine takes in linear time',
      body(object({ a: { not: { pattern: '(?=b)a' } } })),
      sending({ a: 'c' }),
    ],
    ['calls of another kind', required('path', 'id'), { call: 'asyncapi', with: { parameters: {} } }],
  ])('is silent about %s', (_, operation, call) => {
    const document = {
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } } },
    };
    expect(refused(operation, call, { document })).toEqual([]);
  });

  it('takes every text for an expression where the workflow says so', () => {
    const call = sending({ n: '.count' });
    expect(refused(query('n', { type: 'integer' }), call)).toHaveLength(1);
    expect(refused(query('n', { type: 'integer' }), call, { isLoose: true })).toEqual([]);
  });

  it('is given up where it takes too many steps, however large it is', () => {
    const many: JsonObject = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`p${index}`, any]),
    );
    const alternatives = { anyOf: Array.from({ length: 100 }, () => ({ maxProperties: 1 })) };
    expect(() => refused(body(alternatives), sending(many))).toThrow(TooEntangled);
    expect(() => refused(query('n', { pattern: '^(a+)+$' }), sending({ n: 'a'.repeat(1_000_000) }))).toThrow(
      TooEntangled,
    );
    const commas = ','.repeat(1_000_000);
    expect(
      refused(query('n', { type: 'array', items: text, minItems: 2, maxItems: 5 }), sending({ n: commas })),
    ).toEqual([]);
  });
});
