export { commandIdOf } from './command-id.js';
export {
  type ConsumeContext,
  type ConsumerDefinition,
  Consumers,
  type IntegrationMessage,
  type OperatorDecision,
  type ParkedKey,
  type ParkedMessage,
  ParkedMessages,
  type PublishedForm,
  type Publisher,
  type Redriven,
} from './consumer.port.js';
export {
  MessageRefused,
  ParkingFull,
  StreamForked,
  StreamGap,
  UntrustedMessage,
} from './consumers/errors.js';
export {
  type ConsumersOptions,
  openConsumers,
  type ServiceConsumers,
} from './consumers/service-consumers.js';
export {
  AccessMismatch,
  Fenced,
  MessagesExpired,
  MessageTooLarge,
  TopicBeganAnew,
  TopicMismatch,
  TransportRefused,
  TransportUnavailable,
  UnknownTopic,
} from './errors.js';
export {
  openPostgresTransport,
  type PostgresTransport,
  type PostgresTransportOptions,
} from './postgres/postgres-transport.js';
export type { RelayBlockage } from './relay/batch.js';
export type { RelayProgress } from './relay/checkpoint.js';
export { RelayFenced, UnpublishableEvent } from './relay/errors.js';
export { type PublishingService, publishAs, publishedForm, toMessage } from './relay/publish.js';
export { openRelay, type Relay, type RelayOptions } from './relay/relay.js';
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
