import { isObject, own, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Task } from '../workflow/workflow.js';

/** A value that a call sends under a name. */
export interface Argument {
  readonly name: string;
  /** `any`: the contract tells where it goes. */
  readonly place: 'any' | 'query' | 'header';
  readonly value: Json;
  /** From the task. */
  readonly pointer: string;
}

/** What a call sends, as far as it is written out. */
export interface SentRequest {
  /** Upper case; null where the contract tells it. */
  readonly method: string | null;
  readonly named: readonly Argument[];
  /** Places of which all that is sent there is listed. */
  readonly complete: ReadonlySet<'path' | 'query' | 'header'>;
  readonly body: { readonly value: Json; readonly pointer: string } | null;
}

/** @returns what the call sends; null where that is only known when it runs, or no call of HTTP */
export function sentBy({ value }: Task): SentRequest | null {
  const request = own(value, 'with');
  if (!isObject(request)) return null;
  const kind = own(value, 'call');
  if (kind === 'http') return sentByHttp(request);
  return kind === 'openapi' ? sentByOperation(request) : null;
}

function sentByOperation(request: JsonObject): SentRequest | null {
  if (!isListing(own(request, 'parameters'))) return null;
  return {
    method: null,
    named: [...argumentsIn(request, 'any', 'parameters'), ...furtherArguments(request)],
    complete: new Set(['path', 'query', 'header']),
    body: bodyIn(request),
  };
}

function sentByHttp(request: JsonObject): SentRequest | null {
  const method = ownText(request, 'method');
  if (method?.includes('${') === true) return null;
  return {
    method: method?.toUpperCase() ?? null,
    named: furtherArguments(request),
    complete: new Set(completeIn(request)),
    body: bodyIn(request),
  };
}

const furtherArguments = (request: JsonObject): readonly Argument[] => [
  ...argumentsIn(request, 'query', 'query'),
  ...argumentsIn(request, 'header', 'headers'),
];

function bodyIn(request: JsonObject): SentRequest['body'] {
  const value = own(request, 'body');
  return value === undefined ? null : { value, pointer: pointerOf('with', 'body') };
}

const isListing = (value: Json | undefined): boolean => value === undefined || isObject(value);

/** A query may stand in the address as well. */
function completeIn(request: JsonObject): readonly ('query' | 'header')[] {
  const endpoint = own(request, 'endpoint');
  const address = typeof endpoint === 'string' ? endpoint : ownText(endpoint, 'uri');
  const isPlain = address !== undefined && !/\?|\$\{/.test(address);
  return [
    ...(isPlain && isListing(own(request, 'query')) ? (['query'] as const) : []),
    ...(isListing(own(request, 'headers')) ? (['header'] as const) : []),
  ];
}

const argumentsIn = (request: JsonObject, place: Argument['place'], under: string): readonly Argument[] =>
  Object.entries(ownObject(request, under)).map(([name, value]) => ({
    name,
    place,
    value,
    pointer: pointerOf('with', under, name),
  }));
