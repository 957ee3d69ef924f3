import { isObject, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { type Component, identified, type Listed, MOST_COMPONENTS } from './component.js';

/** Neither is a package of anybody's. */
const NO_PACKAGES = new Set(['file', 'data', 'cryptographic-asset']);

/** @returns the components of a CycloneDX bill, nested ones included */
export const listedByCycloneDx = (value: Json, path: string): Listed => ({
  components: componentsOf(value, path),
  subject: subjectOf(value),
});

function componentsOf(value: Json, path: string): readonly Component[] {
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

const subjectOf = (value: Json): readonly string[] => {
  const subject = ownObject(ownObject(value, 'metadata'), 'component');
  return [ownText(subject, 'bom-ref'), ownText(subject, 'purl')].filter((text) => text !== undefined);
};
