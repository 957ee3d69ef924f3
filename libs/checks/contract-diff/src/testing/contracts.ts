import type { Json, JsonObject } from '@kwanus/kernel';
import { type DiffOptions, diffContracts } from '../index.js';

export const text: JsonObject = { type: 'string' };
export const json = (schema: Json): JsonObject => ({ content: { 'application/json': { schema } } });
export const ok: JsonObject = { 200: { description: 'd', ...json(text) } };

/** A contract with the paths. */
export const of = (paths: JsonObject, more: JsonObject = {}): JsonObject => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths,
  ...more,
});

/** A contract with `GET /a`. */
export const op = (more: JsonObject = {}, root: JsonObject = {}): JsonObject =>
  of({ '/a': { get: { operationId: 'a', responses: ok, ...more } } }, root);

/** A contract in which the schema is sent, or comes back, under the property `a`. */
export function carrying(direction: 'request' | 'response', a: Json, more: JsonObject = {}): JsonObject {
  const content = json({ type: 'object', properties: { a } });
  return of(
    {
      '/x': {
        post: {
          operationId: 'x',
          ...(direction === 'request' ? { requestBody: { required: true, ...content } } : {}),
          responses: { 200: { description: 'd', ...(direction === 'response' ? content : {}) } },
        },
      },
    },
    more,
  );
}

/** @returns `level id` of everything found */
export const found = (base: JsonObject, revision: JsonObject, options?: DiffOptions): readonly string[] =>
  diffContracts(base, revision, options).findings.map(({ level, id }) => `${level} ${id}`);
