import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@kwanus/kernel';
import { diffContracts } from './diff-contracts.js';
import { ContractTooComplex, type DiffOptions } from './types.js';

type Schema = JsonObject;

/** A contract in which the schema is sent, or comes back, or both, under the property `a`. */
const contract = (
  place: 'request' | 'response',
  a: Json,
  more: JsonObject = {},
  openapi = '3.1.0',
): JsonObject => {
  const content = { 'application/json': { schema: { type: 'object', properties: { a } } } };
  return {
    openapi,
    info: { title: 't', version: '1' },
    paths: {
      '/x': {
        post: {
          operationId: 'x',
          ...(place === 'request' ? { requestBody: { required: true, content } } : {}),
          responses: { 200: { description: 'd', ...(place === 'response' ? { content } : {}) } },
        },
      },
    },
    ...more,
  };
};

const found = (
  place: 'request' | 'response',
  base: Json,
  revision: Json,
  options?: DiffOptions,
): readonly string[] =>
  diffContracts(contract(place, base), contract(place, revision), options).findings.map(
    ({ level, id }) => `${level} ${id}`,
  );

const text = { type: 'string' };
const list = (...values: string[]): Schema => ({ type: 'string', enum: values });
const person: Schema = {
  type: 'object',
  required: ['name'],
  properties: { name: text, age: { type: 'integer' } },
};

