import semver from 'semver';
import { z } from 'zod';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Lower-case letters, digits, inner hyphens; at most 64. */
export const Name = z.string().regex(NAME, 'is lower-case letters, digits and inner hyphens, at most 64');

/** Semantic version without build metadata. */
export const Version = z
  .string()
  .max(64)
  .regex(
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
    'is a semantic version without build metadata, for example 1.3.0',
  );

/** A range of semantic versions, as npm writes them. */
export const VersionRange = z
  .string()
  .max(200)
  .refine((range) => semver.validRange(range) !== null, 'is a range of versions, for example ">=4.2 <6"');

/** A path inside the submission. */
export const Path = z
  .string()
  .min(1)
  .max(512)
  .refine(
    (path) =>
      !path.startsWith('/') &&
      !path.includes('\\') &&
      !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path) &&
      !/^[a-z][a-z0-9+.-]*:/i.test(path),
    'is a path inside the submission: relative, with forward slashes, without `..`',
  );

/** Sixty-four hexadecimal digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is a SHA-256 of 64 lower-case hexadecimal digits');

/** A file of the submission: its path, or path and digest. `kwanus submit` fills the digest in. */
export const FileRef = z.union([Path, z.strictObject({ path: Path, sha256: Sha256.optional() })]);

/** A day: 2027-06-01. */
export const Day = z.iso.date();

/** ISO 8601 duration: PT1H, P30D. */
export const Duration = z
  .string()
  .max(32)
  .regex(
    /^P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/,
    'is an ISO 8601 duration, for example PT1H',
  );

/** An id that others refer to: `orders:write`, `kwanus-orders`. */
export const Id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'is letters, digits and . _ : -');

/** A text for people. */
export const Words = z.string().min(1).max(2000);
