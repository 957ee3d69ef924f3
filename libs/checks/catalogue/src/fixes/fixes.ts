import { at, isObject, own, type PatchFix, type PatchOperation, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

type WithManifest = {
  readonly inputs: {
    readonly submission: { readonly manifestPath: string; readonly manifest: JsonObject };
  };
};

/** @returns a change of a document */
export const patchOf = (file: string, ...patch: readonly PatchOperation[]): PatchFix => ({ file, patch });

/** @returns a change of the manifest */
export const manifestFix = ({ inputs }: WithManifest, ...patch: readonly PatchOperation[]): PatchFix =>
  patchOf(inputs.submission.manifestPath, ...patch);

/** @returns one entry more in a list of the manifest, which is made where it is missing */
export const entryFix = (run: WithManifest, list: string, entry: Json): PatchFix =>
  manifestFix(run, appended(run.inputs.submission.manifest, list, entry));

/** @returns one entry more in a list; what the list stands in is made where it is missing */
export function appended(document: Json, list: string, entry: Json): PatchOperation {
  if (Array.isArray(at(document, list))) return { op: 'add', path: `${list}/-`, value: entry };
  const cut = list.lastIndexOf('/');
  const [parent, key] = [list.slice(0, cut), list.slice(cut + 1)];
  return parent === '' || isObject(at(document, parent))
    ? { op: 'add', path: list, value: [entry] }
    : { op: 'add', path: parent, value: { [key]: [entry] } };
}

/** @returns a member that is set, whether it is there or not */
export function memberFix(
  run: WithManifest,
  holder: string,
  [key, value]: readonly [string, Json],
): PatchFix {
  const there = own(at(run.inputs.submission.manifest, holder), key) !== undefined;
  return manifestFix(run, { op: there ? 'replace' : 'add', path: holder + pointerOf(key), value });
}

/** @returns the version of the manifest set to another one */
export const versionFix = (run: WithManifest, version: string): PatchFix =>
  manifestFix(run, { op: 'replace', path: '/metadata/version', value: version });

/** @returns a fallback that parks what fails, under the cases */
export const parkFix = (run: WithManifest, what: string, on: readonly string[]): PatchFix =>
  entryFix(run, '/fallback', { for: what, on: [...on], do: 'park' });
