import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { TopicMismatch, UnknownTopic } from '../errors.js';
import type { TopicSpecification } from '../transport.port.js';
import { isSettling } from './faults.js';

/** What is asked of the brokers about topics. */
export type TopicAdmin = Pick<
  Admin,
  'listTopics' | 'createTopics' | 'fetchTopicMetadata' | 'describeConfigs'
>;

/** So long the brokers may take to learn of a topic that was made, milliseconds. */
const SETTLING_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** What every topic is made with, whatever the broker's own defaults are. */
const FIXED = {
  'cleanup.policy': 'delete',
  'retention.bytes': '-1',
  // kafkajs reads gzip only, and one message in another compression ends its consumer: the broker takes off what a client in another
  // language puts on.
  'compression.type': 'uncompressed',
  // By the broker's clock: a producer whose own is off must neither be refused nor have its messages expire at once.
  'message.timestamp.type': 'LogAppendTime',
} as const;

/**
 * Creates the topics that are missing and compares those that are there.
 * @throws TopicMismatch when one has another number of partitions or is kept in another way than the code says
 */
export async function ensureTopics(
  admin: TopicAdmin,
  wanted: readonly TopicSpecification[],
  settlingMs = SETTLING_MS,
): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter(({ name }) => !existing.has(name));
  if (missing.length > 0)
    // False when another process was quicker: what it made is compared like any other.
    await admin.createTopics({
      waitForLeaders: false, // the brokers are asked below, by who made it and by who came too late
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        configEntries: Object.entries(settingsOf(topic)).map(([name, value]) => ({ name, value })),
      })),
    });
  await whenSettled(() => compare(admin, wanted), Date.now() + settlingMs);
}

async function whenSettled(look: () => Promise<void>, until: number): Promise<void> {
  for (;;)
    try {
      return await look();
    } catch (error) {
      if (!isSettling(error) || Date.now() >= until) throw error;
      await delay(LOOK_EVERY_MS);
    }
}

/**
 * @returns the number of partitions
 * @throws UnknownTopic
 */
export async function partitionsOf(admin: TopicAdmin, topic: string): Promise<number> {
  if (!(await admin.listTopics()).includes(topic)) throw new UnknownTopic(topic);
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}

const settingsOf = ({ retentionMs }: TopicSpecification): Readonly<Record<string, string>> => ({
  ...FIXED,
  'retention.ms': String(retentionMs),
});

async function compare(admin: TopicAdmin, wanted: readonly TopicSpecification[]): Promise<void> {
  const names = wanted.map(({ name }) => name);
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
  const settings = await settingsFound(admin, names);
  const differences = wanted.flatMap((topic) => {
    const found = partitions.get(topic.name) ?? 0;
    return [
      ...(found === topic.partitions ? [] : [partitionsDiffer(topic, found)]),
      ...settingsDiffer(topic, settings.get(topic.name) ?? new Map()),
    ];
  });
  if (differences.length > 0) throw new TopicMismatch(differences.join(' '));
}

const partitionsDiffer = ({ name, partitions }: TopicSpecification, found: number): string =>
  `The topic "${name}" has ${found} partitions, and ${partitions} are needed. Their number decides which key goes where, so it can't be changed: move the messages to a topic that has as many, or delete it where nothing is lost by that.`;

function settingsDiffer(topic: TopicSpecification, found: ReadonlyMap<string, string>): string[] {
  const wrong = Object.entries(settingsOf(topic)).filter(([name, value]) => found.get(name) !== value);
  if (wrong.length === 0) return [];
  const is = wrong.map(([name]) => `${name}=${found.get(name) ?? 'unknown'}`).join(', ');
  const must = wrong.map(([name, value]) => `${name}=${value}`).join(',');
  return [
    `The topic "${topic.name}" has ${is}, and ${must} is needed: kafka-configs.sh --alter --topic ${topic.name} --add-config ${must}.`,
  ];
}

async function settingsFound(
  admin: TopicAdmin,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms', ...Object.keys(FIXED)],
    })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}
