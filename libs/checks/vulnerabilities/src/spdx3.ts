import { isObject, own, ownList, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { identified, type Listed, MOST_COMPONENTS, onlyOne } from './component.js';

/** A node of the graph, and where it stands. */
export interface Spdx3Node {
  readonly node: JsonObject;
  readonly pointer: string;
  readonly type: string;
  readonly id: string | null;
}

const PACKAGES = new Set(['software_Package', 'ai_AIPackage']);
const COLLECTIONS = new Set(['SpdxDocument', 'Bom', 'software_Sbom']);
/** The only one that its JSON form may have: names could mean anything under another. */
const CONTEXT = /^https:\/\/spdx\.org\/rdf\/3\.0(\.\d+)?\/spdx-context\.jsonld$/;

/** Whether the document is SPDX 3.0 in JSON-LD. */
export const isSpdx3 = (value: Json): boolean =>
  CONTEXT.test(ownText(value, '@context') ?? '') && Array.isArray(own(value, '@graph'));

/** @returns the packages of an SPDX 3 graph, without the one that it is about; nodes may stand within others */
export function listedBySpdx3(value: Json, path: string): Listed {
  const nodes = spdx3Nodes(value);
  const packages = nodes.filter(({ type }) => PACKAGES.has(type)).slice(0, MOST_COMPONENTS + 1);
  const known = new Set(packages.map(({ id }) => id));
  const subject = onlyOne(rootsOf(nodes).filter((id) => known.has(id)));
  const components = packages.flatMap(({ node, pointer, id }) =>
    id !== null && subject.includes(id)
      ? []
      : [
          {
            path,
            pointer,
            name: ownText(node, 'name') ?? 'a package',
            reference: id,
            ...identified(purlOf(node), ownText(node, 'software_packageVersion')),
          },
        ],
  );
  return { components, subject };
}

/** @returns every node of the graph in the order of the document */
export function spdx3Nodes(value: Json): readonly Spdx3Node[] {
  const nodes: Spdx3Node[] = [];
  const open = [{ value: own(value, '@graph') ?? null, pointer: '/@graph' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: here, pointer } = next;
    if (isObject(here))
      nodes.push({ node: here, pointer, type: ownText(here, 'type') ?? '', id: idOf(here) });
    if (here === null || typeof here !== 'object') continue;
    for (const [key, child] of Object.entries(here).reverse())
      if (child !== null && typeof child === 'object')
        open.push({ value: child, pointer: pointer + pointerOf(key) });
  }
  return nodes;
}

/** @returns what a property refers to: ids, or nodes that stand there */
export function spdx3References(node: JsonObject, property: string): readonly string[] {
  const value = own(node, property);
  return (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === 'string' ? [one] : (idOf(one ?? null) ?? []),
  );
}

const idOf = (value: Json): string | null => ownText(value, 'spdxId') ?? ownText(value, '@id') ?? null;

/** @returns the package URL of a package, as its property or among its identifiers */
export const purlOf = (node: JsonObject): string | undefined =>
  ownText(node, 'software_packageUrl') ??
  ownText(
    ownList(node, 'externalIdentifier').find((one) => own(one, 'externalIdentifierType') === 'packageUrl'),
    'identifier',
  );

/** What documents and bills are about, or are said to describe. */
const rootsOf = (nodes: readonly Spdx3Node[]): readonly string[] =>
  nodes.flatMap(({ node, type }) => {
    if (COLLECTIONS.has(type)) return spdx3References(node, 'rootElement');
    return own(node, 'relationshipType') === 'describes' ? spdx3References(node, 'to') : [];
  });
