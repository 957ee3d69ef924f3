import type { Admin } from 'kafkajs';
import { TransportUnavailable } from '../errors.js';
import {
  type SubscribeOptions,
  type Subscription,
  type TopicSpecification,
  Transport,
  type TransportMessage,
} from '../transport.port.js';
import { KafkaClient, type KafkaLink, type KafkaTransportOptions } from './client.js';
import { groupLag } from './lag.js';
import { QueueingProducer } from './producer.js';
import { KafkaSubscription } from './subscription.js';
import { ensureTopics, partitionsOf } from './topics.js';

const SESSION_MS = 10_000;

/**
 * Connects to Apache Kafka.
 * @throws TransportUnavailable when no broker answers, TransportRefused when they want to be spoken to or logged in to otherwise
 */
export async function openKafkaTransport(options: KafkaTransportOptions): Promise<KafkaTransport> {
  const transport = new KafkaTransport(options);
  await transport.open();
  return transport;
}

/** The messaging port over Apache Kafka. See openKafkaTransport. */
export class KafkaTransport extends Transport {
  private readonly client: KafkaClient;
  private readonly link: KafkaLink;
  private readonly admin: Admin;
  private readonly producer: QueueingProducer;
  private readonly subscriptions = new Set<KafkaSubscription>();
  private closed = false;

  constructor(private readonly options: KafkaTransportOptions) {
    super();
    this.client = new KafkaClient(options);
    this.link = this.client.link();
    this.admin = this.link.kafka.admin();
    this.producer = new QueueingProducer(this.client);
  }

  /** Called by openKafkaTransport. */
  open(): Promise<void> {
    return this.client.greet(this.admin);
  }

  override ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    return this.link.ask(() => ensureTopics(this.admin, topics));
  }

  override async send(topic: string, messages: readonly TransportMessage[]): Promise<void> {
    if (this.closed) throw new TransportUnavailable('The transport is closed.');
    await this.producer.send(topic, messages);
  }

  override async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.closed) throw new TransportUnavailable('The transport is closed.');
    await this.link.ask(() => Promise.all(options.topics.map((topic) => partitionsOf(this.admin, topic))));
    const subscription = new KafkaSubscription(options, {
      client: this.client,
      admin: this.admin,
      sessionTimeoutMs: this.options.sessionTimeoutMs ?? SESSION_MS,
      ended: (ended) => this.subscriptions.delete(ended),
    });
    this.subscriptions.add(subscription);
    await subscription.ready();
    return subscription;
  }

  override lag(group: string): Promise<ReadonlyMap<string, number>> {
    const own = [...this.subscriptions].filter(({ options }) => options.group === group);
    const topics = own.flatMap(({ options }) => options.topics);
    return this.link.ask(() => groupLag(this.admin, group, topics));
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.producer.close();
    await this.link.end(this.admin);
  }

  /** For tests of a crash: everything stops without a word, as when the process is killed. */
  async crash(): Promise<void> {
    this.closed = true;
    this.client.crash();
    for (const subscription of this.subscriptions) subscription.crash();
    await this.admin.disconnect().catch(() => undefined);
  }
}
