import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { Authenticator, actorIdOf } from './index.js';

const ISSUER = 'https://login.example.com';
const NOW = Date.parse('2026-11-23T12:00:00Z');
const ed25519 = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const seconds = (offset: number) => NOW / 1000 + offset;

const authenticator = new Authenticator(
  [{ issuer: ISSUER, audience: 'kwanus', algorithms: ['EdDSA'], keys: ed25519.publicKey }],
  { now: () => NOW },
);

const CLAIMS = {
  iss: ISSUER,
  sub: 'anna',
  aud: 'kwanus',
  iat: seconds(-10),
  nbf: seconds(-10),
  exp: seconds(600),
  roles: ['partner'],
  partner_id: 'acme',
};

const sign = (
  claims: JWTPayload = CLAIMS,
  header: Partial<JWTHeaderParameters> = {},
  key: KeyObject | Uint8Array = ed25519.privateKey,
) => new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header }).sign(key);
const call = (token: string) => authenticator.authenticate(`Bearer ${token}`);
const refused = { name: 'Unauthenticated', problem: 'unauthenticated' };

describe('a bearer token', () => {
  it('says who is calling', async () => {
    expect(await call(await sign())).toEqual({
      actor: { id: actorIdOf('person', ISSUER, 'anna'), kind: 'person' },
      roles: ['partner'],
      partner: 'acme',
      sponsor: null,
      expiresAt: NOW + 600_000,
    });
  });

  it.each([
    ['Anna Example', 'Anna Example'],
    ['', undefined],
    ['two\nlines', undefined],
    ['x'.repeat(201), undefined],
    [7, undefined],
  ])('names the caller where the name %j can be shown', async (name, shown) => {
    expect((await call(await sign({ ...CLAIMS, name }))).name).toBe(shown);
  });

  it('makes an actor that tells nothing about the person, and differs by issuer', () => {
    const id = actorIdOf('person', ISSUER, 'anna');
    expect(id).toMatch(/^person:[0-9a-f]{32}$/);
    expect(actorIdOf('person', 'https://other.example.com', 'anna')).not.toBe(id);
    expect(actorIdOf('person', `${ISSUER}a`, 'nna')).not.toBe(id);
  });

  it('of a service names the person who answers for it', async () => {
    const { iss, sub, aud, iat, exp } = { ...CLAIMS, sub: 'ci' };
    const caller = await call(await sign({ iss, sub, aud, iat, exp, roles: ['service'], sponsor: 'petra' }));
    expect(caller.actor).toEqual({ id: actorIdOf('service', ISSUER, 'ci'), kind: 'service' });
    expect(caller.sponsor).toBe(actorIdOf('person', ISSUER, 'petra'));
  });

  it.each([
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'payments' }],
    ['no audience', { aud: undefined }],
    ['an end that has passed by more than a minute', { exp: seconds(-61) }],
    ['no end', { exp: undefined }],
    ['a beginning that is more than a minute ahead', { nbf: seconds(61) }],
    ['nobody in it', { sub: undefined }],
    ['an empty name', { sub: '' }],
    ['a partner without the role', { roles: ['reviewer'] }],
    ['the role partner without a partner', { partner_id: undefined }],
    ['a partner who is an admin, too', { roles: ['partner', 'admin'] }],
  ])('with %s is refused', async (_, change) => {
    const claims = JSON.parse(JSON.stringify({ ...CLAIMS, ...change })) as JWTPayload;
    await expect(call(await sign(claims))).rejects.toMatchObject(refused);
  });

  it.each([
    ['no roles', undefined],
    ['an empty list of roles', []],
    ['roles that are no list', 'operator'],
    ['roles that are not of this platform', ['root']],
  ])('with %s may call nothing', async (_, roles) => {
    const { iss, sub, aud, iat, exp } = CLAIMS;
    const claims = { iss, sub, aud, iat, exp, ...(roles === undefined ? {} : { roles }) };
    await expect(call(await sign(claims))).rejects.toMatchObject({ problem: 'forbidden' });
  });

  it('holds within a minute of skew', async () => {
    await expect(call(await sign({ ...CLAIMS, exp: seconds(-59), nbf: seconds(59) }))).resolves.toBeDefined();
  });

  it.each(['JWT', 'id_token+jwt', undefined])(
    'of type %s is refused: it was made for something else',
    async (typ) => {
      const header = typ === undefined ? { alg: 'EdDSA' } : { alg: 'EdDSA', typ };
      const token = await new SignJWT(CLAIMS).setProtectedHeader(header).sign(ed25519.privateKey);
      await expect(call(token)).rejects.toMatchObject(refused);
    },
  );

  it('with alg none is refused', async () => {
    const token = new UnsecuredJWT(CLAIMS).encode();
    await expect(call(token)).rejects.toMatchObject(refused);
    const typed = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    await expect(call([typed, token.split('.')[1], ''].join('.'))).rejects.toMatchObject(refused);
  });

  it('signed with HS256 and the public key as the secret is refused', async () => {
    for (const format of ['pem', 'der'] as const) {
      const secret = ed25519.publicKey.export({ type: 'spki', format } as never);
      const token = await sign(CLAIMS, { alg: 'HS256' }, Buffer.from(secret as string));
      await expect(call(token)).rejects.toMatchObject(refused);
    }
  });

  it('signed with an algorithm that is not listed is refused, though the key were right', async () => {
    const lax = new Authenticator(
      [{ issuer: ISSUER, audience: 'kwanus', algorithms: ['PS256'], keys: rsa.publicKey }],
      { now: () => NOW },
    );
    const head = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'at+jwt' })).toString('base64url');
    const body = Buffer.from(JSON.stringify(CLAIMS)).toString('base64url');
    const signature = createSign('sha256')
      .update(`${head}.${body}`)
      .sign(rsa.privateKey)
      .toString('base64url');
    await expect(lax.authenticate(`Bearer ${head}.${body}.${signature}`)).rejects.toMatchObject(refused);
  });

  it('signed with another key is refused', async () => {
    await expect(
      call(await sign(CLAIMS, {}, generateKeyPairSync('ed25519').privateKey)),
    ).rejects.toMatchObject(refused);
  });

  it('that brings its own key (jwk, jku, x5u, kid) is refused like any other forgery', async () => {
    const foreign = generateKeyPairSync('ed25519');
    const header = {
      jwk: foreign.publicKey.export({ format: 'jwk' }) as never,
      jku: 'http://127.0.0.1:9/jwks',
      x5u: 'http://127.0.0.1:9/cert',
      kid: '../../etc/passwd',
    };
    await expect(call(await sign(CLAIMS, header, foreign.privateKey))).rejects.toMatchObject(refused);
  });

  it('whose payload was changed is refused', async () => {
    const [head, , signature] = (await sign()).split('.');
    const body = Buffer.from(JSON.stringify({ ...CLAIMS, roles: ['admin'], partner_id: undefined })).toString(
      'base64url',
    );
    await expect(call([head, body, signature].join('.'))).rejects.toMatchObject(refused);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer x',
    'Basic YTpi',
    'Bearer a.b',
    `Bearer ${'a'.repeat(9000)}.b.c`,
    'Bearer e30.e30.e30',
  ])('that is none is refused: %j', async (header) => {
    await expect(authenticator.authenticate(header)).rejects.toMatchObject(refused);
  });
});
