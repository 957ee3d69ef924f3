import { parse } from 'yaml';
import { type Edits, yamlEdit } from './edited-submission.js';
import { extension } from './extension-edits.js';

export { edited } from './edited-submission.js';

const deep = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}${close.repeat(levels)}`;
export const openapi = (more: object): string =>
  JSON.stringify({ openapi: '3.0.3', info: { title: 't', version: '1' }, paths: {}, ...more });
const bombSchemas = Object.fromEntries(
  Array.from({ length: 31 }, (_, level) => [
    `L${level}`,
    level === 30
      ? { type: 'string' }
      : {
          type: 'object',
          properties: {
            l: { $ref: `#/components/schemas/L${level + 1}` },
            r: { $ref: `#/components/schemas/L${level + 1}` },
          },
        },
  ]),
);
export const get = (schema: object) => ({
  '/a': {
    get: {
      operationId: 'a',
      responses: { 200: { description: 'd', content: { 'application/json': { schema } } } },
    },
  },
});
export const asContract = (text: string): Edits => ({ 'api/parcels.yaml': text });

/** What partners could send to make the service fetch, hang, or fall over. */
export const HOSTILE_SUBMISSIONS: readonly (readonly [string, Edits])[] = [
  ['YAML aliases', asContract(`a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n`)],
  ['YAML with 100 000 brackets', asContract(deep('[', ']', 100_000))],
  ['JSON with 100 000 levels', { 'kwanus.yaml': deep('{"a":', '}', 100_000) }],
  ['duplicate keys', { 'kwanus.yaml': 'apiVersion: a\napiVersion: b\n' }],
  ['__proto__', { 'kwanus.yaml': (text) => `${text}__proto__: { kind: Tier }\n` }],
  [
    'constructor as a schema',
    asContract(openapi({ paths: get({ $ref: '#/components/schemas/constructor' }) })),
  ],
  ['U+0000', { 'kwanus.yaml': (text) => text.replace('Register parcels.', '"a\\0b"') }],
  [
    'references that double each other',
    asContract(
      openapi({ paths: get({ $ref: '#/components/schemas/L0' }), components: { schemas: bombSchemas } }),
    ),
  ],
  [
    'a sample by schemas that double each other',
    asContract(
      openapi({
        paths: get({ allOf: [{ $ref: '#/components/schemas/L0' }], example: 'a' }),
        components: {
          schemas: Object.fromEntries(
            Array.from({ length: 31 }, (_, level) => {
              const next = { $ref: `#/components/schemas/L${level + 1}` };
              return [`L${level}`, level === 30 ? { type: 'string' } : { allOf: [next, next] }];
            }),
          ),
        },
      }),
    ),
  ],
  [
    'a sample elsewhere',
    asContract(
      openapi({
        paths: {
          '/a': {
            get: {
              operationId: 'a',
              parameters: [
                {
                  name: 'q',
                  in: 'query',
                  schema: { type: 'string' },
                  examples: { one: { externalValue: 'http://127.0.0.1:9/x.json' } },
                },
              ],
              responses: { 204: { description: 'd' } },
            },
          },
        },
      }),
    ),
  ],
  [
    'a reference to itself',
    asContract(
      openapi({
        paths: get({ $ref: '#/components/schemas/A' }),
        components: { schemas: { A: { $ref: '#/components/schemas/A' } } },
      }),
    ),
  ],
  [
    'a schema that holds itself',
    asContract(
      openapi({
        paths: get({ $ref: '#/components/schemas/A' }),
        components: {
          schemas: { A: { type: 'object', properties: { a: { $ref: '#/components/schemas/A' } } } },
        },
      }),
    ),
  ],
  ...[
    'http://127.0.0.1:9/x.json',
    'https://metadata.google.internal/x',
    'file:///etc/passwd',
    '../../../../etc/passwd',
    'other.yaml#/a',
    '//127.0.0.1:9/x',
  ].map((target): readonly [string, Edits] => [
    `a reference to ${target}`,
    asContract(openapi({ paths: get({ $ref: target }) })),
  ]),
  [
    'a path item elsewhere',
    asContract(openapi({ paths: { '/a': { $ref: 'http://127.0.0.1:9/item.json' } } })),
  ],
  [
    'a discriminator’s mapping elsewhere',
    asContract(
      openapi({
        paths: get({
          oneOf: [{ type: 'string' }, { type: 'object' }],
          discriminator: { propertyName: 'k', mapping: { a: 'http://127.0.0.1:9/m.json' } },
        }),
      }),
    ),
  ],
  [
    'a pattern that explodes',
    asContract(
      openapi({ paths: get({ type: 'string', pattern: '^(a+)+$', example: `${'a'.repeat(40)}!` }) }),
    ),
  ],
  [
    'a workflow that fetches',
    {
      'workflows/register-parcel.yaml': (text) =>
        text.replace('api/parcels.yaml', 'http://127.0.0.1:9/api.yaml'),
    },
  ],
  ['links that explode', { 'docs/integration-guide.md': `${'['.repeat(50_000)}](${'x'.repeat(50_000)}` }],
  ['a heading without end', { 'docs/migration-guide.md': `# ${'a '.repeat(200_000)}` }],
  ['bytes that are no text', { 'docs/lifecycle.md': new Uint8Array([0xff, 0xfe, 0x00]) }],
  [
    'a path out of the submission',
    { 'kwanus.yaml': yamlEdit((m) => Object.assign(m['docs'] as object, { lifecycle: '../../etc/passwd' })) },
  ],
  [
    'YAML aliases that come to 10¹⁰ words',
    asContract(
      Array.from({ length: 10 }, (_, level) =>
        level === 0
          ? 'a0: &a0 x'
          : `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`,
      ).join('\n'),
    ),
  ],
  ['a workflow with 100 000 levels', { 'workflows/register-parcel.yaml': deep('[', ']', 100_000) }],
  [
    '__proto__ in a workflow',
    { 'workflows/register-parcel.yaml': (text) => `${text}__proto__: { do: [] }\n` },
  ],
  [
    'a workflow with 10 000 tasks',
    {
      'workflows/register-parcel.yaml': (text) =>
        text + Array.from({ length: 10_000 }, (_, at) => `  - t${at}: { set: { a: 1 } }\n`).join(''),
    },
  ],
  [
    'a call that sends 3 000 values to one of 150 media types',
    {
      'workflows/register-parcel.yaml': yamlEdit((w) => {
        const request = w['do']?.[0]?.['register']?.['try']?.[0]?.['send']?.['with'];
        const values = Array.from({ length: 3_000 }, (_, at) => [`v${at}`, '${ .a }']);
        Object.assign(request as object, { parameters: Object.fromEntries(values) });
      }),
      'api/parcels.yaml': yamlEdit((c) => {
        const schema = { oneOf: [{ maxProperties: 1 }, { required: ['a'] }], properties: { a: {} } };
        const media = Array.from({ length: 150 }, (_, at) => [`application/a${at}+json`, { schema }]);
        Object.assign(c['paths']?.['/parcels']?.['post']?.['requestBody'] as object, {
          content: Object.fromEntries(media),
        });
      }),
    },
  ],
  ['a manifest that is all braces', { 'kwanus.yaml': '}'.repeat(1_000_000) }],
  ['a manifest with very many words', { 'kwanus.yaml': `x: [${'a,'.repeat(400_000)}a]` }],
  [
    'a manifest of as many words as it may have',
    {
      'kwanus.yaml': (text) => {
        const manifest = parse(text) as { workflows: object[] };
        const types = Array.from({ length: 500 }, (_, at) => `acme.parcel.lost-${at}`);
        const handler = { task: '/do/a', uses: `event:${types.at(-1)}` };
        return JSON.stringify({
          ...manifest,
          events: { publishes: types.map((type) => ({ type, version: '1.0.0' })) },
          workflows: [{ ...manifest.workflows[0], handlers: Array.from({ length: 1_000 }, () => handler) }],
        });
      },
    },
  ],
  ['an extension of 24 MB', extension(`//${'x'.repeat(24_000_000)}`)],
  [
    'an extension with 40 000 hosts',
    extension(
      Array.from({ length: 40_000 }, (_, at) => `fetch('http://10.${at >> 8}.${at & 255}.1/${at}');`).join(
        '\n',
      ),
    ),
  ],
  [
    'a contract of one key for each of 20 000 words',
    asContract(`{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`).join(',')}}`),
  ],
  ...[
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://[::ffff:10.0.0.1]/',
    'http://api.acme.example@10.0.0.1/',
    'http://metadata.google.internal./',
    'https://{host}/v1',
  ].map((url): readonly [string, Edits] => [
    `the hidden host ${url}`,
    asContract(openapi({ servers: [{ url, variables: { host: { default: '169.254.169.254' } } }] })),
  ]),
];
