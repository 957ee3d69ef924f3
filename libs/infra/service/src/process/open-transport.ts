import type { Configuration } from '@kwanus/config';
import { openPostgresTransport, type Transport } from '@kwanus/messaging';
import type { KafkaTransportOptions } from '@kwanus/messaging/kafka';

/** What the configuration says of the transport. */
export type TransportConfiguration = Pick<
  Configuration<'service'>,
  'busUrl' | 'kafkaBrokers' | 'kafkaClientId' | 'kafkaUsername' | 'kafkaPassword' | 'kafkaTls' | 'kafkaCaFile'
>;

/** What else a transport is opened with. */
export interface TransportSurroundings {
  /** Where the PostgreSQL transport lives when nothing else is said. */
  readonly databaseUrl: string;
  readonly migrationUrl: string;
  /** Names the process to the brokers when the configuration does not. */
  readonly name: string;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Opens the transport that the configuration chooses: Apache Kafka where brokers are named, else PostgreSQL.
 * @throws TransportUnavailable when no broker answers
 */
export async function openTransport(
  config: TransportConfiguration,
  { databaseUrl, migrationUrl, name, onTrouble }: TransportSurroundings,
): Promise<Transport> {
  const { kafkaBrokers: brokers, busUrl } = config;
  if (brokers === undefined)
    return openPostgresTransport({
      url: busUrl ?? databaseUrl,
      ...(busUrl === undefined ? { migrationUrl } : {}),
      onTrouble,
    });
  // Whoever runs without Kafka does not load its client.
  const { openKafkaTransport } = await import('@kwanus/messaging/kafka');
  return openKafkaTransport({
    brokers,
    clientId: config.kafkaClientId ?? name,
    ...securityOf(config),
    onTrouble,
  });
}

function securityOf({
  kafkaUsername: username,
  kafkaPassword: password,
  kafkaTls,
  kafkaCaFile: caFile,
}: TransportConfiguration): Pick<KafkaTransportOptions, 'sasl' | 'tls'> {
  return {
    ...(username === undefined || password === undefined ? {} : { sasl: { username, password } }),
    ...(kafkaTls ? { tls: caFile === undefined ? {} : { caFile } } : {}),
  };
}
