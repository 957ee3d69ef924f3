import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@kwanus/kernel';
import { carrying, found, text } from './testing/contracts.js';

const list = (more: JsonObject = {}): JsonObject => ({ type: 'array', items: text, ...more });
const object = (more: JsonObject = {}): JsonObject => ({ type: 'object', ...more });
const numbers = { type: 'integer' };

/** Written as JSON: an object with the key `then` looks like a promise. */
const when = (condition: JsonObject, consequence: JsonObject): JsonObject =>
  JSON.parse(`{"if":${JSON.stringify(condition)},"then":${JSON.stringify(consequence)}}`) as JsonObject;

type Row = readonly [title: string, narrow: JsonObject, wide: JsonObject, tighter: string, looser: string];

/** The first lets less through than the second; what it is called one way and the other. */
const NARROWER: readonly Row[] = [
  [
    'patternProperties of another type',
    object({ patternProperties: { '^x-': numbers } }),
    object({ patternProperties: { '^x-': { type: 'number' } } }),
    'type-changed',
    'type-generalized',
  ],
  [
    'a pattern of names that is forbidden',
    object({ additionalProperties: false }),
    object({ patternProperties: { '^x-': text }, additionalProperties: false }),
    'pattern-property-removed',
    'pattern-property-added',
  ],
  [
    'propertyNames',
    object({ propertyNames: { maxLength: 3 } }),
    object(),
    'max-length-set',
    'max-length-unset',
  ],
  [
    'dependentRequired',
    object({ dependentRequired: { a: ['b'] } }),
    object(),
    'dependent-required-added',
    'dependent-required-removed',
  ],
  ['contains', list({ contains: { const: 'a' } }), list(), 'contains-added', 'contains-removed'],
  [
    'minContains',
    list({ contains: { const: 'a' }, minContains: 2 }),
    list({ contains: { const: 'a' } }),
    'min-contains-increased',
    'min-contains-decreased',
  ],
  [
    'maxContains',
    list({ contains: { const: 'a' }, maxContains: 2 }),
    list({ contains: { const: 'a' } }),
    'max-contains-decreased',
    'max-contains-increased',
  ],
  [
    'prefixItems',
    { type: 'array', prefixItems: [numbers] },
    { type: 'array', prefixItems: [{ type: 'number' }] },
    'type-changed',
    'type-generalized',
  ],
  [
    'a list of fixed length',
    { type: 'array', prefixItems: [text], items: false },
    { type: 'array', prefixItems: [text] },
    'type-changed',
    'type-changed',
  ],
  [
    'not',
    { ...text, not: { enum: ['a', 'b'] } },
    { ...text, not: { enum: ['a'] } },
    'not-changed',
    'not-changed',
  ],
  ['not where there was none', { ...text, not: { const: 'a' } }, text, 'not-added', 'not-removed'],
  [
    'if and then',
    object({ ...when({ required: ['a'] }, { required: ['b'] }) }),
    object(),
    'if-added',
    'if-removed',
  ],
  [
    'then under the same condition',
    { ...when({ const: 1 }, { minimum: 2 }) },
    { ...when({ const: 1 }, { minimum: 1 }) },
    'min-increased',
    'min-decreased',
  ],
  [
    'unevaluatedProperties',
    object({ allOf: [{ properties: { a: text } }], unevaluatedProperties: false }),
    object({ properties: { a: text }, additionalProperties: true }),
    'additional-properties-forbidden',
    'additional-properties-allowed',
  ],
  ['pattern', { ...text, pattern: '^a' }, text, 'pattern-added', 'pattern-removed'],
];

const last = (entries: readonly string[]): readonly string[] =>
  entries.map((entry) => entry.replace(/ (?:request|response)-property-/, ' '));

