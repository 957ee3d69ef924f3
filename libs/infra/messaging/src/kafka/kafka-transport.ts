import type { Admin } from 'kafkajs';
import { TransportUnavailable } from '../errors.js';
import {
  type SubscribeOptions,
  type Subscription,
  type TopicSpecification,
  Transport,
  type TransportMessage,
} from '../transport.port.js';
import { KafkaClient, type KafkaTransportOptions } from './client.js';
import { groupLag } from './lag.js';
import { QueueingProducer } from './producer.js';
import { KafkaSubscription } from './subscription.js';
import { ensureTopics, partitionsOf } from './topics.js';

const SESSION_MS = 10_000;

/**
 * Connects to Apache Kafka.
 * @throws TransportUnavailable when no broker answers as it is spoken to: nobody there, or another way to log in demanded
 */
export async function openKafkaTransport(options: KafkaTransportOptions): Promise<KafkaTransport> {
  const transport = new KafkaTransport(options);
  await transport.open();
  return transport;
}

/** The messaging port over Apache Kafka. See openKafkaTransport. */
export class KafkaTransport extends Transport {
  private readonly client: KafkaClient;
  private readonly admin: Admin;
  private readonly producer: QueueingProducer;
  private readonly subscriptions = new Set<KafkaSubscription>();
  private closed = false;

  constructor(private readonly options: KafkaTransportOptions) {
    super();
    this.client = new KafkaClient(options);
    this.admin = this.client.kafka.admin();
    this.producer = new QueueingProducer(this.client.kafka);
  }

  /** Called by openKafkaTransport. */
  async open(): Promise<void> {
    try {
      await this.admin.connect();
      await this.admin.describeCluster();
    } catch (error) {
      await this.admin.disconnect().catch(() => undefined);
      throw new TransportUnavailable(unreachable(this.options, error), { cause: error });
    }
  }

  override ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    return ensureTopics(this.admin, topics);
  }

  override async send(topic: string, messages: readonly TransportMessage[]): Promise<void> {
    if (this.closed) throw new TransportUnavailable('The transport is closed.');
    await this.producer.send(topic, messages);
  }

  override async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.closed) throw new TransportUnavailable('The transport is closed.');
    await Promise.all(options.topics.map((topic) => partitionsOf(this.admin, topic)));
    const subscription = new KafkaSubscription(
      options,
      this.client.kafka,
      this.options.sessionTimeoutMs ?? SESSION_MS,
      (ended) => this.subscriptions.delete(ended),
    );
    this.subscriptions.add(subscription);
    await subscription.ready();
    return subscription;
  }

  override lag(group: string): Promise<ReadonlyMap<string, number>> {
    const own = [...this.subscriptions].filter(({ options }) => options.group === group);
    return groupLag(
      this.admin,
      group,
      own.flatMap(({ options }) => options.topics),
    );
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.producer.close();
    await this.admin.disconnect();
  }

  /** For tests of a crash: everything stops without a word, as when the process is killed. */
  async crash(): Promise<void> {
    this.closed = true;
    this.client.crash();
    for (const subscription of this.subscriptions) subscription.crash();
    await this.admin.disconnect().catch(() => undefined);
  }
}

function unreachable({ brokers, sasl, tls }: KafkaTransportOptions, error: unknown): string {
  const how = `${tls === undefined ? 'without' : 'with'} TLS and ${sasl === undefined ? 'without' : 'with'} SASL`;
  return `No broker of ${brokers.join(', ')} answers ${how}: ${String(error)}. Check KAFKA_BROKERS, and whether the brokers demand TLS or SASL (KAFKA_TLS, KAFKA_USERNAME, KAFKA_PASSWORD).`;
}
