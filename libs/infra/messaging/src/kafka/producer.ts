import type { Producer } from 'kafkajs';
import { MessageTooLarge, TransportRefused } from '../errors.js';
import { SendQueue } from '../send-queue.js';
import type { TransportMessage } from '../transport.port.js';
import type { KafkaClient, KafkaLink } from './client.js';
import { sizeOf, toKafka } from './messages.js';

/** Below the broker's `message.max.bytes` (1 MiB and 12 bytes, of a batch and partition); a larger one would block all behind it. */
const MAX_BATCH_BYTES = 1_000_000;
const ALL_REPLICAS = -1;

/** A producer of kafkajs, and the connections that are its own. */
interface Connected {
  readonly link: KafkaLink;
  readonly producer: Producer;
  /** Once for all that send by it: a second connect would give it another producer id. */
  readonly ready: Promise<void>;
}

/**
 * One idempotent producer and a queue a topic.
 *
 * kafkajs does not gather separate sends, and with more than one request in flight its idempotent producer can reorder: the
 * queues gather, and there is one request in flight. After a send that failed nobody knows whether the broker has it, and
 * another batch under the same sequence numbers could be taken for a repetition of it and dropped: its connections are cut and the
 * producer is replaced, so that what is sent again has a producer id of its own and may come twice, which consumers bear.
 */
export class QueueingProducer {
  private readonly queues = new Map<string, SendQueue>();
  private current: Connected | null = null;

  constructor(private readonly client: KafkaClient) {}

  /** @throws TransportUnavailable when the brokers did not acknowledge, TransportRefused, MessageTooLarge */
  async send(topic: string, messages: readonly TransportMessage[]): Promise<void> {
    let [largest, bytes] = [0, 0];
    for (const message of messages) {
      const size = sizeOf(message);
      bytes += size;
      largest = Math.max(largest, size);
    }
    if (largest > MAX_BATCH_BYTES) throw new MessageTooLarge(topic, largest, MAX_BATCH_BYTES);
    const queue =
      this.queues.get(topic) ??
      new SendQueue(topic, (batch, size) => this.deliver(topic, batch, size), MAX_BATCH_BYTES);
    this.queues.set(topic, queue);
    await queue.send(messages, bytes);
  }

  /** Waits for what is queued, then disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.idle()));
    if (this.current !== null) await this.current.link.end(this.current.producer);
  }

  private async deliver(topic: string, messages: readonly TransportMessage[], bytes: number): Promise<void> {
    this.current ??= this.create();
    const { link, producer, ready } = this.current;
    try {
      await ready;
      for (const part of bytes > MAX_BATCH_BYTES ? inParts(messages) : [messages])
        await producer.send({ topic, acks: ALL_REPLICAS, messages: part.map(toKafka) });
    } catch (error) {
      const fault = link.faultOf(error);
      // What one topic refuses was certainly not taken, and others may be sending by the same producer.
      const connected = await ready.then(() => true).catch(() => false);
      if (!connected || !(fault instanceof TransportRefused)) this.replace(link);
      throw fault;
    }
  }

  private create(): Connected {
    const link = this.client.link();
    const producer = link.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    });
    const ready = producer.connect();
    ready.catch(() => undefined); // whoever sends hears of it
    return { link, producer, ready };
  }

  private replace(link: KafkaLink): void {
    if (this.current?.link === link) this.current = null;
    link.breakOff();
  }
}

/** A call that brings more than a batch may hold goes in several, in order. */
function inParts(messages: readonly TransportMessage[]): readonly (readonly TransportMessage[])[] {
  const parts: TransportMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = sizeOf(message);
    if (bytes + size > MAX_BATCH_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(message);
    bytes += size;
  }
  return parts;
}
