import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { ReceivedMessage, TransportMessage } from '../transport.port.js';

/** Lengths and deltas of a record, and of each header, as varints. */
const OVERHEAD = 40;
const OVERHEAD_OF_HEADER = 10;

/**
 * @returns the message as kafkajs sends it. Without a key it would take another partition at every attempt, and its sequence
 * numbers with it, so that a message may be taken for a repetition and be dropped: those have one partition.
 */
export function toKafka({ key, headers, body }: TransportMessage): Message {
  return {
    ...(key === null ? { partition: 0 } : {}),
    key: key === null ? null : Buffer.from(key, 'utf8'),
    headers: { ...headers },
    value: body === null ? null : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
}

/** @returns how many bytes the message takes in a batch, rounded up: the broker counts keys and headers too */
export function sizeOf({ key, headers, body }: TransportMessage): number {
  let bytes = OVERHEAD + Buffer.byteLength(key ?? '') + (body?.byteLength ?? 0);
  for (const name in headers)
    bytes += OVERHEAD_OF_HEADER + Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  return bytes;
}

/** @returns what a consumer gets: text in keys and headers, whatever bytes a stranger put there; of a header given twice the last */
export function fromKafka(topic: string, partition: number, message: KafkaMessage): ReceivedMessage {
  return {
    topic,
    partition,
    position: message.offset,
    key: message.key === null ? null : message.key.toString('utf8'),
    headers: textOf(message.headers ?? {}),
    body: message.value,
  };
}

function textOf(headers: IHeaders): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts.push([name, last.toString()]);
  }
  return Object.fromEntries(texts);
}
