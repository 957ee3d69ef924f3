import type { ProblemCode } from '@kwanus/contracts';

/** The bytes don't have the digest that they were sent under. */
export class DigestMismatch extends Error {
  override readonly name = 'DigestMismatch';
  readonly problem: ProblemCode = 'digest-mismatch';

  constructor(
    readonly claimed: string,
    readonly actual: string,
  ) {
    super(`The bytes have the digest ${actual}, not ${claimed}.`);
  }
}

/** A digest is `sha256:` and 64 lower-case hexadecimal digits. */
export class DigestInvalid extends Error {
  override readonly name = 'DigestInvalid';
  readonly problem: ProblemCode = 'validation-failed';
}

/** More bytes than the store takes. */
export class ArtifactTooLarge extends Error {
  override readonly name = 'ArtifactTooLarge';
  readonly problem: ProblemCode = 'payload-too-large';
}

/** What is kept no longer has its digest: the disk or somebody changed it. Never served. */
export class ArtifactCorrupt extends Error {
  override readonly name = 'ArtifactCorrupt';
  readonly problem: ProblemCode = 'internal-error';
}

/** The store can't be reached; `cause` says why. */
export class ArtifactStoreUnavailable extends Error {
  override readonly name = 'ArtifactStoreUnavailable';
  readonly problem: ProblemCode = 'unavailable';
}
