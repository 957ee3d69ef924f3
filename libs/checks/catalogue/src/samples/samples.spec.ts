import { describe, expect, it } from '@jest/globals';
import { Contract } from '@kwanus/checks-contract-diff';
import type { Json, JsonObject } from '@kwanus/kernel';
import { SampleJudge } from './judge.js';
import { TooEntangled } from './sample.js';
import { samplesIn } from './samples-in.js';

const text: JsonObject = { type: 'string' };
const document = (paths: JsonObject, more: JsonObject = {}): JsonObject => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths,
  ...more,
});
const answering = (media: JsonObject, more: JsonObject = {}): JsonObject =>
  document(
    { '/x': { post: { responses: { 200: { description: 'd', content: { 'application/json': media } } } } } },
    more,
  );
const sending = (media: JsonObject): JsonObject =>
  document({ '/x': { post: { requestBody: { content: { 'application/json': media } }, responses: {} } } });

/** @returns what is wrong in the document, as `pointer: text` */
function faultsIn(root: JsonObject, steps = 100_000): readonly string[] {
  const contract = new Contract(root);
  const judge = new SampleJudge(contract, steps);
  return [...samplesIn(contract, 'document')]
    .flatMap((sample) =>
      judge
        .faultsOf(sample)
        .map(({ at, text }) => `${sample.pointer.split('/').slice(-2).join('/')}${at} ${text}`),
    )
    .sort();
}

/** @returns true when the value fits the schema as an example in a response */
const fits = (schema: Json, example: Json, openapi = '3.1.0'): boolean =>
  faultsIn({ ...answering({ schema, example }), openapi }).length === 0;