/** What a change comes to for whoever sends, and for whoever gets it; written from what a client can notice. */
const TABLE: readonly (readonly [string, Json, Json, string | null, string | null])[] = [
  [
    'type changed',
    text,
    { type: 'boolean' },
    'error request-property-type-changed',
    'error response-property-type-changed',
  ],
  [
    'type widened',
    { type: 'integer' },
    { type: 'number' },
    'info request-property-type-generalized',
    'error response-property-type-changed',
  ],
  [
    'type narrowed',
    { type: 'number' },
    { type: 'integer' },
    'error request-property-type-changed',
    'info response-property-type-specialized',
  ],
  ['type set', {}, text, 'error request-property-type-changed', 'info response-property-type-specialized'],
  [
    'type dropped',
    text,
    {},
    'info request-property-type-generalized',
    'error response-property-type-changed',
  ],
  [
    'becomes nullable',
    text,
    { type: ['string', 'null'] },
    'info request-property-became-nullable',
    'error response-property-became-nullable',
  ],
  [
    'no longer nullable',
    { type: ['string', 'null'] },
    text,
    'error request-property-became-not-nullable',
    'info response-property-became-not-nullable',
  ],
  [
    'enum value removed',
    list('a', 'b'),
    list('a'),
    'error request-property-enum-value-removed',
    'info response-property-enum-value-removed',
  ],
  [
    'enum value added',
    list('a'),
    list('a', 'b'),
    'info request-property-enum-value-added',
    'error response-property-enum-value-added',
  ],
  ['enum set', text, list('a'), 'error request-property-became-enum', 'info response-property-became-enum'],
  [
    'enum dropped',
    list('a'),
    text,
    'info request-property-became-not-enum',
    'error response-property-became-not-enum',
  ],
  [
    'const changed',
    { const: 'a' },
    { const: 'b' },
    'info request-property-enum-value-added, error request-property-enum-value-removed',
    'error response-property-enum-value-added, info response-property-enum-value-removed',
  ],
  [
    'format set',
    text,
    { ...text, format: 'date' },
    'error request-property-type-changed',
    'info response-property-type-specialized',
  ],
  [
    'format dropped',
    { ...text, format: 'date' },
    text,
    'info request-property-type-generalized',
    'error response-property-type-changed',
  ],
  [
    'format widened',
    { type: 'integer', format: 'int32' },
    { type: 'integer', format: 'int64' },
    'info request-property-type-generalized',
    'error response-property-type-changed',
  ],
  [
    'maxLength set',
    text,
    { ...text, maxLength: 5 },
    'error request-property-max-length-set',
    'info response-property-max-length-set',
  ],
  [
    'maxLength raised',
    { ...text, maxLength: 5 },
    { ...text, maxLength: 9 },
    'info request-property-max-length-increased',
    'error response-property-max-length-increased',
  ],
  [
    'maximum lowered',
    { type: 'integer', maximum: 9 },
    { type: 'integer', maximum: 5 },
    'error request-property-max-decreased',
    'info response-property-max-decreased',
  ],
  [
    'maximum excluded',
    { type: 'number', maximum: 5 },
    { type: 'number', exclusiveMaximum: 5 },
    'error request-property-max-decreased',
    'info response-property-max-decreased',
  ],
  [
    'minimum raised',
    { type: 'integer', minimum: 1 },
    { type: 'integer', minimum: 2 },
    'error request-property-min-increased',
    'info response-property-min-increased',
  ],
  [
    'minItems unset',
    { type: 'array', items: text, minItems: 2 },
    { type: 'array', items: text },
    'info request-property-min-items-unset',
    'error response-property-min-items-unset',
  ],
  [
    'pattern set',
    text,
    { ...text, pattern: '^a' },
    'error request-property-pattern-added',
    'info response-property-pattern-added',
  ],
  [
    'pattern changed',
    { ...text, pattern: '^a' },
    { ...text, pattern: '^b' },
    'warning request-property-pattern-changed',
    'warning response-property-pattern-changed',
  ],
  [
    'multipleOf set',
    { type: 'integer' },
    { type: 'integer', multipleOf: 2 },
    'error request-property-multiple-of-changed',
    'info response-property-multiple-of-changed',
  ],
  [
    'entries must differ',
    { type: 'array', items: text },
    { type: 'array', items: text, uniqueItems: true },
    'error request-property-unique-items-set',
    'info response-property-unique-items-set',
  ],
  [
    'property becomes required',
    person,
    { ...person, required: ['name', 'age'] },
    'error request-property-became-required',
    'info response-property-became-required',
  ],
  [
    'property becomes optional',
    person,
    { ...person, required: [] },
    'info request-property-became-optional',
    'error response-property-became-optional',
  ],
  [
    'required property added',
    person,
    { ...person, required: ['name', 'b'], properties: { ...(person['properties'] as Schema), b: text } },
    'error new-required-request-property',
    'info response-required-property-added',
  ],
  [
    'optional property added',
    person,
    { ...person, properties: { ...(person['properties'] as Schema), b: text } },
    'info new-optional-request-property',
    'info response-optional-property-added',
  ],
  [
    'optional property removed',
    person,
    { ...person, properties: { name: text } },
    'warning request-property-removed',
    'warning response-optional-property-removed',
  ],
  [
    'items changed',
    { type: 'array', items: text },
    { type: 'array', items: { type: 'boolean' } },
    'error request-property-type-changed',
    'error response-property-type-changed',
  ],
  [
    'closed',
    { ...person, additionalProperties: true },
    { ...person, additionalProperties: false },
    'error request-property-additional-properties-forbidden',
    'info response-property-additional-properties-forbidden',
  ],
  [
    'opened',
    { ...person, additionalProperties: false },
    { ...person, additionalProperties: true },
    'info request-property-additional-properties-allowed',
    'warning response-property-additional-properties-allowed',
  ],
  [
    'alternative added',
    { oneOf: [text, person] },
    { oneOf: [text, person, { type: 'boolean' }] },
    'info request-property-one-of-added',
    'error response-property-one-of-added',
  ],
  [
    'alternative removed',
    { anyOf: [text, person] },
    text,
    'error request-property-any-of-removed',
    'info response-property-any-of-removed',
  ],
  [
    'becomes alternatives',
    text,
    { oneOf: [text, { type: 'boolean' }] },
    'info request-property-type-generalized',
    'error response-property-type-changed',
  ],
  [
    'nothing fits any more',
    text,
    false,
    'error request-property-type-changed',
    'info response-property-type-changed',
  ],
  [
    'deprecated',
    text,
    { ...text, deprecated: true },
    'info request-property-deprecated',
    'info response-property-deprecated',
  ],
  [
    'default removed',
    { ...text, default: 'a' },
    text,
    'warning request-property-default-value-removed',
    null,
  ],
  [
    'not changed',
    { ...text, not: { const: 'a' } },
    { ...text, not: { const: 'b' } },
    'error request-property-not-changed',
    'error response-property-not-changed',
  ],
];

