import { MESSAGE_TYPES } from './registry.js';
import { groupOf, READERS, type ServiceName, TOPICS, type Topic, type TopicName } from './topics.js';

type Json = Record<string, unknown>;

/** Of the channel and of its message. */
export const DEAD_LETTERS = 'dead-letters';

const BINDING = { bindingVersion: '0.5.0' };
/** Everything that reads an owner's topic parks what it can't handle; telemetry is counted instead. */
const PARKING_GROUPS = Object.entries(READERS).flatMap(([service, topics]) =>
  topics
    .filter((topic) => TOPICS[topic].owner !== null)
    .map((topic) => groupOf(service as ServiceName, topic)),
);

/** @returns a channel for each topic, and one for the dead letters of all consumers */
export function channels(): Json {
  const topics = Object.entries(TOPICS).map(([name, topic]) => [name, channel(topic)]);
  return { ...Object.fromEntries(topics), [DEAD_LETTERS]: deadLetterChannel };
}

/** @returns who sends and who receives, service by service */
export function operations(): Json {
  const sends = Object.entries(TOPICS).map(([name, { owner }]) => send(name as TopicName, owner));
  const receives = Object.entries(READERS).flatMap(([service, topics]) =>
    topics.map((topic) => receive(service as ServiceName, topic)),
  );
  return Object.fromEntries([
    ...sends,
    send('telemetry', 'kwanus/monitoring'),
    ...receives,
    ...Object.keys(READERS).map(copy),
  ]);
}

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
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': topic.retentionMs },
        ...BINDING,
      },
    },
  };
}

const deadLetterChannel: Json = {
  address: '{group}.dlq',
  description: 'Copies of what a consumer has parked, for other tools. The table es_parked is the truth.',
  parameters: { group: { description: 'The consumer.', enum: PARKING_GROUPS } },
  messages: { [DEAD_LETTERS]: { $ref: `#/components/messages/${DEAD_LETTERS}` } },
  bindings: {
    kafka: {
      partitions: 1,
      topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': -1 },
      ...BINDING,
    },
  },
};

function send(topic: TopicName, owner: string | null): [string, Json] {
  const who = owner ?? 'platform services';
  return [
    `${who.replace('kwanus/', '').replace(' ', '-')}-sends-${topic}`,
    {
      action: 'send',
      title: `${who} sends ${topic}`,
      tags: [{ name: who }],
      ...messagesOf(topic),
      bindings: { kafka: { clientId: { type: 'string' }, ...BINDING } },
    },
  ];
}

function receive(service: ServiceName, topic: TopicName): [string, Json] {
  return [
    `${service}-receives-${topic}`,
    {
      action: 'receive',
      title: `kwanus/${service} receives ${topic}`,
      tags: [{ name: `kwanus/${service}` }],
      ...messagesOf(topic),
      bindings: {
        kafka: { groupId: { type: 'string', enum: [groupOf(service, topic)] }, ...BINDING },
      },
    },
  ];
}

const copy = (service: string): [string, Json] => [
  `${service}-sends-${DEAD_LETTERS}`,
  {
    action: 'send',
    title: `kwanus/${service} copies what it has parked`,
    tags: [{ name: `kwanus/${service}` }],
    channel: { $ref: `#/channels/${DEAD_LETTERS}` },
    messages: [{ $ref: `#/channels/${DEAD_LETTERS}/messages/${DEAD_LETTERS}` }],
  },
];

const messagesOf = (topic: TopicName): Json => ({
  channel: { $ref: `#/channels/${topic}` },
  messages: typesOf(TOPICS[topic]).map((type) => ({ $ref: `#/channels/${topic}/messages/${type}` })),
});

const typesOf = (topic: Topic): string[] =>
  Object.values(MESSAGE_TYPES)
    .filter((type) => type.topic.name === topic.name)
    .map(({ type }) => type);
