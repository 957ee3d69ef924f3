import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { TransportUnavailable } from '../errors.js';
import { topicEnds } from './topic-ends.js';

type CreateAdmin = (surroundings: object) => Parameters<typeof topicEnds>[0];
/** The admin client of kafkajs itself, over a cluster of which a topic has lost its leaders. */
const createAdmin = createRequire(import.meta.url)('kafkajs/src/admin') as CreateAdmin;

describe('the ends of a topic', () => {
  it('are not known while partitions have no leader: that is told, and kafkajs’s TypeError stays its cause', async () => {
    const log = { namespace: () => log, info: () => undefined, error: () => undefined };
    const cluster = {
      addTargetTopic: () => undefined,
      refreshMetadataIfNecessary: () => undefined,
      findTopicPartitionMetadata: () => [{ partitionId: 0 }],
      fetchTopicsOffset: () => [],
    };
    const admin = createAdmin({ logger: log, cluster, retry: { retries: 0 } });
    const asked = topicEnds(admin, 'kwanus.integration');
    await expect(asked).rejects.toThrow(TransportUnavailable);
    await expect(asked).rejects.toMatchObject({
      message: 'kwanus.integration has a partition without a leader at the moment.',
      cause: expect.any(TypeError),
    });
  });
});
