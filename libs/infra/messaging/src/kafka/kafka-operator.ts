import type { Admin } from 'kafkajs';
import type { TopicSpecification } from '../transport.port.js';
import { ensureAccess } from './access.js';
import type { AccessRule, OwnedTopic } from './access-rules.js';
import { KafkaClient, type KafkaLink, type KafkaTransportOptions } from './client.js';
import { ensureTopics } from './topics.js';

/**
 * Connects as the one who may create topics and grant rights; services may neither.
 * @throws TransportUnavailable, TransportRefused
 */
export async function openKafkaOperator(options: KafkaTransportOptions): Promise<KafkaOperator> {
  const operator = new KafkaOperator(options);
  await operator.open();
  return operator;
}

/** Provisions the brokers. See openKafkaOperator. */
export class KafkaOperator {
  private readonly client: KafkaClient;
  private readonly link: KafkaLink;
  private readonly admin: Admin;

  constructor(options: KafkaTransportOptions) {
    this.client = new KafkaClient(options);
    this.link = this.client.link();
    this.admin = this.link.kafka.admin();
  }

  /** Called by openKafkaOperator. */
  open(): Promise<void> {
    return this.client.greet(this.admin);
  }

  /** Creates what is missing. @throws TopicMismatch */
  ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    return this.link.ask(() => ensureTopics(this.admin, topics));
  }

  /** Makes the brokers' access rules those of the code. @throws AccessMismatch */
  ensureAccess(rules: readonly AccessRule[], topics: readonly OwnedTopic[]): Promise<void> {
    return this.link.ask(() => ensureAccess(this.admin, rules, topics));
  }

  close(): Promise<void> {
    return this.link.end(this.admin);
  }
}
