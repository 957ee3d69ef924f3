import { type Contract, ContractTooComplex } from '@kwanus/checks-contract-diff';
import { isObject, own, ownList, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Sample } from './sample.js';

/** What an object of a document is. */
type Kind =
  | 'document'
  | 'components'
  | 'pathItem'
  | 'operation'
  | 'callback'
  | 'requestBody'
  | 'response'
  | 'parameter'
  | 'header'
  | 'requestMedia'
  | 'responseMedia'
  | 'schema';
/** Under the key stands one of the kind, a map of them, or a list; the key `''` is the object itself. */
type Part = readonly [key: string, kind: Kind, holds: 'one' | 'map' | 'list'];

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
const ONE = ['additionalProperties', 'items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];
const LISTS = ['allOf', 'oneOf', 'anyOf', 'prefixItems'];

const PARTS: Readonly<Record<Kind, readonly Part[]>> = {
  document: [
    ['paths', 'pathItem', 'map'],
    ['webhooks', 'pathItem', 'map'],
    ['components', 'components', 'one'],
  ],
  components: [
    ['schemas', 'schema', 'map'],
    ['responses', 'response', 'map'],
    ['parameters', 'parameter', 'map'],
    ['requestBodies', 'requestBody', 'map'],
    ['headers', 'header', 'map'],
    ['callbacks', 'callback', 'map'],
    ['pathItems', 'pathItem', 'map'],
  ],
  pathItem: [
    ...METHODS.map((method): Part => [method, 'operation', 'one']),
    ['additionalOperations', 'operation', 'map'],
    ['parameters', 'parameter', 'list'],
  ],
  operation: [
    ['parameters', 'parameter', 'list'],
    ['requestBody', 'requestBody', 'one'],
    ['responses', 'response', 'map'],
    ['callbacks', 'callback', 'map'],
  ],
  callback: [['', 'pathItem', 'map']],
  requestBody: [['content', 'requestMedia', 'map']],
  response: [
    ['content', 'responseMedia', 'map'],
    ['headers', 'header', 'map'],
  ],
  parameter: [
    ['schema', 'schema', 'one'],
    ['content', 'requestMedia', 'map'],
  ],
  header: [
    ['schema', 'schema', 'one'],
    ['content', 'responseMedia', 'map'],
  ],
  requestMedia: [
    ['schema', 'schema', 'one'],
    ['itemSchema', 'schema', 'one'],
  ],
  responseMedia: [
    ['schema', 'schema', 'one'],
    ['itemSchema', 'schema', 'one'],
  ],
  schema: [
    ...ONE.map((key): Part => [key, 'schema', 'one']),
    ...MAPS.map((key): Part => [key, 'schema', 'map']),
    ...LISTS.map((key): Part => [key, 'schema', 'list']),
  ],
};

interface Found {
  readonly value: Json;
  readonly pointer: string;
  readonly kind: Kind;
  /** The key that it stands under: of a media type, the type. */
  readonly name: string;
}

/**
 * Goes through a document, every object of it once, whatever its references lead to; nothing outside is followed.
 * @param kind what the root is: an OpenAPI document, or a JSON Schema
 * @returns everything that is given as a sample: examples and defaults; `externalValue` is never fetched
 */
export function* samplesIn(contract: Contract, kind: 'document' | 'schema'): Generator<Sample> {
  const seen = new Map<Kind, WeakSet<object>>();
  const open: Found[] = [{ value: contract.root, pointer: '', kind, name: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value } = next;
    if (!isObject(value)) continue;
    const known = seen.get(next.kind) ?? new WeakSet();
    if (known.has(value)) continue;
    seen.set(next.kind, known.add(value));
    open.push(...targetOf(contract, next));
    yield* samplesOf(contract, next, value);
    for (const part of PARTS[next.kind]) open.push(...partsOf(value, next.pointer, part));
  }
}

function targetOf(contract: Contract, { value, pointer, kind, name }: Found): readonly Found[] {
  if (own(value, '$ref') === undefined) return [];
  try {
    return [{ ...contract.resolve(value, pointer), kind, name }];
  } catch (error) {
    if (error instanceof ContractTooComplex) return []; // the comparison says so
    throw error;
  }
}

function partsOf(value: JsonObject, pointer: string, [key, kind, holds]: Part): readonly Found[] {
  const place = key === '' ? '' : pointerOf(key);
  if (holds === 'list')
    return ownList(value, key).map((entry, index) => ({
      value: entry,
      pointer: `${pointer}${place}/${index}`,
      kind,
      name: key,
    }));
  if (holds === 'one') {
    const part = own(value, key);
    return part === undefined ? [] : [{ value: part, pointer: pointer + place, kind, name: key }];
  }
  return Object.entries(key === '' ? value : ownObject(value, key))
    .filter(([name]) => kind === 'schema' || !name.startsWith('x-'))
    .map(([name, entry]) => ({ value: entry, pointer: pointer + place + pointerOf(name), kind, name }));
}

const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;
const DIRECTIONS: Partial<Record<Kind, 'request' | 'response'>> = {
  parameter: 'request',
  requestMedia: 'request',
  header: 'response',
  responseMedia: 'response',
};

function* samplesOf(
  contract: Contract,
  { kind, pointer, name }: Found,
  value: JsonObject,
): Generator<Sample> {
  if (kind === 'schema') return yield* samplesOfSchema(pointer, value);
  const direction = DIRECTIONS[kind];
  const schema = own(value, 'schema');
  if (direction === undefined || schema === undefined) return;
  if (kind.endsWith('Media') && !JSON_TYPE.test(name)) return;
  const example = own(value, 'example');
  if (example !== undefined) yield { value: example, pointer: `${pointer}/example`, schema, direction };
  for (const [key, raw] of Object.entries(ownObject(value, 'examples'))) {
    const place = contract.resolve(raw, pointer + pointerOf('examples', key));
    for (const word of ['value', 'dataValue']) {
      const sample = own(place.value, word);
      if (sample !== undefined)
        yield { value: sample, pointer: `${place.pointer}/${word}`, schema, direction };
    }
  }
}

function* samplesOfSchema(pointer: string, schema: JsonObject): Generator<Sample> {
  for (const word of ['example', 'default']) {
    const value = own(schema, word);
    if (value !== undefined) yield { value, pointer: `${pointer}/${word}`, schema, direction: null };
  }
  for (const [index, value] of ownList(schema, 'examples').entries())
    yield { value, pointer: `${pointer}/examples/${index}`, schema, direction: null };
}