/** What no client can notice. */
const SILENT: readonly (readonly [string, Json, Json])[] = [
  ['words', { ...text, description: 'a', example: 'x' }, { ...text, description: 'b', title: 't' }],
  ['nullable in three ways', { type: ['string', 'null'] }, { oneOf: [{ type: 'null' }, text] }],
  ['nullable of 3.0', { ...text, nullable: true }, { type: ['string', 'null'] }],
  ['a combinator around one', person, { allOf: [person] }],
  ['one alternative', text, { oneOf: [text] }],
  [
    'allOf merged',
    person,
    {
      allOf: [
        { type: 'object', required: ['name'], properties: { name: text } },
        { properties: { age: { type: 'integer' } } },
      ],
    },
  ],
  ['alternatives in another order', { oneOf: [text, person] }, { oneOf: [person, text] }],
  [
    'alternatives of values',
    list('a', 'b'),
    {
      oneOf: [
        { type: 'string', const: 'a' },
        { type: 'string', const: 'b' },
      ],
    },
  ],
  ['values in another order', list('a', 'b'), list('b', 'a')],
  ['const or one value', { type: 'string', const: 'a' }, list('a')],
  [
    'exclusive bound of 3.0',
    { type: 'number', maximum: 5, exclusiveMaximum: true },
    { type: 'number', exclusiveMaximum: 5 },
  ],
  ['minLength zero', text, { ...text, minLength: 0 }],
  ['true or nothing', true, {}],
  ['additionalProperties said', person, { ...person, additionalProperties: true }],
];

describe('schemas', () => {
  const expected = (one: string | null): readonly string[] => (one === null ? [] : one.split(', '));
  it.each(TABLE)('[PB-6.05] %s: sent', (...[, base, revision, sent]) =>
    expect(found('request', base, revision)).toEqual(expected(sent)),
  );
  it.each(TABLE)('[PB-6.05] %s: received', (...[, base, revision, , received]) =>
    expect(found('response', base, revision)).toEqual(expected(received)),
  );

  it.each(SILENT)('[PB-6.05] says nothing about %s', (_, base, revision) => {
    for (const place of ['request', 'response'] as const) {
      expect(found(place, base, revision)).toEqual([]);
      expect(found(place, revision, base)).toEqual([]);
    }
  });

  it('lets a default make a new required property safe, and readOnly make it no matter', () => {
    const more = (b: Schema): Schema => ({
      ...person,
      required: ['name', 'b'],
      properties: { ...(person['properties'] as Schema), b },
    });
    expect(found('request', person, more({ ...text, default: 'x' }))).toEqual([
      'info new-required-request-property-with-default',
    ]);
    expect(found('request', person, more({ ...text, readOnly: true }))).toEqual([]);
    expect(found('response', person, more({ ...text, writeOnly: true }))).toEqual([]);
  });

  it('takes announced lists, and lenient profiles, more easily', () => {
    const open = (...values: string[]): Schema => ({ type: 'string', 'x-extensible-enum': values });
    expect(found('response', open('a'), open('a', 'b'))).toEqual(['info response-property-enum-value-added']);
    expect(found('response', list('a'), list('a', 'b'), { profile: 'lenient' })).toEqual([
      'warning response-property-enum-value-added',
    ]);
  });

  it('compares a list of values with alternatives by what fits', () => {
    expect(found('request', list('a'), { oneOf: [list('a'), person] })).toEqual([
      'info request-property-one-of-added',
    ]);
    expect(found('request', { type: ['string', 'null'] }, { oneOf: [text, person] })).toEqual([
      'error request-property-became-not-nullable',
      'info request-property-one-of-added',
    ]);
  });

  it('pairs alternatives that changed a little, and says what changed', () => {
    const cat = { title: 'Cat', type: 'object', properties: { lives: { type: 'integer' } } };
    const dog = { title: 'Dog', type: 'object', properties: { tricks: { type: 'integer' } } };
    const changed = { ...dog, properties: { tricks: text } };
    expect(found('response', { oneOf: [cat, dog] }, { oneOf: [changed, cat] })).toEqual([
      'error response-property-type-changed',
    ]);
  });
});

