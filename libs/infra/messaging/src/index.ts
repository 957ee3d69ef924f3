export {
  type ConsumeContext,
  type ConsumerDefinition,
  Consumers,
  type IntegrationMessage,
  type PublishedForm,
  type Publisher,
} from './consumer.port.js';
export {
  Fenced,
  MessagesExpired,
  TopicMismatch,
  TransportUnavailable,
  UnknownTopic,
} from './postgres/errors.js';
export {
  openPostgresTransport,
  type PostgresTransport,
  type PostgresTransportOptions,
} from './postgres/postgres-transport.js';
export {
  type BatchControl,
  type BatchHandler,
  type ReceivedMessage,
  type SubscribeOptions,
  type Subscription,
  type TopicSpecification,
  Transport,
  type TransportMessage,
} from './transport.port.js';
