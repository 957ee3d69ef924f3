import type { Kafka, Producer } from 'kafkajs';
import { SendQueue } from '../send-queue.js';
import type { TransportMessage } from '../transport.port.js';
import { toKafka } from './messages.js';

/** Below the broker's `message.max.bytes` (1 MiB a batch and partition), with room for keys and headers. */
const MAX_BATCH_BYTES = 512 * 1024;
const ALL_REPLICAS = -1;

/**
 * One idempotent producer and a queue a topic.
 *
 * kafkajs does not gather separate sends, and with more than one request in flight its idempotent producer can reorder: the
 * queues gather, and there is one request in flight. After a send that failed nobody knows whether the broker has it, and
 * another batch under the same sequence numbers could be taken for a repetition of it and dropped: the producer is replaced, so
 * that what is sent again has a producer id of its own and may come twice, which consumers bear.
 */
export class QueueingProducer {
  private readonly queues = new Map<string, SendQueue>();
  private current: Promise<Producer> | null = null;

  constructor(private readonly kafka: Kafka) {}

  /** @throws TransportUnavailable when the brokers did not acknowledge */
  async send(topic: string, messages: readonly TransportMessage[]): Promise<void> {
    const queue =
      this.queues.get(topic) ?? new SendQueue(topic, (batch) => this.deliver(topic, batch), MAX_BATCH_BYTES);
    this.queues.set(topic, queue);
    for (const part of inParts(messages)) await queue.send(part);
  }

  /** Waits for what is queued, then disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.idle()));
    const producer = await this.current?.catch(() => null);
    await producer?.disconnect();
  }

  private async deliver(topic: string, messages: readonly TransportMessage[]): Promise<void> {
    this.current ??= this.connect();
    const used = this.current;
    try {
      const producer = await used;
      await producer.send({ topic, acks: ALL_REPLICAS, messages: messages.map(toKafka) });
    } catch (error) {
      if (this.current === used) this.current = null;
      void used.then((producer) => producer.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    });
    await producer.connect();
    return producer;
  }
}

/** A call that brings more than a batch may hold goes in several, in order. */
function inParts(messages: readonly TransportMessage[]): readonly (readonly TransportMessage[])[] {
  const parts: TransportMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = message.body?.byteLength ?? 0;
    if (bytes + size > MAX_BATCH_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(message);
    bytes += size;
  }
  return parts;
}
