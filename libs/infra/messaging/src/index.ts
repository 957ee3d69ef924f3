export {
  type ConsumeContext,
  type ConsumerDefinition,
  Consumers,
  type IntegrationMessage,
  type PublishedForm,
  type Publisher,
} from './consumer.port.js';
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
