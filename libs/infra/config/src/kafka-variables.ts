import { z } from 'zod';
import { forms, optional, secret, withDefault } from './variable.js';

const POSTGRESQL_INSTEAD = 'the PostgreSQL transport is used';

/** The way to Apache Kafka; without brokers messages go through PostgreSQL. */
export const kafka = {
  kafkaBrokers: optional(
    'KWANUS_KAFKA_BROKERS',
    {
      description: 'Brokers of the Apache Kafka that messages go through; the others are found through them.',
      shape: 'host:port, several with commas between them',
      example: 'kafka-1.example.com:9092,kafka-2.example.com:9092',
      whenUnset: POSTGRESQL_INSTEAD,
    },
    forms.listOf(
      z
        .string()
        .regex(
          /^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5}$/,
          'is not host:port with commas between',
        ),
    ),
  ),
  kafkaClientId: optional(
    'KWANUS_KAFKA_CLIENT_ID',
    {
      description: 'Names this process in the broker’s logs and quotas.',
      shape: 'letters, digits, points and dashes',
      example: 'kwanus-intake-1',
      whenUnset: '`kwanus-` and the name of the service',
    },
    z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, 'holds what is no letter, digit, point or dash'),
  ),
  kafkaUsername: optional(
    'KWANUS_KAFKA_USERNAME',
    {
      description: 'Logs in to the brokers by SASL/SCRAM-SHA-512, as this principal.',
      shape: 'a text',
      example: 'kwanus-intake',
      whenUnset: 'nobody logs in',
    },
    z.string().min(1).max(200),
  ),
  kafkaPassword: secret(
    optional(
      'KWANUS_KAFKA_PASSWORD',
      {
        description: 'The password of KWANUS_KAFKA_USERNAME.',
        shape: 'a text',
        example: 'openssl rand -hex 24',
        whenUnset: 'required together with KWANUS_KAFKA_USERNAME',
      },
      z.string().min(1).max(1_000),
    ),
  ),
  kafkaTls: withDefault(
    'KWANUS_KAFKA_TLS',
    {
      description: 'Speaks TLS with the brokers.',
      shape: '`true` or `false`',
      example: 'true',
      default: 'false',
    },
    z.enum(['true', 'false'], 'is neither true nor false').transform((text) => text === 'true'),
  ),
  kafkaCaFile: optional(
    'KWANUS_KAFKA_CA_FILE',
    {
      description: 'The authority that signed the brokers’ certificates, where it is not a public one.',
      shape: 'the path of a PEM file',
      example: '/etc/kwanus/kafka-ca.pem',
      whenUnset: 'the public authorities that Node knows',
    },
    z.string().min(1),
  ),
};

type Values = Readonly<Record<string, unknown>>;

/** @returns what does not go together, one line each */
export function kafkaContradictions(values: Values): string[] {
  const { kafkaBrokers, kafkaUsername, kafkaCaFile, kafkaTls, busUrl } = values;
  const problems: string[] = [];
  if (kafkaCaFile !== undefined && kafkaTls === false)
    problems.push('KWANUS_KAFKA_CA_FILE is of use only with KWANUS_KAFKA_TLS=true.');
  if (kafkaBrokers === undefined && (kafkaUsername !== undefined || kafkaTls === true))
    problems.push('KWANUS_KAFKA_BROKERS is not set, though other KWANUS_KAFKA_* variables are.');
  if (kafkaBrokers !== undefined && busUrl !== undefined)
    problems.push('KWANUS_KAFKA_BROKERS and KWANUS_BUS_URL name two transports: keep one.');
  return problems;
}
