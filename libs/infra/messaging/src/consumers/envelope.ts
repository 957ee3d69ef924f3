import { EventHeaders, MESSAGE_TYPES } from '@kwanus/contracts';
import { LONGEST_ID } from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';
import type { IntegrationMessage } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import { MessageRefused, UntrustedMessage } from './errors.js';

/** Where a message belongs, believed before its body is looked at. */
export interface Envelope {
  readonly key: string;
  readonly id: string;
  readonly headers: EventHeaders;
  readonly streamId: string;
  readonly version: number;
  readonly prevHash: string;
  readonly hash: string;
}

const MAX_BODY = 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @returns false for what no log of ours has as a key or stream: PostgreSQL neither keeps U+0000 nor indexes a text of any length */
export const canBeOurs = (id: string): boolean => id !== '' && id.length <= LONGEST_ID && !id.includes('\0');

/**
 * @param source the only source that is believed on this topic
 * @throws UntrustedMessage
 */
export function readEnvelope(message: ReceivedMessage, source: string): Envelope {
  if (message.key === null || !canBeOurs(message.key))
    throw new UntrustedMessage('The message has no key, or one that can’t be ours.');
  const headers = EventHeaders.safeParse(message.headers);
  if (!headers.success)
    throw new UntrustedMessage(
      `The headers are not those of an event: ${headers.error.issues
        .map(({ path, message: why }) => `${path.join('.')}: ${why}`)
        .join('; ')}`,
    );
  if (!canBeOurs(headers.data.ce_streamid))
    throw new UntrustedMessage('The headers name a stream that can’t be ours.');
  if (headers.data.ce_source !== source)
    throw new UntrustedMessage(`The source is ${headers.data.ce_source}; only ${source} is believed here.`);
  return {
    key: message.key,
    id: headers.data.ce_id,
    headers: headers.data,
    streamId: headers.data.ce_streamid,
    version: Number(headers.data.ce_streamversion),
    prevHash: headers.data.ce_prevhash,
    hash: headers.data.ce_eventhash,
  };
}

/**
 * The message as a handler gets it, its body checked against the schema of its type.
 * @throws MessageRefused
 */
export function readMessage(
  { key, headers, streamId, version }: Envelope,
  body: Uint8Array | null,
): IntegrationMessage {
  const type = MESSAGE_TYPES[headers.ce_type];
  if (type === undefined)
    throw new MessageRefused(
      `${headers.ce_type} is not known here. Upgrade this service, then re-drive the key.`,
    );
  const checked = type.schema.safeParse(parseJson(body));
  if (!checked.success)
    throw new MessageRefused(
      `The body does not fit ${headers.ce_type}: ${checked.error.issues
        .map(({ path, message }) => `/${path.join('/')}: ${message}`)
        .join('; ')}`,
    );
  return {
    id: headers.ce_id,
    type: headers.ce_type,
    source: headers.ce_source,
    time: headers.ce_time,
    key,
    streamId,
    streamVersion: version,
    prevHash: headers.ce_prevhash,
    eventHash: headers.ce_eventhash,
    correlationId: headers.ce_correlationid,
    ...(headers.ce_playbookversion === undefined ? {} : { playbookVersion: headers.ce_playbookversion }),
    ...(headers.traceparent === undefined ? {} : { traceparent: headers.traceparent }),
    data: checked.data as JsonObject,
  };
}

function parseJson(body: Uint8Array | null): unknown {
  if (body === null) throw new MessageRefused('The message has no body.');
  if (body.byteLength > MAX_BODY)
    throw new MessageRefused(`The body has ${body.byteLength} bytes; ${MAX_BODY} are taken at most.`);
  try {
    return JSON.parse(utf8.decode(body));
  } catch (cause) {
    throw new MessageRefused('The body is not UTF-8 JSON.', { cause });
  }
}
