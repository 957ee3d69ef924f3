import { SERVICES, TOPICS } from '@kwanus/contracts';
import { accessRules, openKafkaOperator } from '@kwanus/messaging/kafka';
import { KAFKA_OPERATOR } from './secrets.js';

/** The brokers, as the operator reaches them. */
export interface BrokersToProvision {
  readonly brokers: readonly string[];
  /** The operator's; without it the brokers know no logins, and there are no rights to give. */
  readonly password?: string;
  /** Speaks TLS; the authority's PEM file. */
  readonly caFile?: string;
  /** Users of other teams' services, which may write telemetry. */
  readonly emitters?: readonly string[];
}

/** Takes in what has no owner (telemetry). */
const READER = 'monitoring';

/**
 * Makes the platform's topics and, where users log in, what each may do with them. What is there is brought into line.
 * @throws TransportUnavailable, TransportRefused, TopicMismatch, AccessMismatch
 */
export async function provisionKafka({
  brokers,
  password,
  caFile,
  emitters = [],
}: BrokersToProvision): Promise<void> {
  const topics = Object.values(TOPICS);
  const operator = await openKafkaOperator({
    brokers,
    clientId: 'kwanus-provision',
    ...(password === undefined ? {} : { sasl: { username: KAFKA_OPERATOR, password } }),
    ...(caFile === undefined ? {} : { tls: { caFile } }),
  });
  try {
    await operator.ensureTopics(topics);
    if (password !== undefined)
      await operator.ensureAccess(
        accessRules({ services: SERVICES, topics, reader: READER, emitters }),
        topics,
      );
  } finally {
    await operator.close();
  }
}
