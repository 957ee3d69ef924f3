import type { Admin } from 'kafkajs';
import { topicEnds } from './topic-ends.js';

/**
 * @param topics those of which the group may have committed nothing yet
 * @returns messages behind the group's committed positions, per `topic/partition`; from the first message where none is committed
 */
export async function groupLag(
  admin: Admin,
  group: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const committed = await admin.fetchOffsets(
    topics.length === 0 ? { groupId: group } : { groupId: group, topics: [...new Set(topics)] },
  );
  const lags = new Map<string, number>();
  for (const { topic, partitions } of committed) {
    const ends = new Map((await topicEnds(admin, topic)).map((end) => [end.partition, end]));
    for (const { partition, offset } of partitions) {
      const end = ends.get(partition);
      if (end === undefined) continue;
      const next = BigInt(offset) < 0n ? BigInt(end.low) : BigInt(offset);
      const behind = BigInt(end.high) - next;
      lags.set(`${topic}/${partition}`, behind > 0n ? Number(behind) : 0);
    }
  }
  return lags;
}
