import { describe, expect, it } from '@jest/globals';
import { KafkaJSProtocolError } from 'kafkajs';
import { ensureTopics, type TopicAdmin } from './topics.js';

const SETTINGS = {
  'cleanup.policy': 'delete',
  'retention.bytes': '-1',
  'compression.type': 'uncompressed',
  'message.timestamp.type': 'LogAppendTime',
  'retention.ms': '-1',
};
const WANTED = [{ name: 'new', partitions: 1, retentionMs: -1 }];

const protocolError = (type: string, message: string): Error =>
  new KafkaJSProtocolError(Object.assign(new Error(message), { type, code: 3 }));
const UNKNOWN = protocolError('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition');
const NO_LEADER = protocolError('LEADER_NOT_AVAILABLE', 'There is no leader for this topic-partition');

/** Brokers that learn of a topic some time after the controller has made it: as kafkajs meets them. */
function slowBrokers(...failures: Error[]): TopicAdmin & { readonly looks: () => number } {
  let looks = 0;
  const look = async <T>(answer: T): Promise<T> => {
    looks += 1;
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return answer;
  };
  const partition = { partitionErrorCode: 0, partitionId: 0, leader: 1, replicas: [1], isr: [1] };
  return {
    looks: () => looks,
    listTopics: async () => [],
    createTopics: async ({ waitForLeaders = true }) => {
      if (waitForLeaders) await look(true);
      return true;
    },
    fetchTopicMetadata: () => look({ topics: [{ name: 'new', partitions: [partition] }] }),
    describeConfigs: () =>
      look({
        throttleTime: 0,
        resources: [
          {
            resourceName: 'new',
            resourceType: 2,
            errorCode: 0,
            errorMessage: '',
            configEntries: Object.entries(SETTINGS).map(([configName, configValue]) => ({
              configName,
              configValue,
              isDefault: false,
              configSource: 1,
              isSensitive: false,
              readOnly: false,
              configSynonyms: [],
            })),
          },
        ],
      }),
  };
}

describe('ensureTopics', () => {
  it('waits until the brokers know a topic that was just made, and who leads it', async () => {
    const brokers = slowBrokers(UNKNOWN, NO_LEADER, UNKNOWN);
    await ensureTopics(brokers, WANTED);
    expect(brokers.looks()).toBe(5);
  });

  it('gives up within its time, with what the brokers said last', async () => {
    await expect(ensureTopics(slowBrokers(UNKNOWN), WANTED, 0)).rejects.toThrow('does not host');
  });

  it('waits for nothing else', async () => {
    const brokers = slowBrokers(protocolError('TOPIC_AUTHORIZATION_FAILED', 'Not authorized'));
    await expect(ensureTopics(brokers, WANTED)).rejects.toThrow('Not authorized');
    expect(brokers.looks()).toBe(1);
  });
});
