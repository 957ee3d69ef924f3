import { type Clock, systemClock } from '@kwanus/kernel';
import {
  type CryptoKey,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  type KeyObject,
} from 'jose';
import type { Caller } from './caller.js';
import { Forbidden, IssuerUnreachable, Unauthenticated } from './errors.js';
import { actorIdOf } from './identities.js';
import { ROLES, type Role } from './roles.js';

/** An issuer whose tokens are taken, and how they are checked. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Explicit; never a symmetric one. */
  readonly algorithms: readonly string[];
  /** The one key, or the set from a fixed address; what a token's header says about keys is not followed. */
  readonly keys: CryptoKey | KeyObject | JWTVerifyGetKey;
}

const SKEW_SECONDS = 60;
const LONGEST_TOKEN = 8_192;
const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i;

/** Checks bearer tokens: signature, issuer, audience, expiry, not-before, type, algorithm; 60 s of skew. */
export class Authenticator {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;

  constructor(
    issuers: readonly TrustedIssuer[],
    private readonly clock: Clock = systemClock,
  ) {
    this.#issuers = new Map(issuers.map((trusted) => [trusted.issuer, trusted]));
  }

  /**
   * @param header the Authorization header
   * @returns who is calling
   * @throws Unauthenticated, IssuerUnreachable; Forbidden for a token that gives no role
   */
  async authenticate(header: string | string[] | undefined): Promise<Caller> {
    if (header === undefined) throw new Unauthenticated('There is no Authorization header.');
    const token =
      typeof header === 'string' && header.length <= LONGEST_TOKEN ? BEARER.exec(header)?.[1] : undefined;
    if (token === undefined) throw new Unauthenticated('The Authorization header holds no bearer token.');
    const trusted = this.#issuers.get(claimedIssuer(token));
    if (trusted === undefined)
      throw new Unauthenticated('The token is of an issuer that is not trusted here.');
    return callerFrom(trusted.issuer, await this.#verified(token, trusted));
  }

  async #verified(token: string, trusted: TrustedIssuer): Promise<JWTPayload> {
    const options = {
      issuer: trusted.issuer,
      audience: trusted.audience,
      algorithms: [...trusted.algorithms],
      typ: 'at+jwt',
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['sub', 'exp', 'iat'],
      currentDate: new Date(this.clock.now()),
    };
    try {
      const { keys } = trusted;
      const { payload } =
        typeof keys === 'function'
          ? await jwtVerify(token, keys, options)
          : await jwtVerify(token, keys, options);
      return payload;
    } catch (cause) {
      if (isOutage(cause))
        throw new IssuerUnreachable('The issuer’s keys can’t be had at present.', { cause });
      throw new Unauthenticated(cause instanceof errors.JOSEError ? cause.code : 'The token does not hold.', {
        cause,
      });
    }
  }
}

function claimedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (cause) {
    throw new Unauthenticated('The token can’t be read.', { cause });
  }
}

/** The key set could not be fetched: no fault of the token's. Every fault of a token is a JOSEError with a code of its own. */
const isOutage = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  !(error instanceof errors.JOSEError) ||
  error.code === errors.JOSEError.code;

function callerFrom(issuer: string, claims: JWTPayload): Caller {
  const subject = textOf(claims.sub);
  if (subject === null || subject.length > LONGEST_SUBJECT)
    throw new Unauthenticated('The token names nobody (`sub`).');
  const roles = rolesOf(claims['roles']);
  if (roles.length === 0) throw new Forbidden('The token gives no role here (`roles`).');
  const partner = textOf(claims['partner_id']);
  checkBinding(roles, partner);
  const kind = roles.includes('service') ? 'service' : 'person';
  const sponsor = textOf(claims['sponsor']);
  const name = nameIn(claims['name']);
  return {
    actor: { id: actorIdOf(kind, issuer, subject), kind },
    roles,
    partner,
    sponsor: sponsor === null ? null : actorIdOf('person', issuer, sponsor),
    expiresAt: (claims.exp ?? 0) * 1000,
    ...(name === null ? {} : { name }),
  };
}

/** @returns the name to show; null where there is none, or it would not stand on one line */
function nameIn(claim: unknown): string | null {
  const name = textOf(claim)?.trim() ?? '';
  return name === '' || name.length > LONGEST_NAME || /\p{C}/u.test(name) ? null : name;
}

const LONGEST_NAME = 200;
const LONGEST_SUBJECT = 255;
const textOf = (claim: unknown): string | null => (typeof claim === 'string' && claim !== '' ? claim : null);

function checkBinding(roles: readonly Role[], partner: string | null): void {
  if (roles.includes('partner') !== (partner !== null))
    throw new Unauthenticated('The role partner and the claim `partner_id` go together.');
  if (partner !== null && roles.some((role) => role !== 'partner' && role !== 'service'))
    throw new Unauthenticated('Whoever belongs to a partner has no other role of a person.');
}

const rolesOf = (claimed: unknown): readonly Role[] =>
  Array.isArray(claimed) ? ROLES.filter((role) => claimed.includes(role)) : [];
