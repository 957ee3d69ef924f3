import { EventHeaders, TelemetryHeaders } from './envelope.js';
import { type JsonSchema, jsonSchemaOf } from './json-schemas.js';
import { MESSAGE_TYPES, type MessageType } from './registry.js';
import { TOPICS, type Topic } from './topics.js';

type Json = Record<string, unknown>;

/** Of the document; the messages carry their own. */
const VERSION = '0.1.0';

const channelOf = ({ name }: Topic): string => name.replace('kwanus.', '');

/** @returns the AsyncAPI 3.0 document of everything that goes over the transport; served at /asyncapi.json */
export function asyncApiDocument(version = VERSION): Json {
  const schemas: Json = {};
  const messages = Object.fromEntries(
    Object.values(MESSAGE_TYPES).map((type) => [type.type, messageOf(type, schemas)]),
  );
  schemas['EventHeaders'] = hoisted(jsonSchemaOf(EventHeaders), schemas);
  schemas['TelemetryHeaders'] = hoisted(jsonSchemaOf(TelemetryHeaders), schemas);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'KWANUS partner integration',
      version,
      description:
        'CloudEvents 1.0, binary mode of the Kafka protocol binding. The key is the integration id.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(Object.values(TOPICS).map((topic) => [channelOf(topic), channel(topic)])),
    operations: Object.fromEntries(Object.values(TOPICS).flatMap(operations)),
    components: { messages, schemas },
  };
}

function messageOf({ type, topic, schema }: MessageType, schemas: Json): Json {
  const headers = topic.name === TOPICS.telemetry.name ? 'TelemetryHeaders' : 'EventHeaders';
  return {
    name: type,
    title: type,
    contentType: 'application/json',
    headers: { $ref: `#/components/schemas/${headers}` },
    payload: hoisted(jsonSchemaOf(schema), schemas),
  };
}

const typesOf = (topic: Topic): string[] =>
  Object.values(MESSAGE_TYPES)
    .filter((type) => type.topic.name === topic.name)
    .map(({ type }) => type);

function channel(topic: Topic): Json {
  return {
    address: topic.name,
    description:
      topic.owner === null ? 'Written by platform services.' : `Written by ${topic.owner} and nobody else.`,
    messages: Object.fromEntries(
      typesOf(topic).map((type) => [type, { $ref: `#/components/messages/${type}` }]),
    ),
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: { 'retention.ms': topic.retentionMs },
      },
    },
  };
}

function operations(topic: Topic): [string, Json][] {
  const channel = { $ref: `#/channels/${channelOf(topic)}` };
  const messages = typesOf(topic).map((type) => ({
    $ref: `#/channels/${channelOf(topic)}/messages/${type}`,
  }));
  const title = channelOf(topic);
  return [
    [`send-${title}`, { action: 'send', channel, messages }],
    [`receive-${title}`, { action: 'receive', channel, messages }],
  ];
}

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
