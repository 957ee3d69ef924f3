import { isObject, own, ownList, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/** A file that the manifest names, and where. */
export interface NamedFile {
  readonly path: string;
  /** The digest that the manifest states; null where it states none. */
  readonly sha256: string | null;
  readonly pointer: string;
}

type Place = readonly (string | number)[];

/** @returns path and digest of a file reference, null where there is none */
export function fileRefOf(value: unknown, pointer: string): NamedFile | null {
  if (typeof value === 'string') return { path: value, sha256: null, pointer };
  const path = own(value, 'path');
  const sha256 = own(value, 'sha256');
  return typeof path === 'string'
    ? { path, sha256: typeof sha256 === 'string' ? sha256 : null, pointer }
    : null;
}

const LISTS: readonly { readonly list: Place; readonly fields: readonly Place[] }[] = [
  { list: ['api', 'provides'], fields: [['openapi']] },
  { list: ['events', 'subscribes'], fields: [['schema']] },
  { list: ['events', 'publishes'], fields: [['schema']] },
  { list: ['permissions'], fields: [['policy']] },
  { list: ['workflows'], fields: [['definition'], ['input', 'schema'], ['output', 'schema']] },
  { list: ['extensions'], fields: [['entry']] },
  { list: ['sbom'], fields: [[], ['vex']] },
];
const MAPS = ['proposal', 'preparation', 'docs'] as const;

const reach = (value: Json | undefined, place: Place): Json | undefined =>
  place.reduce<Json | undefined>((found, key) => own(found, String(key)), value);

/** @returns every file that the manifest names, in the order of the manifest's sections; takes any shape of manifest */
export function namedFiles(manifest: JsonObject): readonly NamedFile[] {
  const found: (NamedFile | null)[] = [];
  for (const { list, fields } of LISTS) {
    const entries =
      list.length === 1
        ? ownList(manifest, String(list[0]))
        : ownList(ownObject(manifest, String(list[0])), String(list[1]));
    entries.forEach((entry, index) => {
      for (const field of fields)
        if (isObject(entry)) found.push(fileRefOf(reach(entry, field), pointerOf(...list, index, ...field)));
    });
  }
  for (const section of MAPS)
    for (const [key, value] of Object.entries(ownObject(manifest, section)))
      found.push(fileRefOf(value, pointerOf(section, key)));
  found.push(fileRefOf(own(own(manifest, 'rollback'), 'tested'), pointerOf('rollback', 'tested')));
  return found.filter((file) => file !== null);
}
