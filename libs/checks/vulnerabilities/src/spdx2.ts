import { isObject, own, ownList, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { identified, type Listed, MOST_COMPONENTS, onlyOne } from './component.js';

/** @returns the packages of an SPDX 2 document, without the one that it describes */
export function listedBySpdx2(value: Json, path: string): Listed {
  const subject = onlyOne(describedBy(value));
  const components = ownList(value, 'packages')
    .slice(0, MOST_COMPONENTS + 1)
    .flatMap((entry, index) => {
      const reference = ownText(entry, 'SPDXID') ?? null;
      if (!isObject(entry) || (reference !== null && subject.includes(reference))) return [];
      const purl = ownList(entry, 'externalRefs').find((ref) => own(ref, 'referenceType') === 'purl');
      const name = ownText(entry, 'name') ?? 'a package';
      const found = identified(ownText(purl, 'referenceLocator'), ownText(entry, 'versionInfo'));
      return [{ path, pointer: pointerOf('packages', index), name, reference, ...found }];
    });
  return { components, subject };
}

/** By its list, or by a relationship. */
const describedBy = (value: Json): readonly string[] => [
  ...ownList(value, 'documentDescribes').filter((id) => typeof id === 'string'),
  ...ownList(value, 'relationships').flatMap((relation) => {
    const described = ownText(relation, 'relatedSpdxElement');
    return own(relation, 'relationshipType') === 'DESCRIBES' && described !== undefined ? [described] : [];
  }),
];
