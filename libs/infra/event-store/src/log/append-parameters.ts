import { assertStorable, canonicalJson, isUuid, NotStorable, uuidv7 } from '@kwanus/canonical';
import type { Json, JsonObject } from '@kwanus/kernel';
import { PayloadRefused } from '../errors.js';
import type { AppendRequest, EventMetadata, ExpectedVersion, NewEvent } from '../event.js';
import { TENANT } from '../tenant.js';
import { instant } from './instant.js';
import { streamTypeOf } from './stream-id.js';

const MAX_DATA_BYTES = 256 * 1024;
const MAX_EVENTS = 1000;
/** Of the ids of a stream and its routing key: messages carry them, and carry none that is longer. */
export const LONGEST_ID = 300;

/** @returns the parameters of es_append_one or es_append_several. @throws PayloadRefused */
export function appendParameters(request: AppendRequest): unknown[] {
  assertRequest(request);
  const { streamId, streamType, routingKey, events, metadata } = request;
  const head = [
    TENANT,
    streamId,
    streamType,
    routingKey,
    expectedCode(request.expectedVersion),
    metadata.commandId,
    metadata.correlationId,
    metadata.causationId,
    occurredAt(metadata),
  ];
  const rows = events.map((event, index) => ({
    id: uuidv7(),
    type: event.type,
    schemaVersion: event.schemaVersion ?? 1,
    data: dataText(event, index),
    meta: canonicalJson(metadataOf(request, index) as unknown as JsonObject),
  }));
  const [only] = rows;
  if (rows.length === 1 && only !== undefined)
    return [...head, only.id, only.type, only.schemaVersion, only.data, only.meta];
  return [
    ...head,
    rows.map(({ id }) => id),
    rows.map(({ type }) => type),
    rows.map(({ schemaVersion }) => schemaVersion),
    rows.map(({ data }) => data),
    rows.map(({ meta }) => meta),
  ];
}

function expectedCode(expected: ExpectedVersion): number {
  if (typeof expected === 'number') return expected;
  return { any: -1, 'stream-exists': -2, 'no-stream': 0 }[expected];
}

function metadataOf({ metadata, routingKey }: AppendRequest, commandIndex: number): EventMetadata {
  const { actor, correlationId, causationId, commandId, traceparent, playbookVersion } = metadata;
  return {
    actor: { id: actor.id, kind: actor.kind },
    correlationId,
    causationId,
    commandId,
    commandIndex,
    routingKey,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(playbookVersion === undefined ? {} : { playbookVersion }),
  };
}

function dataText({ data }: NewEvent, index: number): string {
  const pointer = `/events/${index}/data`;
  storable(data, pointer);
  const text = canonicalJson(data as Json);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DATA_BYTES)
    throw new PayloadRefused(
      pointer,
      `has ${bytes} bytes; an event holds at most ${MAX_DATA_BYTES}. Put it into the artefact store and refer to its digest.`,
    );
  return text;
}

function storable(value: unknown, pointer: string): void {
  try {
    assertStorable(value, pointer);
  } catch (error) {
    if (error instanceof NotStorable) throw new PayloadRefused(error.pointer, error.reason, { cause: error });
    throw error;
  }
}

function assertRequest({
  streamId,
  streamType,
  routingKey,
  events,
  metadata,
  expectedVersion,
}: AppendRequest): void {
  for (const [name, value] of Object.entries({ streamId, streamType, routingKey })) {
    storable(value, `/${name}`);
    refuseUnless(
      value.length > 0 && value.length <= LONGEST_ID,
      `/${name}`,
      `must have 1 to ${LONGEST_ID} characters.`,
    );
  }
  refuseUnless(
    streamTypeOf(streamId) === streamType,
    '/streamType',
    `must be the part of the stream id before the first “-”: ${streamTypeOf(streamId)}, not ${streamType}.`,
  );
  refuseUnless(
    events.length > 0 && events.length <= MAX_EVENTS,
    '/events',
    `must be 1 to ${MAX_EVENTS} events; there are ${events.length}.`,
  );
  refuseUnless(
    typeof expectedVersion !== 'number' || (Number.isSafeInteger(expectedVersion) && expectedVersion >= 0),
    '/expectedVersion',
    'must be a whole number, 0 or more.',
  );
  for (const [index, { type }] of events.entries()) storable(type, `/events/${index}/type`);
  assertMetadata(metadata);
}

function assertMetadata(metadata: AppendRequest['metadata']): void {
  storable({ ...metadata }, '/metadata');
  for (const name of ['commandId', 'correlationId', 'causationId'] as const) {
    const value = metadata[name];
    refuseUnless(value === null || isUuid(value), `/metadata/${name}`, `must be a UUID; it is ${value}.`);
  }
}

function occurredAt({ occurredAt: text }: AppendRequest['metadata']): string | null {
  if (text === undefined) return null;
  try {
    return instant(text);
  } catch (error) {
    throw new PayloadRefused('/metadata/occurredAt', 'must be a time of RFC 3339.', { cause: error });
  }
}

function refuseUnless(good: boolean, pointer: string, reason: string): void {
  if (!good) throw new PayloadRefused(pointer, reason);
}
