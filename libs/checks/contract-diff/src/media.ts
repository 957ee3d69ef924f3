import { at, isObject, own, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { compareEncoding } from './encoding.js';
import type { Comparison } from './report.js';
import { compareSchemas } from './schema-rules.js';
import type { SchemaNode } from './structure.js';
import type { Located, Place } from './types.js';

/** @returns the media type in one form: lower case, no blanks, parameters sorted, `charset=utf-8` left out */
export function normalisedMediaType(type: string): string {
  const [essence = '', ...parameters] = type.split(';').map((part) =>
    part
      .trim()
      .toLowerCase()
      .replace(/\s*=\s*/, '='),
  );
  const kept = parameters.filter(
    (parameter) => parameter !== '' && parameter.replaceAll('"', '') !== 'charset=utf-8',
  );
  return [essence, ...kept.sort()].join(';');
}

/** @returns true when the range (`*` `/*`, `text/*`) holds the type */
function holds(range: string, type: string): boolean {
  if (range === type || range === '*/*') return true;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1));
}

/** A stream of entries (`itemSchema` of 3.2) is a list of them. */
function schemaOf(media: Json, pointer: string): SchemaNode {
  const schema = own(media, 'schema');
  const items = own(media, 'itemSchema');
  return schema === undefined && items !== undefined
    ? { schema: { type: 'array', items }, pointer: pointer + pointerOf('itemSchema') }
    : { schema, pointer: pointer + pointerOf('schema') };
}

/** @returns the media types of `content` with their schemas */
export function contentOf({ value, pointer }: Located): ReadonlyMap<string, SchemaNode> {
  return new Map(
    Object.entries(ownObject(value, 'content')).map(([type, media]) => [
      normalisedMediaType(type),
      schemaOf(media, pointer + pointerOf('content', type)),
    ]),
  );
}

/** What is sent is taken where a range holds it; what comes back was promised where it is one of the range. */
const isServed = ({ direction }: Place, was: string, is: string): boolean =>
  direction === 'request' ? holds(is, was) : holds(was, is);

/** @returns the media type object that the schema stands in */
const mediaOf = ({ value, pointer }: Located, node: SchemaNode): Located => {
  const place = node.pointer.replace(/\/(?:schema|itemSchema)$/, '');
  const media = at(value, place.slice(pointer.length));
  return { value: isObject(media) ? media : {}, pointer: place };
};

/** Compares what is under `content`, type by type. */
export function compareMedia(comparison: Comparison, base: Located, revision: Located, place: Place): void {
  const before = contentOf(base);
  const after = contentOf(revision);
  const prefix = place.kind === 'request-body' ? 'request-body-media-type' : `${place.direction}-media-type`;
  for (const [type, node] of before) {
    const later = after.get(type) ?? [...after].find(([other]) => isServed(place, type, other))?.[1];
    if (later !== undefined) {
      compareSchemas(comparison, node, later, place);
      compareEncoding(comparison, [mediaOf(base, node), mediaOf(revision, later)], place);
    } else
      comparison.report(`${prefix}-removed`, 'error', {
        pointer: node.pointer.replace(/\/schema$/, ''),
        side: 'base',
        subject: `${place.label}|${type}`,
        text: `${place.label}: the media type ${type} was removed`,
      });
  }
  for (const [type, node] of after)
    if (![...before.keys()].some((range) => holds(range, type)))
      comparison.report(`${prefix}-added`, 'info', {
        pointer: node.pointer.replace(/\/schema$/, ''),
        subject: `${place.label}|${type}`,
        text: `${place.label}: the media type ${type} was added`,
      });
}
