import { isObject, ownObject, ownText, parseDocument, type RefusedDocument } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';

/** A manifest is short, and read while somebody waits: 1 MiB, 50 levels, 20 000 words, marks and line ends. */
export const MANIFEST_LIMITS = { maxBytes: 1024 * 1024, maxDepth: 50, maxTokens: 20_000 } as const;

/** A manifest as far as it can be read. */
export interface ReadManifest {
  readonly manifest: JsonObject;
  /** `<partner>.<name>`; empty where the manifest names none. */
  readonly integrationId: string;
  readonly release: string;
  readonly refusal: Pick<RefusedDocument, 'message' | 'line'> | null;
}

/** @returns the manifest; an empty one together with the refusal when it can't be read */
export function manifestOf(bytes: Uint8Array | null | undefined, path: string): ReadManifest {
  const nothing = { manifest: {}, integrationId: '', release: '' };
  if (bytes === null || bytes === undefined)
    return { ...nothing, refusal: { message: 'is not there', line: null } };
  const read = parseDocument(bytes, path, MANIFEST_LIMITS);
  if (!read.ok) return { ...nothing, refusal: read };
  if (!isObject(read.value)) return { ...nothing, refusal: { message: 'is no mapping', line: 1 } };
  const metadata = ownObject(read.value, 'metadata');
  const partner = ownText(metadata, 'partner');
  const name = ownText(metadata, 'name');
  return {
    manifest: read.value,
    integrationId: partner === undefined || name === undefined ? '' : `${partner}.${name}`,
    release: ownText(metadata, 'version') ?? '',
    refusal: null,
  };
}
