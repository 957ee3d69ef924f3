import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { Authenticator, remoteIssuer } from './index.js';

const ISSUER = 'https://login.example.com';
const pair = generateKeyPairSync('ed25519');

describe('a real issuer', () => {
  let server: Server;
  let asked: string[];
  let answer: { status: number; body: string; headers?: Record<string, string> };
  let base: string;
  beforeEach(async () => {
    asked = [];
    answer = {
      status: 200,
      body: JSON.stringify({
        keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA' }],
      }),
    };
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response
        .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
        .end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const authenticator = () =>
    new Authenticator([
      remoteIssuer({ issuer: ISSUER, jwksUrl: `${base}/jwks`, audience: 'kwanus', algorithms: ['EdDSA'] }),
    ]);
  const sign = (header: Record<string, unknown> = {}, key = pair.privateKey) =>
    new SignJWT({ roles: ['reviewer'] })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'one', ...header })
      .setIssuer(ISSUER)
      .setSubject('rita')
      .setAudience('kwanus')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(key);

  it('is asked for its keys once, for many tokens', async () => {
    const subject = authenticator();
    for (let turn = 0; turn < 5; turn += 1)
      expect((await subject.authenticate(`Bearer ${await sign()}`)).roles).toEqual(['reviewer']);
    expect(asked).toEqual(['/jwks']);
  });

  it('is not asked again and again because tokens name unknown keys', async () => {
    const subject = authenticator();
    for (const kid of ['two', 'three', 'four'])
      await expect(subject.authenticate(`Bearer ${await sign({ kid })}`)).rejects.toMatchObject({
        name: 'Unauthenticated',
      });
    expect(asked).toEqual(['/jwks']);
  });

  it('never has an address that a token names asked', async () => {
    const foreign = generateKeyPairSync('ed25519').privateKey;
    const token = await sign({ jku: `${base}/evil`, x5u: `${base}/evil` }, foreign);
    await expect(authenticator().authenticate(`Bearer ${token}`)).rejects.toMatchObject({
      name: 'Unauthenticated',
    });
    expect(asked).toEqual(['/jwks']);
  });

  it.each([
    ['fails', { status: 500, body: '' }],
    ['answers nonsense', { status: 200, body: '{' }],
    ['sends elsewhere', { status: 302, body: '', headers: { location: '/elsewhere' } }],
    ['answers without end', { status: 200, body: `{"keys":[],"x":"${'x'.repeat(300_000)}"}` }],
  ])('that %s is unreachable: the token may be good', async (_, given) => {
    answer = given;
    await expect(authenticator().authenticate(`Bearer ${await sign()}`)).rejects.toMatchObject({
      name: 'IssuerUnreachable',
      problem: 'unavailable',
    });
    expect(asked).not.toContain('/elsewhere');
  });

  it('must be reached over https, but for loopback', () => {
    const options = { issuer: ISSUER, audience: 'kwanus', algorithms: ['EdDSA'] };
    expect(() => remoteIssuer({ ...options, jwksUrl: 'http://login.example.com/jwks' })).toThrow(/https/);
  });
});
