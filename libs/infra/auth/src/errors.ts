import type { ProblemCode } from '@kwanus/contracts';

/** Who is calling is not proven: no token, or one that does not hold. The reason is for the log; the answer says only that. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
  readonly problem: ProblemCode = 'unauthenticated';
}

/** The caller is known and may not do this. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
  readonly problem: ProblemCode = 'forbidden';
}

/** The development issuer must not run here, or its key file is not what it should be. The message says what to do. */
export class DevelopmentIssuerRefused extends Error {
  override readonly name = 'DevelopmentIssuerRefused';
}

/** identities.yaml can't be used. The message lists every problem with line and remedy. */
export class IdentitiesRefused extends Error {
  override readonly name = 'IdentitiesRefused';
}

/** The issuer's keys can't be had; the caller's token may well be good. */
export class IssuerUnreachable extends Error {
  override readonly name = 'IssuerUnreachable';
  readonly problem: ProblemCode = 'unavailable';
}

/** An issuer can't be trusted as configured. The message says what to change. */
export class IssuerRefused extends Error {
  override readonly name = 'IssuerRefused';
}
