import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { ReceivedMessage, TransportMessage } from '../transport.port.js';

/** @returns the message as kafkajs sends it */
export function toKafka({ key, headers, body }: TransportMessage): Message {
  return {
    key: key === null ? null : Buffer.from(key, 'utf8'),
    headers: { ...headers },
    value: body === null ? null : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
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
