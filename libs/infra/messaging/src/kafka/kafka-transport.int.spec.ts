import { sharedBroker, withKafka } from '@kwanus/testing-infra';
import { transportContract } from '@kwanus/testing-infra/transport-contract';
import { type KafkaTransport, openKafkaTransport } from './index.js';

withKafka('Apache Kafka', () =>
  transportContract('Apache Kafka', async () => {
    const brokers = [await sharedBroker()];
    return {
      open: () => openKafkaTransport({ brokers, clientId: 'contract', sessionTimeoutMs: 2_000 }),
      crashMember: (transport) => (transport as KafkaTransport).crash(),
      patience: 30_000,
      close: async () => undefined,
    };
  }),
);
