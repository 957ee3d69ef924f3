import { at, isObject, own, ownText, pointerOf, segmentsOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { ContractTooComplex, type Located } from './types.js';

const MAX_HOPS = 100;
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;

/** An OpenAPI document with its local references. Anything that points outside is left unresolved: never a file, never a socket. */
export class Contract {
  readonly #resolved = new WeakMap<object, Located>();
  /** In OpenAPI 3.1 and JSON Schema 2019-09 and later what stands beside `$ref` counts. */
  readonly siblings: boolean;

  constructor(readonly root: JsonObject) {
    const old = (ownText(root, 'openapi') ?? '').startsWith('3.0');
    this.siblings = !old && !/draft-0[3-7]/.test(ownText(root, '$schema') ?? '');
  }

  /**
   * Follows `$ref` to its end.
   * @returns an empty object for a reference that leads nowhere, outside, or round in a circle
   * @throws ContractTooComplex after 100 references in a row
   */
  resolve(value: Json | undefined, pointer: string): Located {
    if (!isObject(value)) return { value: {}, pointer };
    const known = this.#resolved.get(value);
    if (known !== undefined) return known;
    const resolved = this.#follow({ value, pointer });
    if (resolved.value !== value) this.#resolved.set(value, resolved);
    return resolved;
  }

  #follow(start: Located): Located {
    let place = start;
    const seen = new Set<string>();
    for (;;) {
      const reference = ownText(place.value, '$ref');
      if (reference === undefined) return place;
      const pointer = localPointer(reference);
      if (pointer === null || seen.has(pointer)) return { value: {}, pointer: place.pointer };
      if (seen.size === MAX_HOPS)
        throw new ContractTooComplex(`${reference} leads over more than 100 references.`);
      seen.add(pointer);
      const target = at(this.root, pointer);
      if (!isObject(target)) return { value: {}, pointer: place.pointer };
      place = { value: target, pointer };
    }
  }
}

/** @returns the pointer of `#/…`, null for a reference that leads outside the document */
export function localPointer(reference: string): string | null {
  if (reference === '#') return '';
  if (!reference.startsWith('#/')) return null;
  try {
    return pointerOf(...segmentsOf(decodeURIComponent(reference.slice(1))));
  } catch {
    return null; // %-escapes that are none
  }
}

/** An operation and the path item that it stands in. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly value: JsonObject;
  readonly pointer: string;
  readonly item: Located;
}

/**
 * @param prefix what stands before every path
 * @returns the operations, by method and template; parameter names in templates don't count: `GET /a/{}`
 */
export function operationsOf(contract: Contract, prefix = ''): ReadonlyMap<string, Operation> {
  const found = new Map<string, Operation>();
  const paths = at(contract.root, '/paths');
  if (!isObject(paths)) return found;
  for (const [path, raw] of Object.entries(paths)) {
    if (!path.startsWith('/')) continue;
    for (const operation of methodsOf(contract.resolve(raw, pointerOf('paths', path)), path))
      found.set(keyOf(operation, prefix), operation);
  }
  return found;
}

const keyOf = ({ method, path }: Operation, prefix: string): string =>
  `${method.toUpperCase()} ${templateOf(prefix + path)}`;

/** @returns the operations of a path item, those beyond the usual methods (`additionalOperations` of 3.2) too */
export function methodsOf(item: Located, path: string): readonly Operation[] {
  const further = own(item.value, 'additionalOperations');
  const places = [
    ...METHODS.map((method) => [method, own(item.value, method), pointerOf(method)] as const),
    ...(isObject(further) ? Object.entries(further) : []).map(
      ([method, value]) => [method.toLowerCase(), value, pointerOf('additionalOperations', method)] as const,
    ),
  ];
  return places.flatMap(([method, value, place]) =>
    isObject(value) ? [{ method, path, value, pointer: item.pointer + place, item }] : [],
  );
}

/** @returns the path without the names of its parameters and without a slash at its end: `/a/{}/b` */
export const templateOf = (path: string): string =>
  path.replace(/\{[^{}]*\}/g, '{}').replace(/(?<=.)\/$/, '');

/** @returns the names of the parameters in a path, in order */
export const templateNames = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');

/** @returns `GET /orders/{id}` */
export const nameOf = ({ method, path }: Pick<Operation, 'method' | 'path'>): string =>
  `${method.toUpperCase()} ${path}`;
