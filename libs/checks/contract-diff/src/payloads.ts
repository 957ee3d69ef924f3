import { isObject, own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { Contract } from './contract.js';
import { Comparison } from './report.js';
import { compareSchemas } from './schema-rules.js';
import type { SchemaNode } from './structure.js';
import type { ContractDiff, DiffOptions, Direction, Place } from './types.js';
import { verdictOf } from './verdict.js';

/** Who must be able to read whose data. TRANSITIVE: over all earlier versions, not only the last one. */
export const PAYLOAD_MODES = [
  'BACKWARD',
  'FORWARD',
  'FULL',
  'BACKWARD_TRANSITIVE',
  'FORWARD_TRANSITIVE',
  'FULL_TRANSITIVE',
  'NONE',
] as const;
export type PayloadMode = (typeof PAYLOAD_MODES)[number];

/** How, and by which mode. */
export interface PayloadOptions extends DiffOptions {
  readonly mode: PayloadMode;
  /** What findings name as the operation. Default: ''. */
  readonly operation?: string;
}

/**
 * BACKWARD: whoever has the revision reads what was written by the base, so the schema is like something that is sent. FORWARD: whoever has the
 * base reads what the revision writes, so it is like something that is received.
 */
function directionsOf(mode: PayloadMode): readonly Direction[] {
  if (mode === 'NONE') return [];
  if (mode.startsWith('FULL')) return ['request', 'response'];
  return mode.startsWith('BACKWARD') ? ['request'] : ['response'];
}

const placeOf = (direction: Direction, label: string): Place => ({
  kind: `${direction}-body`,
  direction,
  label,
  asText: false,
  required: true,
});

/**
 * Compares a JSON Schema with its earlier versions, of which a mode that is not transitive looks at the first alone.
 * @param bases the earlier versions, newest first
 * @throws ContractTooComplex when nothing can be told
 */
export function diffPayloads(
  bases: readonly JsonObject[],
  revision: JsonObject,
  { mode, operation = '', ...options }: PayloadOptions,
): ContractDiff {
  const looked = mode.endsWith('_TRANSITIVE') ? bases : bases.slice(0, 1);
  const found = looked.flatMap((base) => {
    const comparison = new Comparison(new Contract(base), new Contract(revision), options);
    comparison.operation = operation;
    for (const direction of directionsOf(mode))
      compareSchemas(
        comparison,
        { schema: base, pointer: '' },
        { schema: revision, pointer: '' },
        placeOf(direction, 'payload'),
      );
    return comparison.findings;
  });
  return verdictOf(found);
}

/** Compares two AsyncAPI documents, 2 or 3: channels and messages that went, and payloads by the mode. */
export function diffAsyncApi(
  base: JsonObject,
  revision: JsonObject,
  { mode, ...options }: Omit<PayloadOptions, 'operation'>,
): ContractDiff {
  const comparison = new Comparison(new Contract(base), new Contract(revision), options);
  const [before, after] = [messagesOf(comparison.base.contract), messagesOf(comparison.revision.contract)];
  for (const [name, payload] of before) {
    const later = after.get(name);
    comparison.operation = `message ${name}`;
    if (later === undefined)
      comparison.report('message-removed', 'error', {
        pointer: payload.pointer,
        side: 'base',
        subject: name,
        text: 'is no longer sent or taken',
      });
    else
      for (const direction of directionsOf(mode))
        compareSchemas(comparison, payload, later, placeOf(direction, 'payload'));
  }
  for (const [name, { pointer }] of after)
    if (!before.has(name)) {
      comparison.operation = `message ${name}`;
      comparison.report('message-added', 'info', { pointer, subject: name, text: 'is a new message' });
    }
  return verdictOf(comparison.findings);
}

/** By channel and name: `orders/created`, with the schema of the payload. */
function messagesOf(contract: Contract): ReadonlyMap<string, SchemaNode> {
  const found = new Map<string, SchemaNode>();
  for (const [channel, raw] of Object.entries(ownObject(contract.root, 'channels'))) {
    const { value, pointer } = contract.resolve(raw, pointerOf('channels', channel));
    const address = ownText(value, 'address') ?? channel;
    for (const [name, message, place] of namedMessages(value)) {
      const resolved = contract.resolve(message, pointer + place);
      found.set(
        `${address} ${ownText(resolved.value, 'name') ?? name}`,
        payloadOf(resolved.value, resolved.pointer),
      );
    }
  }
  return found;
}

type Named = readonly [name: string, message: JsonObject, pointer: string];

/** In 3 messages have names; in 2 a channel publishes or subscribes one, or one of several. */
function namedMessages(channel: JsonObject): readonly Named[] {
  const named = Object.entries(ownObject(channel, 'messages')).flatMap(([name, message]): readonly Named[] =>
    isObject(message) ? [[name, message, pointerOf('messages', name)]] : [],
  );
  const old = ['publish', 'subscribe'].flatMap((action): readonly Named[] => {
    const message = ownObject(ownObject(channel, action), 'message');
    const list = ownList(message, 'oneOf').filter(isObject);
    if (list.length > 0)
      return list.map((one, index) => [
        lastOf(one) ?? `${action} ${index}`,
        one,
        pointerOf(action, 'message', 'oneOf', index),
      ]);
    return Object.keys(message).length === 0
      ? []
      : [[lastOf(message) ?? action, message, pointerOf(action, 'message')]];
  });
  return [...named, ...old];
}

const lastOf = (message: JsonObject): string | undefined => ownText(message, '$ref')?.split('/').at(-1);

/** A payload of another schema language says nothing here. */
function payloadOf(message: JsonObject, pointer: string): SchemaNode {
  const payload = own(message, 'payload');
  const format = ownText(payload, 'schemaFormat') ?? ownText(message, 'schemaFormat');
  if (format !== undefined && !/json|asyncapi/i.test(format)) return { schema: true, pointer };
  const wrapped = isObject(payload) && Object.hasOwn(payload, 'schemaFormat');
  return {
    schema: wrapped ? own(payload, 'schema') : payload,
    pointer: `${pointer}/payload${wrapped ? '/schema' : ''}`,
  };
}
