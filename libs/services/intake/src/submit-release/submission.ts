import { sha256Hex } from '@kwanus/canonical';
import {
  hashSections,
  Manifest,
  namedFiles,
  type ReadManifest,
  type SectionDigests,
} from '@kwanus/checks-catalogue';
import type { FileReference, intakeHttp } from '@kwanus/contracts';
import { HttpProblem, type ProblemDetailError } from '@kwanus/http';
import type { JsonObject } from '@kwanus/kernel';
import type { z } from 'zod';
import type { KnownArtifact } from '../artifacts/artifact-access.js';
import { isMediaType } from '../artifacts/media-type.js';

export type FileRef = z.infer<typeof FileReference>;
export type SubmitBody = z.infer<typeof intakeHttp.SubmitRelease>;

/** A submission as it was checked: every file is in the store, the manifest follows its schema, every part has its digest. */
export interface CheckedSubmission {
  readonly integrationId: string;
  readonly partner: string;
  readonly release: string;
  readonly manifest: Manifest;
  readonly manifestPath: string;
  readonly files: readonly FileRef[];
  readonly digests: SectionDigests;
  /** Documents by kind, with the file that each one is. */
  readonly documents: readonly DocumentFile[];
}

export interface DocumentFile {
  readonly section: 'proposal' | 'docs';
  readonly kind: string;
  readonly file: FileRef;
}

const MOST_ERRORS = 50;

const refuse = (detail: string, errors: readonly ProblemDetailError[]): HttpProblem =>
  new HttpProblem('validation-failed', detail, { errors: errors.slice(0, MOST_ERRORS) });

/**
 * Every file must be known under its digest with the size that is stated.
 * @throws HttpProblem validation-failed with a pointer to each reference that is wrong
 */
export function checkFiles(
  files: readonly FileRef[],
  known: ReadonlyMap<string, Pick<KnownArtifact, 'size'>>,
  root = '/files',
): void {
  const paths = new Set<string>();
  const errors: ProblemDetailError[] = [];
  files.forEach(({ path, digest, size, mediaType }, index) => {
    const stored = known.get(digest);
    const at = `${root}/${index}`;
    if (paths.has(path)) errors.push({ pointer: `${at}/path`, message: 'stands there twice' });
    if (!isPlainPath(path))
      errors.push({
        pointer: `${at}/path`,
        message: 'is a path inside the folder, without `..`, `\\` or a leading `/`',
      });
    if (!isMediaType(mediaType))
      errors.push({ pointer: `${at}/mediaType`, message: 'is no media type, for example text/markdown' });
    if (stored === undefined)
      errors.push({ pointer: `${at}/digest`, message: 'names no artefact of yours: upload it first' });
    else if (stored.size !== size)
      errors.push({ pointer: `${at}/size`, message: `is ${size}, the artefact has ${stored.size} bytes` });
    paths.add(path);
  });
  if (errors.length > 0) throw refuse('Not every file is in the artefact store as it is stated.', errors);
}

/** Contracts are read while the partner waits, in a thread of their own, about a second for each MiB. The largest published ones that we know have one MiB. */
const CONTRACT_BYTES = 2 * 1024 * 1024;

/** @throws HttpProblem validation-failed when the contracts that the manifest provides are too large together to be read at once */
export function checkContracts(files: readonly FileRef[], paths: readonly string[]): void {
  const bytes = files.filter(({ path }) => paths.includes(path)).reduce((sum, { size }) => sum + size, 0);
  if (bytes > CONTRACT_BYTES)
    throw refuse('The contracts are too large.', [
      {
        pointer: '/files',
        message: `has ${bytes} bytes of contracts; at most ${CONTRACT_BYTES} in one release. Split the API, or leave examples out of the contract`,
      },
    ]);
}

const isPlainPath = (path: string): boolean =>
  !path.startsWith('/') &&
  !/[\\\p{Cc}]/u.test(path) &&
  !path.split('/').some((part) => ['', '.', '..'].includes(part));

/** @returns the reference of the manifest. @throws HttpProblem validation-failed when it is not among the files */
export function manifestFile({ manifest, files }: SubmitBody): FileRef {
  const found = files.find(({ path }) => path === manifest);
  if (found === undefined)
    throw refuse('The manifest is not among the files.', [
      { pointer: '/manifest', message: `names ${manifest}, which is no path in /files` },
    ]);
  return found;
}

/**
 * Checks the manifest as something that nobody trusts, and hashes every part that a vote can cover.
 * @throws HttpProblem validation-failed; pointers into the manifest begin with `manifest:`
 */
export function checkSubmission(body: SubmitBody, read: ReadManifest): CheckedSubmission {
  if (read.refusal !== null) {
    const line = read.refusal.line === null ? '' : ` (line ${read.refusal.line})`;
    const message = `${body.manifest} ${read.refusal.message}${line}`;
    throw refuse(
      `The manifest can’t be read: ${message}. Write it as one YAML or JSON document without aliases, tags and keys that come twice.`,
      [{ pointer: '/manifest', message }],
    );
  }
  const parsed = Manifest.safeParse(read.manifest);
  if (!parsed.success) throw refuse('The manifest does not follow its schema.', schemaErrors(parsed.error));
  checkNamedFiles(read.manifest, body.files);
  const { partner, name, version } = parsed.data.metadata;
  return {
    integrationId: `${partner}.${name}`,
    partner,
    release: version,
    manifest: parsed.data,
    manifestPath: body.manifest,
    files: body.files,
    digests: hashSections({ manifest: read.manifest, files: body.files }),
    documents: documentsOf(parsed.data, body.files),
  };
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  `manifest:${path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;

const schemaErrors = ({ issues }: z.ZodError): ProblemDetailError[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), message: 'is not known here' }))
      : [{ pointer: pointerOf(issue.path), message: issue.message }],
  );

function checkNamedFiles(manifest: JsonObject, files: readonly FileRef[]): void {
  const digests = new Map(files.map(({ path, digest }) => [path, digest]));
  const errors = namedFiles(manifest).flatMap(({ path, sha256, pointer }) => {
    const digest = digests.get(path.split('#', 1)[0] ?? path);
    if (digest === undefined)
      return [{ pointer: `manifest:${pointer}`, message: `names ${path}, which is not submitted` }];
    if (sha256 !== null && sha256 !== digest)
      return [
        {
          pointer: `manifest:${pointer}/sha256`,
          message: `is not the digest of ${path}, which is ${digest}`,
        },
      ];
    return [];
  });
  if (errors.length > 0) throw refuse('The manifest and the files don’t fit together.', errors);
}

function documentsOf(manifest: Manifest, files: readonly FileRef[]): DocumentFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return (['proposal', 'docs'] as const).flatMap((section) =>
    Object.entries(manifest[section] ?? {}).flatMap(([kind, reference]) => {
      const path = typeof reference === 'string' ? reference : reference?.path;
      const file = path === undefined ? undefined : byPath.get(path);
      return file === undefined ? [] : [{ section, kind, file }];
    }),
  );
}

/**
 * @returns how somebody whom a partner's manifest names stands in the log: opaque, and the partner's own, so that no other can rename
 * them; the name itself is kept outside of the log
 */
export const contactId = (partner: string, text: string): string =>
  `contact:${sha256Hex(JSON.stringify([partner, text])).slice(0, 32)}`;
