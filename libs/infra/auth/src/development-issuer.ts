import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '@kwanus/kernel';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';
import type { TrustedIssuer } from './authenticator.js';
import { DevelopmentIssuerRefused } from './errors.js';
import { DEVELOPMENT_ISSUER, type Identities, type Person } from './identities.js';

/** Where the development issuer stands. */
export interface DevelopmentIssuerOptions {
  /** The data folder. */
  readonly folder: string;
  /** The address that the process listens on. */
  readonly host: string;
  /** NODE_ENV is `production`. */
  readonly production: boolean;
  readonly audience: string;
}

/** @returns the key file in a data folder */
export const developmentKeyFile = (folder: string): string => join(folder, 'dev-issuer.key');

/** @returns true for addresses that only this machine can reach */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

/**
 * Trusts tokens that were signed with the key file of the data folder; makes the file (0600) at the first start. There is no
 * token endpoint: whoever can't read the folder can't make a token.
 * @throws DevelopmentIssuerRefused in production, on an address other than loopback, or when others can read the key
 */
export function openDevelopmentIssuer(options: DevelopmentIssuerOptions): TrustedIssuer {
  if (options.production)
    throw new DevelopmentIssuerRefused(
      'The development issuer does not run with NODE_ENV=production. Set KWANUS_AUTH_ISSUER and KWANUS_AUTH_JWKS_URL.',
    );
  if (!isLoopback(options.host))
    throw new DevelopmentIssuerRefused(
      `The development issuer runs on loopback only; KWANUS_HOST is ${options.host}. Set KWANUS_HOST=127.0.0.1, or KWANUS_AUTH_ISSUER and KWANUS_AUTH_JWKS_URL.`,
    );
  const file = developmentKeyFile(options.folder);
  makeKey(file);
  return {
    issuer: DEVELOPMENT_ISSUER,
    audience: options.audience,
    algorithms: ['EdDSA'],
    keys: createPublicKey(readKey(file)),
  };
}

/** What a development token is good for. */
export interface DevelopmentTokenOptions {
  /** Default `kwanus`. */
  readonly audience?: string;
  /** Default 12 hours. */
  readonly lifetimeSeconds?: number;
  readonly clock?: Clock;
  /** To find the subject of a service identity's sponsor. */
  readonly identities?: Identities;
}

const TWELVE_HOURS = 43_200;

/** Signs a token for somebody of identities.yaml. @throws DevelopmentIssuerRefused when the key can't be read */
export async function signDevelopmentToken(
  keyFile: string,
  person: Pick<Person, 'subject' | 'roles' | 'partner' | 'sponsor'>,
  {
    audience = 'kwanus',
    lifetimeSeconds = TWELVE_HOURS,
    clock = systemClock,
    identities,
  }: DevelopmentTokenOptions = {},
): Promise<string> {
  const key = readKey(keyFile);
  const now = Math.floor(clock.now() / 1000);
  const sponsor = identities?.people.find(({ actorId }) => actorId === person.sponsor)?.subject;
  const claims = {
    roles: [...person.roles],
    ...(person.partner === null ? {} : { partner_id: person.partner }),
    ...(sponsor === undefined ? {} : { sponsor }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: await thumbprint(key) })
    .setIssuer(DEVELOPMENT_ISSUER)
    .setSubject(person.subject)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + lifetimeSeconds)
    .setJti(randomUUID())
    .sign(key);
}

const thumbprint = async (key: KeyObject): Promise<string> =>
  calculateJwkThumbprint(await exportJWK(createPublicKey(key)));

/** Exclusive and whole or not at all: written beside, then linked, so that two processes at once end with one key. */
function makeKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return;
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

const OTHERS = 0o077;

function readKey(file: string): KeyObject {
  const entry = lstatSync(file, { throwIfNoEntry: false });
  if (entry === undefined)
    throw new DevelopmentIssuerRefused(`${file} is not there: start the platform once, it makes the key.`);
  if (!entry.isFile()) throw new DevelopmentIssuerRefused(`${file} is not a plain file: remove it.`);
  if ((entry.mode & OTHERS) !== 0)
    throw new DevelopmentIssuerRefused(
      `${file} can be read by others: chmod 600 ${file}, or remove it for a new key.`,
    );
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DevelopmentIssuerRefused(`${file} can't be read by you: only its owner can make tokens.`, {
      cause,
    });
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new DevelopmentIssuerRefused(`${file} holds no private key: remove it for a new one.`, { cause });
  }
}
