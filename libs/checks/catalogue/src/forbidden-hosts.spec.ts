import { describe, expect, it } from '@jest/globals';
import { normaliseHost } from './hosts/host.js';
import {
  contract,
  type Edits,
  findingsOf,
  judge,
  manifest,
  push,
  put,
  type Row,
  said,
} from './testing/edited-submission.js';

const server = (url: string, variables?: object): Edits =>
  contract((c) => put(c['servers']?.[0], { url, ...(variables === undefined ? {} : { variables }) }));
const posted = (more: object): Edits => contract((c) => put(c['paths']?.['/parcels']?.['post'], more));
const responded = (more: object): Edits =>
  contract((c) => put(c['paths']?.['/parcels']?.['post']?.['responses']?.['201'], more));
const schema = (more: object): Edits => contract((c) => put(c['components']?.['schemas'], more));
const MANY = Array.from({ length: 60 }, (_, index) => `h${index}`);
const INTERNAL = ['forbidden-internal-api blocks FB302'];
const OUTSIDE = ['forbidden-internal-api blocks FB305'];

const extension = (code: string): Edits => ({
  ...manifest((m) => put(m, { extensions: [{ id: 'panel', kind: 'ui', entry: 'ui/panel.js' }] })),
  'ui/panel.js': code,
});

const FIRES: readonly Row[] = [
  [
    '[PB-7.07] FB302 an internal host in the code of an extension',
    extension("fetch('http://10.0.0.1/x');"),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB302 one at the end of a very long line',
    extension(`${'a;'.repeat(150_000)}fetch('http://10.0.0.1/x');`),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB302 one that is put together from parts, over lines',
    extension("const a = 1;\nfetch('http://10.' +\n  '0.0.1/x');"),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB302 a host that code puts together at run time',
    extension('fetch(`https://${host}/x`);'),
    INTERNAL,
  ],
  [
    '[PB-7.06] FB301 a connection that is put together from parts',
    extension("open('postgres:' + '//db.acme.example/x');"),
    ['forbidden-database blocks FB301'],
  ],
  [
    '[PB-7.07] FB302 a server of a link',
    responded({ links: { next: { operationId: 'getParcel', server: { url: 'http://10.0.0.1/v1' } } } }),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB302 a gateway’s host in an extension',
    posted({ 'x-gateway-integration': { uri: 'http://orders.svc/parcels' } }),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB302 a whole address in a variable',
    server('{server}/v1', { server: { default: 'https://[::ffff:10.0.0.1]' } }),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB302 more values of variables than anybody looks through',
    server('https://{a}.{b}.example.com/v1', {
      a: { default: 'h0', enum: MANY },
      b: { default: 'h0', enum: MANY },
    }),
    INTERNAL,
  ],
  ['[PB-7.07] FB302 an operation that is Internal', posted({ 'x-visibility': ' Internal' }), INTERNAL],
  [
    '[PB-7.07] FB302 a host that two readers read differently',
    server('https://api.acme.example\\@10.0.0.1/v1'),
    INTERNAL,
  ],
  [
    '[PB-7.07] FB305 a link to an operation elsewhere',
    responded({ links: { next: { operationRef: 'http://127.0.0.1:9/a.yaml#/paths/~1x/get' } } }),
    OUTSIDE,
  ],
  [
    '[PB-7.07] FB305 a discriminator’s mapping elsewhere',
    schema({
      Far: {
        type: 'object',
        discriminator: { propertyName: 'k', mapping: { a: 'https://acme.example/a.json' } },
      },
    }),
    OUTSIDE,
  ],
  [
    '[PB-7.06] FB301 a port that is written with zeros before',
    manifest((m) => push(m['network']?.['egress'], 'db.acme.example:0005432')),
    ['forbidden-database blocks FB301'],
  ],
];

const WARNS: readonly Row[] = [
  [
    '[PB-7.07] FB302 the machine itself in code',
    extension("const base = 'http://localhost';"),
    ['forbidden-internal-api warns FB302'],
  ],
];

const SILENT: readonly Row[] = [
  [
    '[PB-7.07] public hosts, prefixes and paths in code',
    extension(
      "fetch(`https://api.acme.example/${id}`);\nif (url.startsWith('https://')) fetch('https://' + 'api.acme.example/x');",
    ),
    [],
  ],
  [
    '[PB-7.07] a path that is put together at run time',
    posted({
      callbacks: {
        done: {
          'https://api.acme.example/done/{$request.body#/id}': {
            post: { responses: { 200: { description: 'd' } } },
          },
        },
      },
    }),
    [],
  ],
  [
    '[PB-7.07] a server whose path has a variable',
    server('https://api.acme.example/{base}', { base: { default: 'v1' } }),
    [],
  ],
  [
    '[PB-7.07] variables with a few public values',
    server('https://{a}.example.com/v1', { a: { default: 'h0', enum: MANY } }),
    [],
  ],
  [
    '[PB-7.07] a gateway’s public host',
    posted({ 'x-gateway-integration': { uri: 'https://api.acme.example/parcels' } }),
    [],
  ],
  ['[PB-7.07] an operation that is public', posted({ 'x-visibility': 'public' }), []],
  [
    '[PB-7.07] a mapping to names of schemas',
    schema({
      Near: {
        type: 'object',
        discriminator: { propertyName: 'k', mapping: { a: 'Parcel', b: '#/components/schemas/Parcel' } },
      },
    }),
    [],
  ],
];

const forbidden = (found: readonly string[]): readonly string[] =>
  found.filter((line) => line.startsWith('forbidden-')).sort();

describe('what is forbidden', () => {
  it.each([...FIRES, ...WARNS])('fires: %s', async (...[, edits, expected]: Row) =>
    expect(forbidden(said(await judge(edits)))).toEqual([...expected].sort()),
  );

  it.each(SILENT)('stays silent: %s', async (...[, edits, expected]: Row) =>
    expect(forbidden(said(await judge(edits)))).toEqual([...expected]),
  );

  it('[PB-7.07] are shown at the line of the code on which they begin', async () => {
    const verdict = await judge(extension("const a = 'x' +\n  'y';\nfetch('http://10.' +\n  '0.0.1/x');"));
    expect(findingsOf(verdict, 'FB302')).toMatchObject([
      { file: 'ui/panel.js', line: 3, message: expect.stringContaining('http://10.0.0.1/x') },
    ]);
  });

  it.each([
    ['[2002:a00:1::]', 'internal'],
    ['[2002:5db8:d822::]', 'public'],
    ['[::ffff:0:a00:1]', 'internal'],
    ['[64:ff9b::a00:1]', 'internal'],
    ['[64:ff9b:1::1]', 'internal'],
    ['[fec0::1]', 'internal'],
    ['[febf::1]', 'internal'],
    ['[2606:2800:220:1::1]', 'public'],
    ['0a000001.nip.io', 'internal'],
    ['app-10-0-0-1.sslip.io', 'internal'],
    ['93-184-216-34.sslip.io', 'public'],
    ['a.localtest.me', 'internal'],
    ['localtest.me.example.com', 'public'],
    ['kubernetes.default', 'internal'],
    ['https://api.acme.example/${ .id }', 'public'],
    ['https://api.acme.example?x={id}', 'public'],
    ['https://api.acme.example${ .rest }', 'dynamic'],
    ['https://acme.example\\.10.0.0.1/', 'unreadable'],
    ['https://acme\t.example/', 'unreadable'],
  ])('[PB-7.07] FB302 takes %s for %s', (host, reach) => expect(normaliseHost(host).reach).toBe(reach));
});
