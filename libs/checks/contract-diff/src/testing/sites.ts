import type { Json, JsonObject } from '@kwanus/kernel';

/** Data that a mutation reaches into. */
export type Loose = { [key: string]: Json };
/** A place in a document, key by key. */
export type Path = readonly (string | number)[];

/** A body that a client sends or receives. */
export interface Body {
  readonly operation: string;
  readonly side: 'sent' | 'received';
  /** Leads to the schema. */
  readonly path: Path;
}

/** A schema inside a body, all references on the way replaced by what they lead to. */
export interface Site {
  readonly body: Body;
  readonly root: Json;
  readonly inside: Path;
  readonly schema: Loose;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const MAX_DEPTH = 7;

export const isMap = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const valueAt = (document: Json, path: Path): Json | undefined =>
  path.reduce<Json | undefined>(
    (value, key) => (value === null || typeof value !== 'object' ? undefined : (value as Loose)[key]),
    document,
  );

/** @returns a copy with another value at the place */
export function withValue(document: JsonObject, path: Path, value: Json): JsonObject {
  const copy = structuredClone(document) as Loose;
  const holder = valueAt(copy, path.slice(0, -1)) as Loose;
  holder[path.at(-1) ?? ''] = value;
  return copy;
}

function resolved(document: JsonObject, value: Json | undefined): Json | undefined {
  let found = value;
  for (let hops = 0; hops < 20 && isMap(found) && typeof found['$ref'] === 'string'; hops += 1)
    found = valueAt(
      document,
      found['$ref']
        .slice(2)
        .split('/')
        .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')),
    );
  return found;
}

/** @returns the schema with what its references lead to, down to a certain depth; circles stay references */
export function inlined(document: JsonObject, schema: Json, depth = 0): Json {
  if (Array.isArray(schema)) return schema.map((entry: Json) => inlined(document, entry, depth + 1));
  if (!isMap(schema)) return schema;
  if (typeof schema['$ref'] === 'string') {
    const target = depth > MAX_DEPTH ? undefined : resolved(document, schema);
    return target === undefined ? schema : inlined(document, target, depth + 1);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, inlined(document, value, depth + 1)]),
  );
}

export interface Operation {
  readonly name: string;
  readonly path: Path;
  readonly value: Loose;
}

/** @returns the operations that stand in the document itself */
export const operationsIn = (document: JsonObject): readonly Operation[] =>
  Object.entries((document['paths'] as Loose | undefined) ?? {}).flatMap(([template, item]) =>
    METHODS.flatMap((method) => {
      const value = isMap(item) ? item[method] : undefined;
      return isMap(value)
        ? [{ name: `${method.toUpperCase()} ${template}`, path: ['paths', template, method], value }]
        : [];
    }),
  );

/** @returns the JSON bodies of all operations, as far as they stand in the document itself */
export function bodiesIn(document: JsonObject): readonly Body[] {
  return operationsIn(document).flatMap(({ name, path, value }) => {
    const places: (readonly ['sent' | 'received', Path])[] = [['sent', [...path, 'requestBody', 'content']]];
    for (const status of Object.keys((value['responses'] as Loose | undefined) ?? {}))
      if (status.startsWith('2')) places.push(['received', [...path, 'responses', status, 'content']]);
    return places.flatMap(([side, place]) => {
      const content = valueAt(document, place);
      const type = isMap(content) ? Object.keys(content).find((key) => /json/.test(key)) : undefined;
      const schema = type === undefined ? undefined : valueAt(document, [...place, type, 'schema']);
      return type === undefined || !isMap(schema)
        ? []
        : [{ operation: name, side, path: [...place, type, 'schema'] }];
    });
  });
}

/** @returns the schemas inside a body that stand under properties and items */
export function sitesIn(document: JsonObject, body: Body): readonly Site[] {
  const root = inlined(document, valueAt(document, body.path) ?? {});
  const found: Site[] = [];
  const visit = (schema: Json | undefined, inside: Path): void => {
    if (!isMap(schema) || typeof schema['$ref'] === 'string' || inside.length > 10) return;
    found.push({ body, root, inside, schema });
    for (const [name, property] of Object.entries((schema['properties'] as Loose | undefined) ?? {}))
      if (isSeen(property, body)) visit(property, [...inside, 'properties', name]);
    visit(schema['items'], [...inside, 'items']);
  };
  visit(root, []);
  return found;
}

/** What is read-only or write-only is not there in the other direction. */
const isSeen = (property: Json, { side }: Body): boolean =>
  !isMap(property) || property[side === 'sent' ? 'readOnly' : 'writeOnly'] !== true;

/** @returns the document with the body's schema written out, and another schema at the site */
export function planted(document: JsonObject, { body, root, inside }: Site, schema: Json): JsonObject {
  const planted = inside.length === 0 ? schema : withValue(root as JsonObject, inside, schema);
  return withValue(document, body.path, planted);
}
