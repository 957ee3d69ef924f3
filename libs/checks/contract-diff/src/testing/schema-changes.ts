import type { Json } from '@kwanus/kernel';
import { isMap, type Loose, type Site } from './sites.js';

/** A change of a schema: what it must be like, how the base is prepared, and what becomes of it. */
export interface SchemaChange {
  readonly id: string;
  readonly suits: (schema: Loose, side: Site['body']['side']) => boolean;
  /** What the base must say so that the change is one. */
  readonly base?: (schema: Loose, side: Site['body']['side']) => Json;
  readonly revision: (base: Loose, side: Site['body']['side']) => Json;
}

const PLAIN = ['type', 'description', 'title', 'example', 'examples'];
const isPlain = (schema: Loose, type: string): boolean =>
  schema['type'] === type && Object.keys(schema).every((key) => PLAIN.includes(key));
const text = (schema: Loose): boolean => isPlain(schema, 'string');
const whole = (schema: Loose): boolean => schema['type'] === 'integer' && schema['enum'] === undefined;
const list = (schema: Loose): boolean => schema['type'] === 'array' && isMap(schema['items']);
const object = (schema: Loose): boolean =>
  isMap(schema['properties']) &&
  schema['additionalProperties'] === undefined &&
  ['allOf', 'oneOf', 'anyOf', 'not'].every((key) => schema[key] === undefined);
const any = (schema: Loose): boolean => typeof schema['type'] === 'string';

const set =
  (more: Loose) =>
  (schema: Loose): Json => ({ ...schema, ...more });
const bare =
  (...keys: string[]) =>
  (schema: Loose): Json =>
    Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));

/** One keyword that is there, is not there, or has another value. */
const keyword = (
  id: string,
  suits: SchemaChange['suits'],
  [key, before, after]: readonly [string, Json | undefined, Json | undefined],
): SchemaChange => ({
  id,
  suits,
  base: before === undefined ? bare(key) : set({ [key]: before }),
  revision: after === undefined ? bare(key) : set({ [key]: after }),
});

const A = { type: 'string' };
const propertiesOf = (schema: Loose): Loose => schema['properties'] as Loose;
const requiredOf = (schema: Loose): readonly Json[] =>
  Array.isArray(schema['required']) ? (schema['required'] as readonly Json[]) : [];
/** The object with one more property `zz`, required or not. */
const withZz = (schema: Loose, zz: Json, required: boolean, more: Loose = {}): Json => ({
  ...schema,
  properties: { ...propertiesOf(schema), zz },
  ...(required ? { required: [...requiredOf(schema), 'zz'] } : {}),
  ...more,
});
const property = (
  id: string,
  base: readonly [Json | null, boolean],
  revision: readonly [Json | null, boolean],
  more: Loose = {},
): SchemaChange => {
  const made =
    ([zz, required]: readonly [Json | null, boolean]) =>
    (schema: Loose): Json =>
      zz === null ? { ...schema, ...more } : withZz(schema, zz, required, more);
  const without = (schema: Loose): Loose => {
    const { zz: _, ...properties } = propertiesOf(schema);
    return { ...schema, properties, required: requiredOf(schema).filter((name) => name !== 'zz') };
  };
  return { id, suits: object, base: made(base), revision: (schema) => made(revision)(without(schema)) };
};

const hidden = (side: Site['body']['side']): Loose =>
  side === 'sent' ? { ...A, readOnly: true } : { ...A, writeOnly: true };
const cat = {
  type: 'object',
  properties: { kind: A, lives: { type: 'integer' } },
  required: ['kind', 'lives'],
};
const dog = { type: 'object', properties: { kind: A, tricks: A }, required: ['kind', 'tricks'] };
const cow = { type: 'object', properties: { kind: A, milk: A }, required: ['kind', 'milk'] };
const told = (by: string): Loose => ({ oneOf: [cat, dog], discriminator: { propertyName: by } });
const becomes = (id: string, base: Json, revision: Json): SchemaChange => ({
  id,
  suits: text,
  base: () => base,
  revision: () => revision,
});
const turned = (list: Json | undefined): Json => (Array.isArray(list) ? [...list].reverse() : []);
const many =
  (key: string) =>
  (schema: Loose): boolean =>
    Array.isArray(schema[key]) && (schema[key] as readonly Json[]).length > 1;

