import type { Json, JsonObject } from '@kwanus/kernel';
import { isMap, type Loose, type Operation, type Path, valueAt } from './sites.js';

/** A change around an operation; null where the operation has nothing of the kind. */
export interface OperationChange {
  readonly id: string;
  readonly make: (document: JsonObject, operation: Operation) => readonly [JsonObject, JsonObject] | null;
}

export type Edit = (operation: Loose, document: Loose) => void;

/** The base is prepared, and the revision is what becomes of the prepared one. */
export const edited = (
  id: string,
  prepare: Edit,
  change: Edit,
  suits: (operation: Loose) => boolean = () => true,
): OperationChange => ({
  id,
  make: (document, { path, value }) => {
    if (!suits(value)) return null;
    const base = structuredClone(document) as Loose;
    prepare(valueAt(base, path) as Loose, base);
    const revision = structuredClone(base);
    change(valueAt(revision, path) as Loose, revision);
    return [base, revision];
  },
});
export const nothing: Edit = () => undefined;

export const removeAt = (document: JsonObject, path: Path): JsonObject => {
  const copy = structuredClone(document) as Loose;
  delete (valueAt(copy, path.slice(0, -1)) as Loose)[String(path.at(-1))];
  return copy;
};

export const text = { type: 'string' };
export const query = (more: Loose = {}): Loose => ({ name: 'zz', in: 'query', schema: text, ...more });
export const withParameter =
  (parameter: Json): Edit =>
  (operation) => {
    operation['parameters'] = [
      ...((operation['parameters'] as readonly Json[] | undefined) ?? []),
      parameter,
    ];
  };
/** Puts the parameter `zz` in the place of the one that is there. */
export const asParameter =
  (parameter: Json | null): Edit =>
  (operation) => {
    const others = (operation['parameters'] as readonly Json[]).filter(
      (entry) => !isMap(entry) || entry['name'] !== 'zz',
    );
    operation['parameters'] = parameter === null ? others : [...others, parameter];
  };
export const parameter = (id: string, before: Loose, after: Json | null): OperationChange =>
  edited(id, withParameter(query(before)), asParameter(isMap(after) ? query(after) : after));

export const content = (...types: string[]): Json =>
  Object.fromEntries(types.map((type) => [type, { schema: text }]));
export const body =
  (more: Loose, ...types: string[]): Edit =>
  (operation) => {
    operation['requestBody'] = {
      content: content(...(types.length === 0 ? ['application/json'] : types)),
      ...more,
    };
  };
export const responses =
  (change: (responses: Loose) => void): Edit =>
  (operation) =>
    change(operation['responses'] as Loose);
export const answer = (status: string, more: Loose = {}): Edit =>
  responses((all) => void (all[status] = { description: 'd', ...more }));
export const noAnswer = (status: string): Edit => responses((all) => void delete all[status]);
export const header = (more: Loose): Loose => ({ headers: { 'X-Zz': { schema: text, ...more } } });

export const schemes: Loose = {
  zkey: { type: 'apiKey', in: 'header', name: 'X-Zz' },
  zother: { type: 'apiKey', in: 'query', name: 'zz' },
  zoauth: {
    type: 'oauth2',
    flows: {
      authorizationCode: {
        authorizationUrl: 'https://z.example/a',
        tokenUrl: 'https://z.example/t',
        scopes: {},
      },
    },
  },
};
export const withSchemes: Edit = (_, document) => {
  const components = { ...(document['components'] as Loose | undefined) };
  components['securitySchemes'] = {
    ...(components['securitySchemes'] as Loose | undefined),
    ...schemes,
  };
  document['components'] = components;
};
export const secured =
  (...alternatives: Loose[]): Edit =>
  (operation, document) => {
    withSchemes(operation, document);
    operation['security'] = alternatives;
  };
export const KEY: Loose = { zkey: [] };
export const OTHER: Loose = { zother: [] };
export const served =
  (...urls: string[]): Edit =>
  (_, document) => {
    document['servers'] = urls.map((url) => ({ url }));
  };
export const delivered =
  (schema: Json): Edit =>
  (_, document) => {
    document['webhooks'] = {
      zz: {
        post: {
          requestBody: { content: { 'application/json': { schema } } },
          responses: { 204: { description: 'd' } },
        },
      },
    };
  };
export const event = (required: readonly string[], properties: Loose = { a: text }): Json => ({
  type: 'object',
  properties,
  required,
});
export const callback: Edit = (operation) => {
  operation['callbacks'] = {
    zz: { '{$request.query.zz}': { post: { responses: { 200: { description: 'd' } } } } },
  };
};