describe('[PB-6.05] a keyword that lets less through', () => {
  it.each(NARROWER)('%s breaks who sends, and not who receives', (_, narrow, wide, tighter) => {
    expect(last(found(carrying('request', wide), carrying('request', narrow)))).toEqual([`error ${tighter}`]);
    const received = found(carrying('response', wide), carrying('response', narrow));
    expect(received).toEqual([expect.stringMatching(/^info /)]);
  });

  it.each(NARROWER)(
    '%s, when it goes, breaks who receives, and not who sends',
    (...[, narrow, wide, , looser]: Row) => {
      expect(last(found(carrying('request', narrow), carrying('request', wide)))).toEqual([`info ${looser}`]);
      const received = found(carrying('response', narrow), carrying('response', wide));
      const level = looser === 'additional-properties-allowed' ? 'warning' : 'error';
      expect(received).toEqual([expect.stringMatching(new RegExp(`^${level} `))]);
    },
  );
});

/** Two ways of saying one thing. */
const SAME: readonly (readonly [string, Json, Json])[] = [
  ['a list of types', { type: ['string', 'integer'] }, { anyOf: [text, numbers] }],
  [
    'types with limits, apart and together',
    { type: ['string', 'integer'], maxLength: 3 },
    { oneOf: [{ ...text, maxLength: 3 }, numbers] },
  ],
  ['a type that the values say', { enum: ['a', 'b'] }, { type: 'string', enum: ['a', 'b'] }],
  ['both values of boolean', { type: 'boolean' }, { type: 'boolean', enum: [false, true] }],
  [
    'more than zero, and at least one',
    { type: 'integer', exclusiveMinimum: 0 },
    { type: 'integer', minimum: 1 },
  ],
  ['a multiple of one', numbers, { ...numbers, multipleOf: 1 }],
  ['a length of numbers', numbers, { ...numbers, maxLength: 3, pattern: '^a' }],
  ['properties of a text', text, { ...text, properties: { b: numbers }, required: ['b'] }],
  ['a limit that every listed value keeps', { enum: ['a', 'bb'] }, { enum: ['a', 'bb'], maxLength: 2 }],
  ['a pattern of anything', text, { ...text, pattern: '^.*$' }],
  ['contains without a count', list(), list({ contains: text, minContains: 0 })],
  [
    'a dependency on what is required anyway',
    object({ required: ['b'] }),
    object({ required: ['b'], dependentRequired: { a: ['b'] } }),
  ],
  [
    'dependencies of old and of new',
    object({ dependencies: { a: ['b'] } }),
    object({ dependentRequired: { a: ['b'] } }),
  ],
  [
    'items of old and prefixItems of new',
    { type: 'array', items: [text], additionalItems: false },
    { type: 'array', prefixItems: [text], items: false },
  ],
  ['nullable beside allOf', { allOf: [text], nullable: true }, { type: ['string', 'null'] }],
  ['null as a value', { enum: ['a', null] }, { oneOf: [{ const: 'a' }, { type: 'null' }] }],
];

describe('[PB-6.05] says nothing', () => {
  it.each(SAME)('of %s', (_, one, other) => {
    for (const direction of ['request', 'response'] as const) {
      expect(found(carrying(direction, one), carrying(direction, other))).toEqual([]);
      expect(found(carrying(direction, other), carrying(direction, one))).toEqual([]);
    }
  });
});

