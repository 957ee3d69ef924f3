export type { KafkaTransportOptions } from './client.js';
export { KafkaTransport, openKafkaTransport } from './kafka-transport.js';
