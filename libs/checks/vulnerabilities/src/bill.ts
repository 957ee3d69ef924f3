import { type BillOfMaterials, ownText, parseDocument, type UnreadableDocument } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { type Listed, MOST_COMPONENTS } from './component.js';
import { listedByCycloneDx } from './cyclonedx.js';
import { listedBySpdx2 } from './spdx2.js';
import { isSpdx3, listedBySpdx3 } from './spdx3.js';

/** A bill as read. */
export interface ReadBill extends Listed {
  readonly path: string;
  readonly text: string;
  readonly value: Json;
}

/** 32 MiB: what a file of a submission may have. */
const LIMITS = { maxBytes: 32 * 1024 * 1024, maxDepth: 200 };
const SPDX_KNOWN = 'SPDX 2.2 and 2.3 are read as JSON, SPDX 3.0 as JSON-LD';

/** @returns the bill with its components, nested ones included */
export function readBill({ path, format, bytes }: BillOfMaterials): ReadBill | UnreadableDocument {
  const read = readJson(path, bytes);
  if ('message' in read) return read;
  const { value } = read;
  const listed = format === 'cyclonedx' ? cycloneDx(value, path) : spdx(value, path);
  if (typeof listed === 'string') return { path, line: null, message: listed };
  if (listed.components.length > MOST_COMPONENTS)
    return { path, line: null, message: `lists more than ${MOST_COMPONENTS} components` };
  return { path, ...read, ...listed };
}

/** @returns a JSON document of a submission, whatever its name ends with */
export function readJson(
  path: string,
  bytes: Uint8Array,
): { readonly text: string; readonly value: Json } | UnreadableDocument {
  const document = parseDocument(bytes, `${path}.json`, LIMITS);
  return document.ok
    ? { text: new TextDecoder().decode(bytes), value: document.value }
    : { path, line: document.line, message: document.message };
}

const cycloneDx = (value: Json, path: string): Listed | string =>
  ownText(value, 'bomFormat') === 'CycloneDX'
    ? listedByCycloneDx(value, path)
    : 'is no CycloneDX JSON: bomFormat is not CycloneDX';

function spdx(value: Json, path: string): Listed | string {
  if (isSpdx3(value)) return listedBySpdx3(value, path);
  const version = ownText(value, 'spdxVersion');
  if (version?.startsWith('SPDX-2.') === true) return listedBySpdx2(value, path);
  const known = version ?? ownText(value, '@context');
  return known === undefined
    ? `is no SPDX: it has neither spdxVersion nor @context; ${SPDX_KNOWN}`
    : `is ${known.slice(0, 120)}; ${SPDX_KNOWN}`;
}