describe('[PB-6.05] properties by direction', () => {
  const a = (more: JsonObject, required: readonly string[] = ['id']): JsonObject => ({
    ...object({ properties: { id: { ...text, ...more } } }),
    required: [...required],
  });
  const change = (direction: 'request' | 'response', one: JsonObject, other: JsonObject) =>
    found(carrying(direction, one), carrying(direction, other));

  it('a response loses what becomes write-only, a request what becomes read-only', () => {
    expect(change('response', a({}), a({ writeOnly: true }))).toEqual([
      'error response-required-property-became-write-only',
    ]);
    expect(change('response', a({}, []), a({ writeOnly: true }, []))).toEqual([
      'warning response-optional-property-became-write-only',
    ]);
    expect(change('request', a({}), a({ readOnly: true }))).toEqual([
      'warning request-required-property-became-read-only',
    ]);
    expect(change('request', a({}), a({ writeOnly: true }))).toEqual([]);
    expect(change('response', a({}), a({ readOnly: true }))).toEqual([]);
  });

  it('a request must have what is no longer read-only', () => {
    expect(change('request', a({ readOnly: true }), a({}))).toEqual(['error new-required-request-property']);
    expect(change('request', a({ readOnly: true }), a({ default: 'x' }))).toEqual([
      'info new-required-request-property-with-default',
    ]);
    expect(change('response', a({ writeOnly: true }), a({}))).toEqual([
      'info response-required-property-added',
    ]);
  });

  it('what is required without being described counts too', () => {
    const bare = (...required: string[]): JsonObject => ({ ...object(), required });
    expect(change('request', bare(), bare('id'))).toEqual(['error new-required-request-property']);
    expect(change('response', bare('id'), bare())).toEqual(['error response-property-became-optional']);
    expect(change('request', bare('id'), bare())).toEqual(['info request-property-became-optional']);
    expect(change('request', a({}, []), { ...object(), required: ['id'] })).toEqual([
      'error new-required-request-property',
      'warning request-property-removed',
    ]);
  });

  it('what was deprecated with a day may go on that day', () => {
    const options = (asOf: string) => ({ asOf });
    const old = a({ deprecated: true, 'x-sunset': '2026-06-01' }, []);
    const gone = (asOf: string) =>
      found(carrying('response', old), carrying('response', object()), options(asOf));
    expect(gone('2026-06-01T00:00:00Z')).toEqual(['info response-optional-property-removed']);
    expect(gone('2026-05-31T23:59:59Z')).toEqual(['warning response-optional-property-removed']);
  });

  it('a closed response that gets more says so', () => {
    const closed = object({ properties: { id: text }, additionalProperties: false });
    const more = { ...closed, properties: { id: text, b: text } };
    expect(change('response', closed, more)).toEqual(['warning response-optional-property-added']);
  });

  it('a map that takes other values, and a name that becomes one of them', () => {
    const map = (schema: Json): JsonObject => object({ additionalProperties: schema });
    expect(change('request', map({ type: 'number' }), map(numbers))).toEqual([
      'error request-property-type-changed',
    ]);
    expect(
      change('request', map(text), object({ properties: { b: numbers }, additionalProperties: text })),
    ).toEqual(['info new-optional-request-property', 'error request-property-type-changed']);
    expect(change('request', object(), map(text))).toEqual([
      'warning request-property-additional-properties-constrained',
    ]);
  });
});

