export {
  type AccessRule,
  accessRules,
  type Operation,
  type OwnedTopic,
  type Principals,
} from './access-rules.js';
export type { KafkaTransportOptions } from './client.js';
export { type KafkaOperator, openKafkaOperator } from './kafka-operator.js';
export { KafkaTransport, openKafkaTransport } from './kafka-transport.js';
