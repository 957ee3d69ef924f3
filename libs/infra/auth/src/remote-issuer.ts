import { createRemoteJWKSet, customFetch } from 'jose';
import type { TrustedIssuer } from './authenticator.js';
import { IssuerRefused, IssuerUnreachable } from './errors.js';

/** A real issuer: whose tokens, where its keys are, which algorithms. */
export interface RemoteIssuerOptions {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
}

const LARGEST_KEY_SET = 262_144;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * An issuer whose keys are fetched from one fixed address, kept for ten minutes, asked for again at most every 30 s when a token
 * names an unknown key. No redirect is followed and no address that a token names (`jku`, `x5u`) is ever asked.
 * @throws IssuerRefused when the address is not https (http on loopback)
 */
export function remoteIssuer({ issuer, jwksUrl, audience, algorithms }: RemoteIssuerOptions): TrustedIssuer {
  const url = new URL(jwksUrl);
  if (url.protocol !== 'https:' && !LOOPBACK.has(url.hostname))
    throw new IssuerRefused(
      `KWANUS_AUTH_JWKS_URL must be an https URL; found ${url.protocol}//${url.hostname}.`,
    );
  const keys = createRemoteJWKSet(url, {
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
    timeoutDuration: 5_000,
    [customFetch]: boundedFetch,
  });
  return { issuer, audience, algorithms, keys };
}

async function boundedFetch(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...options, redirect: 'error' });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_KEY_SET) throw new IssuerUnreachable('The issuer’s key set is larger than 256 KiB.');
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