describe('[PB-6.05] alternatives', () => {
  const schemas = (more: JsonObject = {}): JsonObject => ({
    components: {
      schemas: {
        Cat: object({ properties: { kind: text, lives: numbers }, required: ['kind'] }),
        Dog: object({ properties: { kind: text, tricks: numbers }, required: ['kind', 'tricks'] }),
        ...more,
      },
    },
  });
  const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });
  const pets = (names: readonly string[], mapping?: JsonObject): JsonObject => ({
    oneOf: names.map(ref),
    discriminator: { propertyName: 'kind', ...(mapping === undefined ? {} : { mapping }) },
  });
  const compare = (
    direction: 'request' | 'response',
    one: JsonObject,
    other: JsonObject,
    more?: JsonObject,
  ) => found(carrying(direction, one, schemas(more)), carrying(direction, other, schemas(more)));

  it('are known by their values: a value that goes, comes, or stands for another', () => {
    const plain = pets(['Cat', 'Dog']);
    expect(compare('request', plain, pets(['Cat', 'Dog'], { Cat: '#/components/schemas/Cat' }))).toEqual([]);
    const named = pets(['Cat', 'Dog'], { tom: '#/components/schemas/Cat' });
    expect(compare('request', named, plain)).toEqual([
      'info request-property-discriminator-mapping-added',
      'error request-property-discriminator-mapping-deleted',
    ]);
    expect(compare('response', named, plain)).toEqual([
      'error response-property-discriminator-mapping-added',
      'info response-property-discriminator-mapping-deleted',
    ]);
    expect(compare('response', plain, named)).toEqual([
      'error response-property-discriminator-mapping-added',
      'info response-property-discriminator-mapping-deleted',
    ]);
    const swapped = pets(['Cat', 'Dog'], { tom: '#/components/schemas/Dog' });
    expect(compare('request', named, swapped)).toEqual([
      'info request-property-discriminator-mapping-added',
      'error request-property-discriminator-mapping-changed',
      'error request-property-discriminator-mapping-deleted',
    ]);
  });

  it('are renamed for whoever reads the discriminator, and for nobody else', () => {
    const feline = {
      Feline:
        schemas()['components'] === undefined
          ? {}
          : object({ properties: { kind: text, lives: numbers }, required: ['kind'] }),
    };
    expect(compare('request', pets(['Cat', 'Dog']), pets(['Feline', 'Dog']), feline)).toEqual([
      'info request-property-discriminator-mapping-added',
      'error request-property-discriminator-mapping-deleted',
    ]);
    const plain = (...names: string[]): JsonObject => ({ oneOf: names.map(ref) });
    expect(compare('request', plain('Cat', 'Dog'), plain('Dog', 'Feline'), feline)).toEqual([]);
  });

  it('may be taken together by one that lets all of them through', () => {
    const wide = object({ properties: { kind: text, lives: numbers, tricks: numbers }, required: ['kind'] });
    const two = {
      anyOf: [object({ properties: { lives: numbers } }), object({ properties: { tricks: numbers } })],
    };
    const one = { anyOf: [object({ properties: { lives: numbers, tricks: numbers } }), { type: 'boolean' }] };
    expect(
      found(carrying('request', two), carrying('request', one)).filter((entry) => entry.startsWith('error')),
    ).toEqual([]);
    expect(compare('request', pets(['Cat']), wide).filter((entry) => entry.startsWith('error'))).toEqual([]);
  });

  it('are paired at the least cost, whatever their order', () => {
    const one = object({ properties: { a: text, b: text, c: text }, required: ['a', 'b', 'c'] });
    const other = object({ properties: { x: numbers, y: numbers }, required: ['x', 'y'] });
    const more = { ...one, properties: { a: text, b: text, c: text, d: text } };
    const less = { ...other, properties: { x: numbers, y: numbers, z: numbers } };
    expect(
      found(carrying('request', { oneOf: [one, other] }), carrying('request', { oneOf: [less, more] })),
    ).toEqual(['info new-optional-request-property', 'info new-optional-request-property']);
  });
});

describe('[PB-6.05] alternatives inside alternatives', () => {
  const nested = (depth: number, leaf: JsonObject): JsonObject =>
    depth === 0
      ? leaf
      : object({
          required: ['k'],
          properties: {
            k: {
              oneOf: [
                nested(depth - 1, leaf),
                object({ required: [`z${depth}`], properties: { [`z${depth}`]: text } }),
              ],
            },
          },
        });

  it('are tried once each, however deep they lie', () =>
    expect(
      found(carrying('request', nested(14, text)), carrying('request', nested(14, { type: 'boolean' })), {
        maxSteps: 100_000,
      }),
    ).toHaveLength(1));
});

describe('[PB-6.05] announced lists', () => {
  const open = (...values: string[]): JsonObject => ({ type: 'string', 'x-extensible-enum': values });
  it('count as announced only where the base said so', () => {
    const closed = { type: 'string', enum: ['a'] };
    expect(found(carrying('response', closed), carrying('response', open('a')))).toEqual([
      'error response-property-enum-became-extensible',
    ]);
    expect(found(carrying('response', closed), carrying('response', open('a', 'b')))).toContain(
      'error response-property-enum-value-added',
    );
    expect(found(carrying('request', open('a', 'b')), carrying('request', open('a')))).toEqual([
      'error request-property-enum-value-removed',
    ]);
  });
});
