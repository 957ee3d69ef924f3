import kafkajs, { type Admin } from 'kafkajs';
import { TopicMismatch, UnknownTopic } from '../errors.js';
import type { TopicSpecification } from '../transport.port.js';

// Node finds only some of a CommonJS module's names (kafkajs's index ends with a spread, which hides those before it).
const { ConfigResourceTypes } = kafkajs;

/**
 * Creates the topics that are missing and compares those that are there.
 * @throws TopicMismatch when one has another number of partitions or another retention than the code says
 */
export async function ensureTopics(admin: Admin, wanted: readonly TopicSpecification[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter(({ name }) => !existing.has(name));
  if (missing.length > 0)
    // False when another process was quicker: what it made is compared like any other.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ name, partitions, retentionMs }) => ({
        topic: name,
        numPartitions: partitions,
        configEntries: [{ name: 'retention.ms', value: String(retentionMs) }],
      })),
    });
  await compare(admin, wanted);
}

/**
 * @returns the number of partitions
 * @throws UnknownTopic
 */
export async function partitionsOf(admin: Admin, topic: string): Promise<number> {
  if (!(await admin.listTopics()).includes(topic)) throw new UnknownTopic(topic);
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}

async function compare(admin: Admin, wanted: readonly TopicSpecification[]): Promise<void> {
  const names = wanted.map(({ name }) => name);
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const found = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  const retention = await retentionOf(admin, names);
  for (const { name, partitions, retentionMs } of wanted) {
    const [has, keeps] = [found.get(name) ?? 0, retention.get(name) ?? ''];
    if (has !== partitions) throw mismatch(name, `has ${has} partitions, and ${partitions} are needed`);
    if (keeps !== String(retentionMs))
      throw mismatch(name, `keeps messages for ${keeps} ms, and ${retentionMs} are needed (-1: for ever)`);
  }
}

async function retentionOf(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms'],
    })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [resourceName, configEntries[0]?.configValue ?? '']),
  );
}

function mismatch(topic: string, difference: string): TopicMismatch {
  return new TopicMismatch(
    `The topic "${topic}" ${difference}. Both are fixed at its creation: move its messages to a new topic, or mend what made it.`,
  );
}
