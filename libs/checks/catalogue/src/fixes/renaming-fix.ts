import { at, type Fix, isObject, own, ownList, pointerOf, type Submission } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { manifestJsonSchema } from '../manifest/manifest.schema.js';
import { patchOf } from './fixes.js';

/**
 * A field that nobody knows holds what somebody wrote: it is never taken out, and renamed only where it is one field misspelt that is not there.
 * @param place of the object in the manifest that holds the fields
 */
export function renamingFix(
  { manifest, manifestPath }: Pick<Submission, 'manifest' | 'manifestPath'>,
  place: readonly string[],
  unknown: readonly string[],
): Fix | null {
  const free = fieldsAt(place).filter((field) => own(at(manifest, pointerOf(...place)), field) === undefined);
  const meant = unknown.map((key) => free.filter((field) => isMisspelt(key, field)));
  const renamings = unknown.flatMap((key, index) => {
    const [field, ...others] = meant[index] ?? [];
    const isAlone = meant.filter((fields) => field !== undefined && fields.includes(field)).length === 1;
    const value = at(manifest, pointerOf(...place, key));
    if (field === undefined || others.length > 0 || !isAlone || value === undefined) return [];
    return [
      { op: 'add' as const, path: pointerOf(...place, field), value },
      { op: 'remove' as const, path: pointerOf(...place, key) },
    ];
  });
  return renamings.length === 0 ? null : patchOf(manifestPath, ...renamings);
}

/** Fields that the schema names; none where it leaves a choice between objects. */
function fieldsAt(place: readonly string[]): readonly string[] {
  let schema = at(manifestJsonSchema() as Json, '/$defs/Manifest');
  for (const segment of place)
    schema = objectOf(
      own(schema ?? null, 'items') ?? own(own(schema ?? null, 'properties') ?? null, segment),
    );
  const properties = own(schema ?? null, 'properties');
  return isObject(properties) ? Object.keys(properties) : [];
}

/** Of alternatives only one can be meant where something stands that has fields. */
function objectOf(schema: Json | undefined): Json | undefined {
  const objects = ownList(schema, 'anyOf').filter((each) => own(each, 'type') === 'object');
  return objects.length === 1 ? objects[0] : schema;
}

/** In upper and lower case, or by one letter that is missing, too many, another one, or changed places with the next. */
function isMisspelt(written: string, meant: string): boolean {
  const [one, other] = [written.toLowerCase(), meant.toLowerCase()];
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  const isSwapped = left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return isSwapped || (left.length <= 1 && right.length <= 1);
}
