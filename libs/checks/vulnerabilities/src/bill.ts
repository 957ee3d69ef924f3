import {
  type BillOfMaterials,
  isObject,
  own,
  ownList,
  ownObject,
  ownText,
  parseDocument,
  pointerOf,
  type UnreadableDocument,
} from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { type PackageName, readPurl } from './purl.js';

/** A component of a bill. */
export interface Component {
  readonly path: string;
  readonly pointer: string;
  readonly name: string;
  /** What the bill calls it: `bom-ref`, or SPDX's id. */
  readonly reference: string | null;
  /** Null: it has no package URL, or one that can't be read. */
  readonly package: PackageName | null;
  readonly because: string;
}

/** A bill as read. */
export interface ReadBill {
  readonly path: string;
  readonly text: string;
  readonly value: Json;
  readonly components: readonly Component[];
  /** What the bill is about, as it is called there: the integration itself. */
  readonly subject: readonly string[];
}

/** 32 MiB: what a file of a submission may have. */
const LIMITS = { maxBytes: 32 * 1024 * 1024, maxDepth: 200 };
const MOST_COMPONENTS = 200_000;

/** @returns the bill with its components, nested ones included */
export function readBill({ path, format, bytes }: BillOfMaterials): ReadBill | UnreadableDocument {
  const read = readJson(path, bytes);
  if ('message' in read) return read;
  const { value } = read;
  const problem = format === 'cyclonedx' ? notCycloneDx(value) : notSpdx(value);
  if (problem !== null) return { path, line: null, message: problem };
  const components = format === 'cyclonedx' ? cycloneDxComponents(value, path) : spdxComponents(value, path);
  if (components.length > MOST_COMPONENTS)
    return { path, line: null, message: `lists more than ${MOST_COMPONENTS} components` };
  return {
    path,
    ...read,
    components,
    subject: format === 'cyclonedx' ? cycloneDxSubject(value) : spdxSubjects(value),
  };
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

const notCycloneDx = (value: Json): string | null =>
  ownText(value, 'bomFormat') === 'CycloneDX' ? null : 'is no CycloneDX JSON: bomFormat is not CycloneDX';

function notSpdx(value: Json): string | null {
  const version = ownText(value, 'spdxVersion');
  if (version === undefined) return 'is no SPDX 2 JSON: it has no spdxVersion';
  return version.startsWith('SPDX-2.') ? null : `is ${version}; SPDX 2.2 and 2.3 are read`;
}

/** Neither is a package of anybody's. */
const NO_PACKAGES = new Set(['file', 'data', 'cryptographic-asset']);

function cycloneDxComponents(value: Json, path: string): readonly Component[] {
  const found: Component[] = [];
  const open: { readonly entry: Json; readonly pointer: string }[] = [];
  const push = (list: readonly Json[], pointer: string): void => {
    for (let index = list.length - 1; index >= 0; index -= 1)
      open.push({ entry: list[index] ?? null, pointer: pointer + pointerOf(index) });
  };
  push(
    ownList(ownObject(ownObject(value, 'metadata'), 'component'), 'components'),
    '/metadata/component/components',
  );
  push(ownList(value, 'components'), '/components');
  for (let next = open.pop(); next !== undefined && found.length <= MOST_COMPONENTS; next = open.pop()) {
    const { entry, pointer } = next;
    push(ownList(entry, 'components'), `${pointer}/components`);
    if (!isObject(entry) || NO_PACKAGES.has(ownText(entry, 'type') ?? '')) continue;
    const name = [ownText(entry, 'group'), ownText(entry, 'name') ?? 'a component'].filter(Boolean).join('/');
    const reference = ownText(entry, 'bom-ref') ?? null;
    found.push({
      path,
      pointer,
      name,
      reference,
      ...identified(ownText(entry, 'purl'), ownText(entry, 'version')),
    });
  }
  return found;
}

const cycloneDxSubject = (value: Json): readonly string[] => {
  const subject = ownObject(ownObject(value, 'metadata'), 'component');
  return [ownText(subject, 'bom-ref'), ownText(subject, 'purl')].filter((text) => text !== undefined);
};

function spdxComponents(value: Json, path: string): readonly Component[] {
  const subjects = new Set(spdxSubjects(value));
  return ownList(value, 'packages')
    .slice(0, MOST_COMPONENTS + 1)
    .flatMap((entry, index) => {
      const reference = ownText(entry, 'SPDXID') ?? null;
      if (!isObject(entry) || (reference !== null && subjects.has(reference))) return [];
      const purl = ownList(entry, 'externalRefs').find((ref) => own(ref, 'referenceType') === 'purl');
      const name = ownText(entry, 'name') ?? 'a package';
      const found = identified(ownText(purl, 'referenceLocator'), ownText(entry, 'versionInfo'));
      return [{ path, pointer: pointerOf('packages', index), name, reference, ...found }];
    });
}

/** What the document describes: by its list, or by a relationship. */
const spdxSubjects = (value: Json): readonly string[] => [
  ...ownList(value, 'documentDescribes').filter((id) => typeof id === 'string'),
  ...ownList(value, 'relationships').flatMap((relation) => {
    const described = ownText(relation, 'relatedSpdxElement');
    return own(relation, 'relationshipType') === 'DESCRIBES' && described !== undefined ? [described] : [];
  }),
];

/** The package URL says which version; where it does not, the bill does. */
function identified(
  purl: string | undefined,
  version: string | undefined,
): Pick<Component, 'package' | 'because'> {
  if (purl === undefined) return { package: null, because: 'has no package URL' };
  const found = readPurl(purl);
  if (found === null)
    return { package: null, because: `has a package URL that can’t be read (${purl.slice(0, 120)})` };
  const known = found.version ?? version ?? null;
  if (known === null || known === '') return { package: null, because: 'has no version' };
  return { package: { ...found, version: known }, because: '' };
}
