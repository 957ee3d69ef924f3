import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Authenticator } from '@kwanus/auth';
import { createHttpApplication, type HttpApplication } from '@kwanus/http';
import { type Clock, systemClock } from '@kwanus/kernel';
import type { Transport } from '@kwanus/messaging';
import type { ServiceOptions } from '@kwanus/service';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import type { DynamicModule } from '@nestjs/common';
import { SignJWT } from 'jose';
import { pauseSince } from './pause.js';

export { OtherService, type Told } from './other-service.js';

/** A clock that stands still until it is moved. */
export class SettableClock implements Clock {
  constructor(public value: number) {}
  now(): number {
    return this.value;
  }
}

/** Who a token of a test speaks for. */
export interface Bearer {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly partner?: string | null;
}

/** An issuer with a key of its own, and who takes its tokens. */
export class TestIssuer {
  readonly #keys = generateKeyPairSync('ed25519');
  readonly authenticator: Authenticator;

  constructor(private readonly issuer = 'https://login.example.com') {
    const keys = this.#keys.publicKey;
    this.authenticator = new Authenticator([{ issuer, audience: 'kwanus', algorithms: ['EdDSA'], keys }]);
  }

  /** @returns a token that holds for an hour */
  tokenOf({ subject, roles, partner = null }: Bearer): Promise<string> {
    return new SignJWT({ roles, ...(partner === null ? {} : { partner_id: partner }) })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
      .setIssuer(this.issuer)
      .setSubject(subject)
      .setAudience('kwanus')
      .setIssuedAt()
      .setExpirationTime('60m')
      .sign(this.#keys.privateKey);
  }
}

/** @returns what a service is given on one database, by a role that may do everything; nobody is known and no seat is given */
export const optionsOf = (
  url: string,
  transport: Transport,
  more: Partial<ServiceOptions> = {},
): ServiceOptions => ({
  databaseUrl: url,
  migrationUrl: url,
  artifactsUrl: url,
  transport,
  playbookVersion: '1.0',
  clock: systemClock,
  identities: { people: [], seats: [] },
  cursorKey: randomBytes(32),
  pollMs: 50,
  ...more,
});

/** @returns the module behind a listener on a free port of loopback, not listening yet, and silent */
export const applicationOf = (
  module: DynamicModule,
  { authenticator }: TestIssuer,
): Promise<HttpApplication> =>
  createHttpApplication(module, {
    host: '127.0.0.1',
    port: 0,
    authenticator,
    logger: new PinoLoggerService(createLogger({ level: 'silent', format: 'json' })),
  });

/** @returns what the look-up gives, as soon as it is not undefined. @throws after the limit */
export async function eventually<T>(look: () => Promise<T | undefined>, limitMs = 45_000): Promise<T> {
  const begun = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() - begun > limitMs) throw new RangeError(`Nothing came within ${limitMs} ms.`);
    await pauseSince(begun);
  }
}