/** Every row of the first table, as something that can be done to a schema. */
export const SCHEMA_CHANGES: readonly SchemaChange[] = [
  { id: 'type-disjoint', suits: text, revision: () => ({ type: 'object' }) },
  { id: 'type-wider', suits: text, revision: set({ type: ['string', 'boolean'] }) },
  {
    id: 'type-narrower',
    suits: text,
    base: set({ type: ['string', 'boolean'] }),
    revision: set({ type: 'string' }),
  },
  { id: 'integer-to-number', suits: (s) => isPlain(s, 'integer'), revision: set({ type: 'number' }) },
  {
    id: 'number-to-integer',
    suits: (s) => isPlain(s, 'integer'),
    base: set({ type: 'number' }),
    revision: set({ type: 'integer' }),
  },
  { id: 'null-allowed', suits: text, revision: set({ type: ['string', 'null'] }) },
  {
    id: 'null-forbidden',
    suits: text,
    base: set({ type: ['string', 'null'] }),
    revision: set({ type: 'string' }),
  },
  keyword('enum-set', text, ['enum', undefined, ['a', 'b']]),
  keyword('enum-dropped', text, ['enum', ['a', 'b'], undefined]),
  keyword('enum-less', text, ['enum', ['a', 'b', 'c'], ['a', 'b']]),
  keyword('enum-more', text, ['enum', ['a', 'b'], ['a', 'b', 'c']]),
  keyword('enum-more-announced', text, ['x-extensible-enum', ['a', 'b'], ['a', 'b', 'c']]),
  keyword('length-lowered', text, ['maxLength', 20, 10]),
  keyword('length-raised', text, ['maxLength', 10, 20]),
  keyword('length-set', text, ['maxLength', undefined, 10]),
  keyword('length-unset', text, ['maxLength', 10, undefined]),
  keyword('minimum-raised', whole, ['minimum', 1, 2]),
  keyword('minimum-lowered', whole, ['minimum', 2, 1]),
  {
    id: 'maximum-excluded',
    suits: whole,
    base: set({ type: 'number', maximum: 9 }),
    revision: (s) => ({ ...(bare('maximum')(s) as Loose), exclusiveMaximum: 9 }),
  },
  keyword('multiple-set', whole, ['multipleOf', undefined, 5]),
  keyword('multiple-refined', whole, ['multipleOf', 10, 5]),
  keyword('pattern-set', text, ['pattern', undefined, '^[a-z]+$']),
  keyword('pattern-unset', text, ['pattern', '^[a-z]+$', undefined]),
  keyword('pattern-changed', text, ['pattern', '^[a-z]+$', '^[a-z0-9]+$']),
  keyword('format-set', text, ['format', undefined, 'date']),
  keyword('format-wider', (s) => s['type'] === 'integer', ['format', 'int32', 'int64']),
  { id: 'items-other', suits: list, base: set({ items: A }), revision: set({ items: { type: 'boolean' } }) },
  keyword('min-items-set', list, ['minItems', undefined, 1]),
  keyword('max-items-unset', list, ['maxItems', 9, undefined]),
  keyword('unique-set', list, ['uniqueItems', undefined, true]),
  { id: 'contains-set', suits: list, base: set({ items: A }), revision: set({ contains: { const: 'a' } }) },
  keyword('not-set', text, ['not', undefined, { enum: ['x'] }]),
  keyword('not-unset', text, ['not', { enum: ['x'] }, undefined]),
  property('property-required', [A, false], [A, true]),
  property('property-required-default', [{ ...A, default: 'x' }, false], [{ ...A, default: 'x' }, true]),
  property('property-optional', [A, true], [A, false]),
  property('property-added', [null, false], [A, false]),
  property('required-added', [null, false], [A, true]),
  property('required-added-default', [null, false], [{ ...A, default: 'x' }, true]),
  property('optional-removed', [A, false], [null, false]),
  property('required-removed', [A, true], [null, false]),
  property('removed-closed', [A, false], [null, false], { additionalProperties: false }),
  keyword('closed', object, ['additionalProperties', true, false]),
  becomes(
    'map-narrower',
    { type: 'object', additionalProperties: A },
    { type: 'object', additionalProperties: { ...A, maxLength: 5 } },
  ),
  becomes(
    'map-wider',
    { type: 'object', additionalProperties: { ...A, maxLength: 5 } },
    { type: 'object', additionalProperties: A },
  ),
  {
    id: 'becomes-hidden',
    suits: object,
    base: (s) => withZz(s, A, true),
    revision: (s, side) => ({ ...s, properties: { ...propertiesOf(s), zz: hidden(side) } }),
  },
  {
    id: 'becomes-seen',
    suits: object,
    base: (s, side) => withZz(s, hidden(side), true),
    revision: (s) => ({ ...s, properties: { ...propertiesOf(s), zz: A } }),
  },
  {
    id: 'dependent-required',
    suits: object,
    base: (s) => withZz(withZz(s, A, false) as Loose, A, false),
    revision: (s) => ({ ...s, dependentRequired: { zz: ['zy'] } }),
  },
  becomes('alternative-added', { oneOf: [cat, dog] }, { oneOf: [cat, dog, cow] }),
  becomes('alternative-removed', { oneOf: [cat, dog, cow] }, { oneOf: [dog, cow] }),
  becomes('discriminator-renamed', told('kind'), told('sort')),
  property('default-changed', [{ ...A, default: 'x' }, false], [{ ...A, default: 'y' }, false]),
  {
    id: 'described',
    suits: any,
    revision: set({ description: 'Other words.', title: 'Other', example: 'e', 'x-internal-note': 1 }),
  },
  { id: 'enum-turned', suits: many('enum'), revision: (s) => ({ ...s, enum: turned(s['enum']) }) },
  {
    id: 'const-enum',
    suits: text,
    base: set({ enum: ['a'] }),
    revision: (s) => ({ ...(bare('enum')(s) as Loose), const: 'a' }),
  },
  {
    id: 'null-spelled',
    suits: text,
    base: set({ type: ['string', 'null'] }),
    revision: () => ({ oneOf: [{ type: 'null' }, A] }),
  },
  { id: 'wrapped', suits: any, revision: (s) => ({ allOf: [{ oneOf: [{ anyOf: [s] }] }] }) },
  {
    id: 'split',
    suits: object,
    revision: (s) => ({
      allOf: [
        bare('properties')(s),
        ...Object.entries(propertiesOf(s)).map(([name, value]) => ({ properties: { [name]: value } })),
      ],
    }),
  },
  { id: 'type-list', suits: any, revision: (s) => ({ ...s, type: [s['type'] ?? ''] }) },
  {
    id: 'defaults-written',
    suits: text,
    revision: set({ minLength: 0, deprecated: false, readOnly: false }),
  },
  { id: 'defaults-written', suits: object, revision: set({ additionalProperties: true, minProperties: 0 }) },
  { id: 'defaults-written', suits: list, revision: (s) => ({ uniqueItems: false, minItems: 0, ...s }) },
  { id: 'idle-keyword', suits: text, revision: set({ minimum: 3, maxItems: 2, required: ['a'] }) },
  {
    id: 'integer-bound',
    suits: whole,
    base: (s) => ({ ...(bare('minimum')(s) as Loose), exclusiveMinimum: 0 }),
    revision: (s) => ({ ...(bare('exclusiveMinimum')(s) as Loose), minimum: 1 }),
  },
  {
    id: 'required-turned',
    suits: many('required'),
    revision: (s) => ({ ...s, required: turned(s['required']) }),
  },
  { id: 'inlined', suits: () => true, revision: (s) => s },
];