describe('[PB-4.03] samples', () => {
  it.each<readonly [string, Json, Json, Json]>([
    ['a type', text, 'a', 1],
    ['one of several types', { type: ['string', 'null'] }, null, 1],
    ['a whole number', { type: 'integer' }, 1.0, 1.5],
    ['a list of values', { enum: ['a', { b: 1 }] }, { b: 1 }, 'b'],
    ['one value', { const: null }, null, 0],
    ['a lowest number', { minimum: 1 }, 1, 0.9],
    ['a number above another', { exclusiveMinimum: 1 }, 1.1, 1],
    ['a highest number', { maximum: 1 }, 1, 1.1],
    ['a number below another', { exclusiveMaximum: 1 }, 0.9, 1],
    ['a multiple', { multipleOf: 0.1 }, 0.3, 0.35],
    ['a shortest text, in characters', { minLength: 2 }, '💧💧', '💧'],
    ['a longest text, in characters', { maxLength: 1 }, '💧', 'ab'],
    ['a pattern', { pattern: '^[0-9]+$' }, '10', 'xyz!'],
    ['a day', { format: 'date' }, '2026-02-28', '2026-02-30'],
    ['a moment', { format: 'date-time' }, '2026-02-28T10:00:00+01:00', '2026-02-28 10:00'],
    ['entries', { items: text }, ['a'], ['a', 1]],
    ['first entries', { prefixItems: [text], items: false }, ['a'], ['a', 'b']],
    ['fewest entries', { minItems: 1 }, [1], []],
    ['most entries', { maxItems: 1 }, [1], [1, 2]],
    [
      'entries that differ',
      { uniqueItems: true },
      [{ a: 1, b: 2 }, { a: 1 }],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    ['an entry of a kind', { contains: { const: 1 } }, [0, 1], [0]],
    ['no more than so many of a kind', { contains: { const: 1 }, maxContains: 1 }, [1], [1, 1]],
    ['a property', { properties: { a: text } }, { a: 'a' }, { a: 1 }],
    ['what must be there', { required: ['a'] }, { a: null }, {}],
    ['nothing unknown', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
    ['the rest', { additionalProperties: text }, { a: 'a' }, { a: 1 }],
    ['names', { propertyNames: { maxLength: 1 } }, { a: 1 }, { ab: 1 }],
    ['properties by pattern', { patternProperties: { '^x-': text } }, { 'x-a': 'a' }, { 'x-a': 1 }],
    ['what another property needs', { dependentRequired: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
    ['fewest properties', { minProperties: 1 }, { a: 1 }, {}],
    ['all of several', { allOf: [text, { maxLength: 1 }] }, 'a', 'ab'],
    ['any of several', { anyOf: [text, { minimum: 5 }] }, 5, 4],
    ['exactly one', { oneOf: [{ type: 'integer' }, { type: 'number' }] }, 1.5, 1],
    ['what is excluded', { not: { const: 'a' } }, 'b', 'a'],
    ['a condition', { if: { type: 'string' }, else: { minimum: 1 } }, 'a', 0],
    ['false', { properties: { a: false } }, {}, { a: 1 }],
  ])('are held against %s', (_, schema, fitting, other) => {
    expect(fits(schema, fitting)).toBe(true);
    expect(fits(schema, other)).toBe(false);
  });

  it('are judged by the words of their version', () => {
    const end: JsonObject = { type: 'number', minimum: 0, exclusiveMinimum: true };
    expect(fits(end, 0, '3.0.3')).toBe(false);
    expect(fits(end, 0.1, '3.0.3')).toBe(true);
    expect(fits({ ...text, nullable: true, enum: ['a'] }, null, '3.0.3')).toBe(true);
    const beside = (openapi: string) =>
      faultsIn({
        ...answering(
          { schema: { $ref: '#/components/schemas/T', maxLength: 1 }, example: 'ab' },
          { components: { schemas: { T: text } } },
        ),
        openapi,
      });
    expect(beside('3.0.3')).toEqual([]);
    expect(beside('3.1.0')).toHaveLength(1);
  });

  it('carry what is read-only or write-only in its own direction alone', () => {
    const schema: JsonObject = {
      required: ['id', 'secret'],
      properties: { id: { ...text, readOnly: true }, secret: { ...text, writeOnly: true } },
    };
    expect(faultsIn(sending({ schema, example: { secret: 's' } }))).toEqual([]);
    expect(faultsIn(answering({ schema, example: { id: 'i' } }))).toEqual([]);
    expect(faultsIn(sending({ schema, example: { id: 'i', secret: 's' } }))).toEqual([
      'application~1json/example/id is read-only and stands in what is sent',
    ]);
    expect(faultsIn(answering({ schema, example: { secret: 's' } }))).toEqual([
      'application~1json/example lacks id, which is required',
      'application~1json/example/secret is write-only and stands in what comes back',
    ]);
    expect(faultsIn(answering({ schema: { ...schema, example: { id: 'i' } } }))).toEqual([]);
  });

  it('are found wherever they may stand, once, and never fetched', () => {
    const wrong = (): JsonObject => ({ schema: text, example: 1 });
    const root = document(
      {
        '/x': {
          parameters: [{ name: 'p', in: 'query', ...wrong() }],
          post: {
            requestBody: { $ref: '#/components/requestBodies/B' },
            responses: { 200: { description: 'd', headers: { H: wrong() } } },
            callbacks: {
              c: { '{$request.query.u}': { post: { requestBody: { content: { 'text/x+json': wrong() } } } } },
            },
          },
        },
      },
      {
        webhooks: { w: { post: { requestBody: { content: { 'application/json; v=1': wrong() } } } } },
        components: {
          requestBodies: {
            B: {
              content: {
                'application/json': {
                  schema: { $ref: '#/components/schemas/Node' },
                  examples: {
                    referenced: { $ref: '#/components/examples/E' },
                    elsewhere: { externalValue: 'http://127.0.0.1:9/x.json' },
                  },
                },
                'application/xml': wrong(),
              },
            },
          },
          examples: { E: { value: { next: { next: 1 } } } },
          schemas: {
            Node: {
              type: 'object',
              properties: {
                next: { $ref: '#/components/schemas/Node' },
                a: { ...text, default: 1, examples: ['a', 2] },
              },
            },
          },
        },
      },
    );
    const number = 'is 1, where string is asked for';
    expect(faultsIn(root)).toEqual(
      [
        `0/example ${number}`,
        `H/example ${number}`,
        `a/default ${number}`,
        `application~1json; v=1/example ${number}`,
        'examples/1 is 2, where string is asked for',
        'E/value/next/next is 1, where object is asked for',
        `text~1x+json/example ${number}`,
      ].sort(),
    );
  });

  it('may be written as text', () => {
    expect(fits({ type: 'object', required: ['a'] }, '{"a":1}')).toBe(true);
    expect(fits({ type: 'object', required: ['a'] }, '{"b":1}')).toBe(false);
    expect(fits({ type: 'object' }, '{"a"')).toBe(false);
  });

  it('are given up where schemas double each other or lead too far, and patterns explode', () => {
    const levels = (count: number, of: (next: JsonObject) => JsonObject): JsonObject =>
      Object.fromEntries(
        Array.from({ length: count }, (_, level) => [
          `L${level}`,
          level === count - 1 ? text : of({ $ref: `#/components/schemas/L${level + 1}` }),
        ]),
      );
    const judged = (schemas: JsonObject) => () =>
      faultsIn(
        answering({ schema: { $ref: '#/components/schemas/L0' }, example: 'a' }, { components: { schemas } }),
      );
    expect(judged(levels(31, (next) => ({ allOf: [next, next] })))).toThrow(TooEntangled);
    expect(judged(levels(100_000, (next) => ({ allOf: [next] })))).toThrow(TooEntangled);
    expect(judged({ L0: { allOf: [{ $ref: '#/components/schemas/L0' }] } })).toThrow(TooEntangled);
    expect(fits({ pattern: '^(a+)+$' }, `${'a'.repeat(5_000)}!`)).toBe(false);
  });

  it('tell two patterns apart, and name one that no engine takes in linear time', () => {
    expect(
      faultsIn(
        answering({
          schema: { properties: { a: { pattern: '^[a-z]+$' }, b: { pattern: '^[0-9]+$' } } },
          example: { a: 'x', b: 'x' },
        }),
      ),
    ).toEqual(['application~1json/example/b is "x", which the pattern "^[0-9]+$" does not match']);
    const judge = new SampleJudge(new Contract(document({})), 1_000);
    expect(
      judge.faultsOf({ value: 'a', pointer: '', schema: { pattern: '(?=b)a' }, direction: null }),
    ).toEqual([]);
    expect([...judge.unjudged]).toEqual(['(?=b)a']);
  });
});