describe('references', () => {
  const schemas = (own: JsonObject): JsonObject => ({ components: { schemas: own } });
  const ref = { $ref: '#/components/schemas/A' };
  const diff = (base: JsonObject, revision: JsonObject) =>
    diffContracts(
      contract('request', ref, schemas(base)),
      contract('request', ref, schemas(revision)),
    ).findings.map(({ level, id, subject }) => `${level} ${id} ${subject}`);

  it('goes through circles, once', () => {
    const tree = (value: Schema): JsonObject => ({
      A: { type: 'object', properties: { value, left: ref, right: ref } },
    });
    expect(diff(tree(text), tree(text))).toEqual([]);
    expect(diff(tree(text), tree({ type: 'boolean' }))).toEqual([
      'error request-property-type-changed request body/a/value',
    ]);
  });

  it('counts what stands beside a reference in 3.1 alone', () => {
    const base = (openapi: string) => contract('request', ref, schemas({ A: text }), openapi);
    const beside = (openapi: string) =>
      contract('request', { ...ref, maxLength: 3 }, schemas({ A: text }), openapi);
    expect(diffContracts(base('3.0.3'), beside('3.0.3')).findings).toEqual([]);
    expect(diffContracts(base('3.1.0'), beside('3.1.0')).findings.map(({ id }) => id)).toEqual([
      'request-property-max-length-set',
    ]);
  });

  it('is linear where references double each other thirty times', () => {
    const bomb = (leaf: Schema): JsonObject => {
      const level = (next: string): Schema => {
        const reference = { $ref: `#/components/schemas/${next}` };
        return { type: 'object', properties: { l: reference, r: reference } };
      };
      const names = ['A', ...Array.from({ length: 30 }, (_, index) => `L${index}`), 'Z'];
      return Object.fromEntries(
        names.map((name, index) => [name, index === 31 ? leaf : level(names[index + 1] ?? '')]),
      );
    };
    expect(diff(bomb(text), bomb({ type: 'boolean' }))).toHaveLength(1);
    const combined = (leaf: Schema): JsonObject =>
      Object.fromEntries(
        Array.from({ length: 31 }, (_, level) => [
          level === 0 ? 'A' : `L${level}`,
          level === 30
            ? leaf
            : {
                allOf: [
                  { $ref: `#/components/schemas/L${level + 1}` },
                  { $ref: `#/components/schemas/L${level + 1}` },
                ],
              },
        ]),
      );
    expect(diff(combined(text), combined({ type: 'boolean' }))).toHaveLength(1);
  });

  it('treats references that lead nowhere, outside, or round as saying nothing', () => {
    for (const target of [
      '#/components/schemas/None',
      'http://127.0.0.1:9/x.json',
      'file:///etc/passwd',
      '#/%zz',
    ]) {
      const other = { $ref: target };
      expect(diff({ A: other as Schema }, { A: other as Schema })).toEqual([]);
    }
    expect(
      diff(
        { A: { $ref: '#/components/schemas/B' }, B: ref },
        { A: { $ref: '#/components/schemas/B' }, B: ref },
      ),
    ).toEqual([]);
  });

  it('gives up instead of going on for ever, and says so', () => {
    const deep = Array.from({ length: 400 }).reduce<Schema>(
      (inner) => ({ type: 'object', properties: { i: inner } }),
      text,
    );
    const other = Array.from({ length: 400 }).reduce<Schema>(
      (inner) => ({ type: 'object', properties: { i: inner } }),
      { type: 'boolean' },
    );
    expect(() => diff({ A: deep }, { A: other })).toThrow(ContractTooComplex);
    expect(() =>
      diffContracts(contract('request', text), contract('request', text), { maxSteps: 0 }),
    ).toThrow(ContractTooComplex);
  });
});
