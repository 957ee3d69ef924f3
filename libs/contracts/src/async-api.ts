import { z } from 'zod';
import { channels, DEAD_LETTERS, operations } from './async-api-channels.js';
import { DeadLetterHeaders, EventHeaders, TelemetryHeaders } from './envelope.js';
import { TELEMETRY_EXAMPLES } from './examples.js';
import { type JsonSchema, jsonSchemaOf } from './json-schemas.js';
import { MESSAGE_TYPES, type MessageType } from './registry.js';
import { TOPICS } from './topics.js';

type Json = Record<string, unknown>;

/** Of the document; the messages carry their own. */
const VERSION = '0.1.0';
const JSON_TYPE = 'application/json';

/** @returns the AsyncAPI 3 document of everything that goes over the transport; served at /asyncapi.json by every service */
export function asyncApiDocument(version = VERSION): Json {
  const schemas: Json = {};
  const messages = Object.fromEntries(
    Object.values(MESSAGE_TYPES).map((type) => [type.type, messageOf(type, schemas)]),
  );
  for (const headers of [EventHeaders, TelemetryHeaders, DeadLetterHeaders])
    schemas[z.globalRegistry.get(headers)?.id ?? ''] = hoisted(jsonSchemaOf(headers), schemas);
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'KWANUS partner integration',
      version,
      description:
        'What services tell each other and what other services tell the platform. CloudEvents 1.0, binary mode of the Kafka protocol binding; the key is the integration id, so that order holds per integration.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: [...new Set(Object.values(TOPICS).map(({ owner }) => owner ?? 'platform services'))].map(
        (name) => ({ name }),
      ),
    },
    defaultContentType: JSON_TYPE,
    servers: SERVERS,
    channels: channels(),
    operations: operations(),
    components: {
      messages: { ...messages, [DEAD_LETTERS]: deadLetter },
      schemas,
      securitySchemes: SECURITY_SCHEMES,
      correlationIds: CORRELATION_IDS,
    },
  };
}

const SERVERS: Json = {
  development: {
    host: '{broker}',
    protocol: 'kafka',
    description: 'A broker on loopback, where everybody may do everything.',
    variables: { broker: { default: 'localhost:9092' } },
  },
  production: {
    host: '{broker}',
    protocol: 'kafka-secure',
    description: 'TLS; one principal a service, and only the owner may write its topic.',
    variables: { broker: { default: 'kafka.example:9093' } },
    security: [{ $ref: '#/components/securitySchemes/scram' }],
  },
};

const SECURITY_SCHEMES: Json = {
  scram: { type: 'scramSha512', description: 'SASL/SCRAM-SHA-512 over TLS.' },
};

const CORRELATION_IDS: Json = {
  correlation: {
    description: 'What the message belongs to: the same through everything that one request leads to.',
    location: '$message.header#/ce_correlationid',
  },
};

const KEY: Json = { type: 'string', minLength: 1, maxLength: 300 };

function messageOf({ type, topic, schema }: MessageType, schemas: Json): Json {
  const example = TELEMETRY_EXAMPLES[type];
  const isTelemetry = topic.name === TOPICS.telemetry.name;
  return {
    name: type,
    title: type,
    contentType: JSON_TYPE,
    headers: { $ref: `#/components/schemas/${isTelemetry ? 'TelemetryHeaders' : 'EventHeaders'}` },
    payload: hoisted(jsonSchemaOf(schema), schemas),
    ...(isTelemetry ? {} : { correlationId: { $ref: '#/components/correlationIds/correlation' } }),
    ...(example === undefined
      ? {}
      : { examples: [{ name: 'example', headers: exampleHeaders(type), payload: example }] }),
    bindings: {
      kafka: {
        key: {
          ...KEY,
          description: 'The integration id, or the stream id where no integration is concerned.',
        },
        bindingVersion: '0.5.0',
      },
    },
  };
}

const exampleHeaders = (type: string): Json => ({
  'content-type': JSON_TYPE,
  ce_specversion: '1.0',
  ce_id: '01976f1e-8f2b-7c11-9d7e-3a5b8c2d4e6f',
  ce_type: type,
  ce_source: 'acme/checkout',
});

/** Its body is what came, byte for byte: it need not be JSON. */
const deadLetter: Json = {
  name: DEAD_LETTERS,
  title: 'The copy of a message that could not be handled',
  contentType: 'application/octet-stream',
  headers: { $ref: '#/components/schemas/DeadLetterHeaders' },
  payload: {},
};

/** Moves `$defs` to the document's components: a reference inside a payload counts from the document's root. */
function hoisted(schema: JsonSchema, schemas: Json): Json {
  const { $defs, $schema: _, ...rest } = rewritten(schema) as Json;
  for (const [name, definition] of Object.entries(($defs as Json | undefined) ?? {}))
    schemas[name] = definition;
  return rest;
}

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : rewritten(inner),
    ]),
  );
}
