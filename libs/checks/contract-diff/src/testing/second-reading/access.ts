import type { JsonObject } from '@kwanus/kernel';
import type { Loose } from '../sites.js';
import { answered, at, post } from './contracts.js';
import type { ContractReadings } from './reading.js';

const KEY = { type: 'apiKey', in: 'header', name: 'X-Key' };
const code = (tokenUrl: string): Loose => ({
  authorizationCode: { authorizationUrl: 'https://z.example/a', tokenUrl, scopes: { a: 'a', b: 'b' } },
});
const machine: Loose = { clientCredentials: { tokenUrl: 'https://z.example/t', scopes: { a: 'a', b: 'b' } } };
const CODE = code('https://z.example/t');
const schemes = (more: Loose = {}): Loose => ({
  components: {
    securitySchemes: {
      k: KEY,
      o: { type: 'apiKey', in: 'query', name: 'key' },
      oauth: { type: 'oauth2', flows: CODE },
      ...more,
    },
  },
});
const asked = (...security: Loose[]): JsonObject => post({ security }, schemes());
const scheme = (z: Loose): JsonObject => post({ security: [{ z: [] }] }, schemes({ z }));
const served = (...servers: Loose[]): JsonObject => at({ '/x': { get: answered() } }, { servers });
const zone = (values: string[], value: string): JsonObject =>
  served({ url: 'https://{zone}.z.example', variables: { zone: { enum: values, default: value } } });

/** What lets a client in, and where it calls. */
export const ACCESS: ContractReadings = {
  'and-becomes-or': {
    why: 'who holds both holds one',
    base: asked({ k: [], o: [] }),
    revision: asked({ k: [] }, { o: [] }),
    label: 'safe',
  },
  'or-becomes-and': {
    why: 'who holds one lacks the other',
    base: asked({ k: [] }, { o: [] }),
    revision: asked({ k: [], o: [] }),
    label: 'breaks',
  },
  'one-way-in-gone': {
    why: 'who holds the other only is kept out',
    base: asked({ k: [] }, { o: [] }),
    revision: asked({ k: [] }),
    label: 'breaks',
  },
  'ways-in-turned': {
    why: 'their order says nothing',
    base: asked({ k: [], o: [] }, { oauth: ['a', 'b'] }),
    revision: asked({ oauth: ['b', 'a'] }, { o: [], k: [] }),
    label: 'silent',
  },
  'anonymous-gone': {
    why: 'who holds nothing is kept out',
    base: asked({}, { k: [] }),
    revision: asked({ k: [] }),
    label: 'breaks',
  },
  'anonymous-comes': {
    why: 'who holds something still gets in',
    base: asked({ k: [] }),
    revision: asked({}, { k: [] }),
    label: 'safe',
  },
  'way-in-that-asks-for-more': {
    why: 'the easier way is still there',
    base: asked({ k: [] }),
    revision: asked({ k: [] }, { k: [], o: [] }),
    label: 'safe',
  },
  'scopes-less': {
    why: 'who holds both holds one',
    base: asked({ oauth: ['a', 'b'] }),
    revision: asked({ oauth: ['a'] }),
    label: 'safe',
  },
  'of-all-but-not-of-this': {
    why: 'the operation says that it asks for nothing',
    base: post({ security: [] }, schemes()),
    revision: post({ security: [] }, { ...schemes(), security: [{ k: [] }] }),
    label: 'silent',
  },
  'of-all-written-out': {
    why: 'what holds for all holds here',
    base: post({}, { ...schemes(), security: [{ k: [] }] }),
    revision: post({ security: [{ k: [] }] }, { ...schemes(), security: [{ k: [] }] }),
    label: 'silent',
  },
  'key-of-another-name': {
    why: 'the key is looked for elsewhere',
    base: scheme(KEY),
    revision: scheme({ ...KEY, name: 'X-Other' }),
    label: 'breaks',
  },
  'key-of-other-case': {
    why: 'case says nothing in names of headers',
    base: scheme(KEY),
    revision: scheme({ ...KEY, name: 'x-key' }),
    label: 'silent',
  },
  'query-key-of-other-case': {
    why: 'case counts in names of the query',
    base: scheme({ ...KEY, in: 'query', name: 'key' }),
    revision: scheme({ ...KEY, in: 'query', name: 'Key' }),
    label: 'breaks',
  },
  'basic-becomes-bearer': {
    why: 'a password is no token',
    base: scheme({ type: 'http', scheme: 'basic' }),
    revision: scheme({ type: 'http', scheme: 'bearer' }),
    label: 'breaks',
  },
  'bearer-of-other-case': {
    why: 'case says nothing in names of schemes',
    base: scheme({ type: 'http', scheme: 'bearer' }),
    revision: scheme({ type: 'http', scheme: 'Bearer' }),
    label: 'silent',
  },
  'bearer-format-told': {
    why: 'it is a hint, and the token comes from the server',
    base: scheme({ type: 'http', scheme: 'bearer' }),
    revision: scheme({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }),
    label: 'safe',
  },
  'discovery-elsewhere': {
    why: 'tokens of another issuer are asked for',
    base: scheme({ type: 'openIdConnect', openIdConnectUrl: 'https://z.example/one' }),
    revision: scheme({ type: 'openIdConnect', openIdConnectUrl: 'https://z.example/two' }),
    label: 'breaks',
  },
  'one-flow-of-two-gone': {
    why: 'who came by a token that way does not any more',
    base: scheme({ type: 'oauth2', flows: { ...CODE, ...machine } }),
    revision: scheme({ type: 'oauth2', flows: CODE }),
    label: 'breaks',
  },
  'flow-added': {
    why: 'the old way is still there',
    base: scheme({ type: 'oauth2', flows: CODE }),
    revision: scheme({ type: 'oauth2', flows: { ...CODE, ...machine } }),
    label: 'safe',
  },
  'tokens-elsewhere': {
    why: 'nobody hands out tokens at the old address',
    base: scheme({ type: 'oauth2', flows: CODE }),
    revision: scheme({ type: 'oauth2', flows: code('https://z.example/other') }),
    label: 'breaks',
  },
  'zone-gone': {
    why: 'who called there calls nobody',
    base: zone(['eu', 'us'], 'eu'),
    revision: zone(['eu'], 'eu'),
    label: 'breaks',
  },
  'zone-added': {
    why: 'the old ones are still there',
    base: zone(['eu'], 'eu'),
    revision: zone(['eu', 'us'], 'eu'),
    label: 'safe',
  },
  'servers-turned': {
    why: 'both are there',
    base: served({ url: 'https://a.example' }, { url: 'https://b.example' }),
    revision: served({ url: 'https://b.example' }, { url: 'https://a.example' }),
    label: 'safe',
  },
  'one-server-of-two-gone': {
    why: 'who called there calls nobody',
    base: served({ url: 'https://a.example/v1' }, { url: 'https://b.example/v2' }),
    revision: served({ url: 'https://a.example/v1' }),
    label: 'breaks',
  },
  'server-of-one-operation': {
    why: 'it has moved away from the others',
    base: post(),
    revision: post({ servers: [{ url: 'https://other.example/other' }] }),
    label: 'breaks',
  },
  'server-of-a-path-written': {
    why: 'the path says what holds anyway',
    base: at({ '/x': { get: answered() } }),
    revision: at({ '/x': { servers: [{ url: 'https://z.example' }], get: answered() } }),
    label: 'silent',
  },
};
