import { answered, at, json, parameter, post, sending } from './contracts.js';
import { type ContractReadings, object, text, whole } from './reading.js';

const list = { type: 'array', items: text };
const media = (...types: string[]) =>
  sending(Object.fromEntries(types.map((type) => [type, { schema: text }])));
const upload = (encoding: Record<string, string | boolean>) =>
  sending({ 'multipart/form-data': { schema: object({ file: {} }), encoding: { file: encoding } } });
const form = (encoding: Record<string, string | boolean>) =>
  sending({
    'application/x-www-form-urlencoded': { schema: object({ ids: list }), encoding: { ids: encoding } },
  });
const path = (name: string, schema = text) => ({ name, in: 'path', required: true, schema });
const querystring = (required: string[]) =>
  post(
    {
      parameters: [
        {
          name: 'q',
          in: 'querystring',
          content: { 'application/x-www-form-urlencoded': { schema: object({ a: text }, { required }) } },
        },
      ],
    },
    { openapi: '3.2.0' },
  );

/** Addresses, methods, parameters and what is sent. */
export const REQUESTS: ContractReadings = {
  'list-by-blanks': {
    why: 'what was written with commas is one entry now',
    base: parameter({ schema: list, style: 'form', explode: false }),
    revision: parameter({ schema: list, style: 'spaceDelimited', explode: false }),
    label: 'breaks',
  },
  'default-style-written': {
    why: 'a query parameter is written so without a word',
    base: parameter({ schema: list }),
    revision: parameter({ schema: list, style: 'form', explode: true, required: false }),
    label: 'silent',
  },
  'explode-of-one-value': {
    why: 'a single value is written the same both ways',
    base: parameter({}),
    revision: parameter({ explode: false }),
    label: 'silent',
  },
  'path-style': {
    why: 'the segment becomes ;a=1',
    base: at({ '/x/{a}': { get: { parameters: [path('a')], ...answered() } } }),
    revision: at({ '/x/{a}': { get: { parameters: [{ ...path('a'), style: 'matrix' }], ...answered() } } }),
    label: 'breaks',
  },
  'object-style': {
    why: 'q[a]=1 becomes a=1',
    base: parameter({ schema: object({ a: text }), style: 'deepObject', explode: true }),
    revision: parameter({ schema: object({ a: text }), style: 'form', explode: true }),
    label: 'breaks',
  },
  'header-list-default-style': {
    why: 'a header is written so without a word',
    base: post({ parameters: [{ name: 'X-A', in: 'header', schema: list }] }),
    revision: post({
      parameters: [{ name: 'X-A', in: 'header', schema: list, style: 'simple', explode: false }],
    }),
    label: 'silent',
  },
  'path-parameters-renamed-in-place': {
    why: 'each place of the address takes what it took',
    base: at({ '/{a}/{b}': { get: { parameters: [path('a', whole), path('b')], ...answered() } } }),
    revision: at({ '/{b}/{a}': { get: { parameters: [path('b', whole), path('a')], ...answered() } } }),
    label: 'silent',
  },
  'path-parameters-swapped': {
    why: 'a text stands where a number must',
    base: at({ '/{a}/{b}': { get: { parameters: [path('a', whole), path('b')], ...answered() } } }),
    revision: at({ '/{b}/{a}': { get: { parameters: [path('a', whole), path('b')], ...answered() } } }),
    label: 'breaks',
  },
  'path-with-slash': {
    why: 'it is another address',
    base: at({ '/x': { get: answered() } }),
    revision: at({ '/x/': { get: answered() } }),
    label: 'breaks',
  },
  'path-of-other-case': {
    why: 'addresses are told apart by case',
    base: at({ '/orders': { get: answered() } }),
    revision: at({ '/Orders': { get: answered() } }),
    label: 'breaks',
  },
  'method-other': {
    why: 'the old method is refused',
    base: at({ '/x': { post: answered() } }),
    revision: at({ '/x': { put: answered() } }),
    label: 'breaks',
  },
  'head-removed': {
    why: 'it is an operation as others are',
    base: at({ '/x': { get: answered(), head: answered() } }),
    revision: at({ '/x': { get: answered() } }),
    label: 'breaks',
  },
  'query-method-removed': {
    why: '3.2 knows QUERY',
    base: at({ '/x': { get: answered(), query: answered() } }, { openapi: '3.2.0' }),
    revision: at({ '/x': { get: answered() } }, { openapi: '3.2.0' }),
    label: 'breaks',
  },
  'additional-method-removed': {
    why: '3.2 takes any method',
    base: at({ '/x': { get: answered(), additionalOperations: { COPY: answered() } } }, { openapi: '3.2.0' }),
    revision: at({ '/x': { get: answered() } }, { openapi: '3.2.0' }),
    label: 'breaks',
  },
  'whole-query-string-demands': {
    why: 'who left a out is refused',
    base: querystring([]),
    revision: querystring(['a']),
    label: 'breaks',
  },
  'path-item-referenced': {
    why: 'references are not seen',
    base: at({ '/x': { get: answered() } }),
    revision: at(
      { '/x': { $ref: '#/components/pathItems/X' } },
      { components: { pathItems: { X: { get: answered() } } } },
    ),
    label: 'silent',
  },
  'parameter-referenced': {
    why: 'references are not seen',
    base: parameter({}),
    revision: post(
      { parameters: [{ $ref: '#/components/parameters/Q' }] },
      { components: { parameters: { Q: { name: 'q', in: 'query', schema: text } } } },
    ),
    label: 'silent',
  },
  'body-referenced': {
    why: 'references are not seen',
    base: post({ requestBody: json(text) }),
    revision: post(
      { requestBody: { $ref: '#/components/requestBodies/B' } },
      { components: { requestBodies: { B: json(text) } } },
    ),
    label: 'silent',
  },
  'overridden-parameter-other': {
    why: "the operation's own parameter of the name counts",
    base: at({
      '/x': {
        parameters: [{ name: 'q', in: 'query', schema: { ...text, maxLength: 5 } }],
        get: { parameters: [{ name: 'q', in: 'query', schema: text }], ...answered() },
      },
    }),
    revision: at({
      '/x': {
        parameters: [{ name: 'q', in: 'query', schema: { ...text, maxLength: 2 } }],
        get: { parameters: [{ name: 'q', in: 'query', schema: text }], ...answered() },
      },
    }),
    label: 'silent',
  },
  'required-parameter-elsewhere': {
    why: 'it is looked for in a header now',
    base: parameter({ required: true }),
    revision: post({ parameters: [{ name: 'q', in: 'header', required: true, schema: text }] }),
    label: 'breaks',
  },
  'parameter-deprecated': {
    why: 'it works as before',
    base: parameter({}),
    revision: parameter({ deprecated: true }),
    label: 'safe',
  },
  'cookie-required': {
    why: 'who sent none is refused',
    base: post(),
    revision: post({ parameters: [{ name: 'c', in: 'cookie', required: true, schema: text }] }),
    label: 'breaks',
  },
  'parameter-required-with-default': {
    why: 'a required parameter must be sent, whatever its default',
    base: parameter({ schema: { ...text, enum: ['a', 'b'] } }),
    revision: parameter({ schema: { ...text, enum: ['a'] }, required: true }),
    label: 'breaks',
  },
  'body-of-another-type': {
    why: 'the only type that was taken goes',
    base: media('application/json'),
    revision: media('application/merge-patch+json'),
    label: 'breaks',
  },
  'body-of-a-range': {
    why: 'what was taken is in the range',
    base: media('application/json'),
    revision: media('application/*'),
    label: 'safe',
  },
  'body-of-a-range-narrowed': {
    why: 'application/xml was in the range',
    base: media('application/*'),
    revision: media('application/json'),
    label: 'breaks',
  },
  'media-parameter-other': {
    why: 'another version of the type is another type',
    base: media('application/vnd.z+json;version=1'),
    revision: media('application/vnd.z+json;version=2'),
    label: 'breaks',
  },
  'media-parameters-turned': {
    why: 'their order says nothing',
    base: media('application/vnd.z+json;a=1;b=2'),
    revision: media('application/vnd.z+json; b=2; a=1'),
    label: 'silent',
  },
  'part-of-another-type': {
    why: 'a part that was taken is refused',
    base: upload({ contentType: 'image/png' }),
    revision: upload({ contentType: 'image/jpeg' }),
    label: 'breaks',
  },
  'part-of-more-types': {
    why: 'what was taken still is',
    base: upload({ contentType: 'image/png' }),
    revision: upload({ contentType: 'image/png, image/jpeg' }),
    label: 'safe',
  },
  'form-field-delimited': {
    why: 'repeated fields are written with commas',
    base: form({ style: 'form', explode: true }),
    revision: form({ style: 'form', explode: false }),
    label: 'breaks',
  },
  'body-schema-gone': {
    why: 'any text is taken',
    base: sending({ 'application/json': { schema: { ...text, maxLength: 3 } } }),
    revision: sending({ 'application/json': {} }),
    label: 'safe',
  },
  'body-schema-set': {
    why: 'what is longer is refused',
    base: sending({ 'application/json': {} }),
    revision: sending({ 'application/json': { schema: { ...text, maxLength: 3 } } }),
    label: 'breaks',
  },
};
