import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReceivedMessage, SubscribeOptions, Subscription, TransportMessage } from '@kwanus/messaging';
import { type KafkaTransport, type KafkaTransportOptions, openKafkaTransport } from '@kwanus/messaging/kafka';
import { sharedBroker } from './broker.js';

const PATIENCE_MS = 40_000;

/** @returns a message whose body is the text */
export const text = (key: string | null, body: string): TransportMessage => ({
  key,
  headers: {},
  body: Buffer.from(body),
});

/** @returns `key:from` … `key:to` */
export const numbered = (key: string, from: number, to: number): TransportMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => text(key, `${key}:${from + index}`));

export const bodies = (messages: readonly ReceivedMessage[]): string[] =>
  messages.map(({ body }) => (body === null ? '' : Buffer.from(body).toString()));

/** Waits for a condition, with a bound. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); await delay(20))
    if (Date.now() > end) throw new Error(`Not within ${PATIENCE_MS} ms: ${what}`);
}

/** Transports and topics of one spec file, on the broker of the run or another. */
export class KafkaBench {
  private readonly open: KafkaTransport[] = [];
  private readonly run = randomUUID().slice(0, 8);
  private topics = 0;

  constructor(private readonly options: Partial<KafkaTransportOptions> = {}) {}

  async connect(options: Partial<KafkaTransportOptions> = {}): Promise<KafkaTransport> {
    const brokers = this.options.brokers ?? [await sharedBroker()];
    const transport = await openKafkaTransport({
      clientId: 'spec',
      sessionTimeoutMs: 2_000,
      ...this.options,
      brokers,
      ...options,
    });
    this.open.push(transport);
    return transport;
  }

  /** @returns a name that no other spec uses */
  name(what = 'topic'): string {
    this.topics += 1;
    return `spec.${this.run}.${what}-${this.topics}`;
  }

  async topic(transport: KafkaTransport, partitions = 1): Promise<string> {
    const name = this.name();
    await transport.ensureTopics([{ name, partitions, retentionMs: -1 }]);
    return name;
  }

  /** Joins a group of the topic's own with a handler that keeps what it is given. */
  async record(
    transport: KafkaTransport,
    topic: string,
    options: Partial<SubscribeOptions> = {},
  ): Promise<{ got: ReceivedMessage[]; troubles: unknown[]; subscription: Subscription }> {
    const [got, troubles]: [ReceivedMessage[], unknown[]] = [[], []];
    const subscription = await transport.subscribe({
      group: topic,
      topics: [topic],
      handler: async (batch) => void got.push(...batch),
      onTrouble: (error) => troubles.push(error),
      ...options,
    });
    return { got, troubles, subscription };
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((transport) => transport.close()));
  }
}
