import { readFileSync } from 'node:fs';

let document: object | undefined;

/**
 * The OpenAPI 3.1 document of all four services. It is made from their controllers (`npm run docs`) and kept in this library,
 * so that each service answers with all of it without knowing the others.
 */
export function openApiDocument(): object {
  document ??= JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as object;
  return document;
}
