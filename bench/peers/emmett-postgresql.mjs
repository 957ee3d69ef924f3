import { dumbo, endAllPools } from '@event-driven-io/dumbo';
import { getPostgreSQLEventStore, readMessagesBatch } from '@event-driven-io/emmett-postgresql';

/** The published event store that is nearest to ours. */
export async function open({ url, payload }) {
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  const pool = dumbo({ connectionString: url });
  return {
    append: (stream, count) =>
      store.appendToStream(
        `bench-${stream}`,
        Array.from({ length: count }, () => ({ type: 'Measured', data: payload })),
        { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' },
      ),
    load: async (stream) => (await store.readStream(`bench-${stream}`)).events.length,
    readAll: async (onBatch) => {
      for (let after = 0n; ; ) {
        const began = performance.now();
        const { messages, currentGlobalPosition } = await readMessagesBatch(pool.execute, {
          after,
          batchSize: 500,
        });
        if (messages.length === 0) return;
        after = currentGlobalPosition;
        onBatch(messages.length, performance.now() - began);
      }
    },
    close: async () => {
      await pool.close();
      await store.close();
      await endAllPools();
    },
  };
}
