import type { Admin } from 'kafkajs';
import { TransportUnavailable } from '../errors.js';

type TopicEnds = Awaited<ReturnType<Admin['fetchTopicOffsets']>>;

/**
 * The first and the next position of each partition of a topic. kafkajs 2.2.4 fails with a TypeError where a partition has no leader
 * at the moment, as while a broker starts.
 * @throws TransportUnavailable then
 */
export async function topicEnds(admin: Admin, topic: string): Promise<TopicEnds> {
  try {
    return await admin.fetchTopicOffsets(topic);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TransportUnavailable(`${topic} has a partition without a leader at the moment.`, {
      cause: error,
    });
  }
}
