import { createHash } from 'node:crypto';
import { canonicalJson } from '@kwanus/canonical';
import { isObject, own, ownList, ownObject, pointerOf, type Submission } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { MANIFEST_SECTIONS } from '../manifest/manifest.schema.js';
import { fileRefOf, namedFiles } from '../manifest/named-files.js';

/** What decisions can be made about, each with its digest: `manifest:<section>`, `document:<id>`, `contract`, `everything`. */
export type SectionDigests = Readonly<Record<string, string>>;

const sha256 = (value: Json): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

type Part = Pick<Submission, 'manifest' | 'files'>;

/**
 * Hashes what a vote can cover, part by part. A section's digest holds the digests of the files that it names, so that a change
 * of a workflow's body changes `manifest:workflows`; a section that is absent has a digest too, so that its appearance is seen.
 * Equal submissions have equal digests; the order of keys does not count.
 */
export function hashSections(submission: Part): SectionDigests {
  const digests: Record<string, string> = {};
  const stored = new Map(submission.files.map(({ path, digest }) => [path, digest]));
  const named = namedFiles(submission.manifest);
  for (const section of MANIFEST_SECTIONS) {
    const files = named.filter(({ pointer }) => `${pointer}/`.startsWith(`${pointerOf(section)}/`));
    digests[`manifest:${section}`] = sha256({
      value: stripDigests(own(submission.manifest, section) ?? null),
      files: filesOf(files, stored),
    });
  }
  for (const section of ['proposal', 'docs'])
    for (const [id, value] of Object.entries(ownObject(submission.manifest, section)))
      digests[`document:${id}`] = stored.get(fileRefOf(value, '')?.path ?? '') ?? sha256(null);
  digests['contract'] = contractDigest(submission, stored);
  digests['everything'] = sha256({
    manifest: stripDigests(submission.manifest),
    files: Object.fromEntries([...stored].sort(([a], [b]) => (a < b ? -1 : 1))),
  });
  return digests;
}

/** @returns the keys of the parts whose digests differ, sorted; `everything` left out */
export const changedSections = (from: SectionDigests, to: SectionDigests): readonly string[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((key) => key !== 'everything' && from[key] !== to[key])
    .sort();

const filesOf = (
  files: readonly { readonly path: string }[],
  stored: ReadonlyMap<string, string>,
): Record<string, Json> => Object.fromEntries(files.map(({ path }) => [path, stored.get(path) ?? null]));

function contractDigest({ manifest }: Part, stored: ReadonlyMap<string, string>): string {
  const provides = ownList(ownObject(manifest, 'api'), 'provides').map((provided) => ({
    id: own(provided, 'id') ?? null,
    basePath: own(provided, 'basePath') ?? null,
    openapi: stored.get(fileRefOf(own(provided, 'openapi'), '')?.path ?? '') ?? null,
  }));
  return sha256(provides);
}

/** A digest that is written by hand says nothing that the file's own digest does not say: with and without it are the same. */
function stripDigests(value: Json): Json {
  if (Array.isArray(value)) return value.map((entry) => stripDigests(entry as Json));
  if (!isObject(value)) return value;
  const path = own(value, 'path');
  const kept = Object.entries(value).filter(([key]) => !(key === 'sha256' && typeof path === 'string'));
  if (typeof path === 'string' && kept.length === 1) return path;
  return Object.fromEntries(kept.map(([key, entry]) => [key, stripDigests(entry)]));
}
