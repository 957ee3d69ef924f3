import { randomUUID } from 'node:crypto';
import { openEventLog } from '@kwanus/event-store';

/** This project's log, as a service uses it. */
export async function open({ url, payload }) {
  const log = openEventLog({
    databaseUrl: url,
    migrationUrl: url,
    schema: 'bench',
    clock: { now: () => Date.now() },
    background: false,
    poolSize: 32,
  });
  await log.start();
  const metadata = () => {
    const commandId = randomUUID();
    return {
      actor: { id: 'service:bench', kind: 'service' },
      correlationId: commandId,
      causationId: null,
      commandId,
    };
  };
  return {
    append: (stream, count) =>
      log.store.append({
        streamId: `bench-${stream}`,
        streamType: 'bench',
        routingKey: stream,
        expectedVersion: 'no-stream',
        events: Array.from({ length: count }, () => ({ type: 'Measured', data: payload })),
        metadata: metadata(),
      }),
    load: async (stream) => (await log.store.readStream(`bench-${stream}`)).events.length,
    readAll: async (onBatch) => {
      for (let after = null; ; ) {
        const began = performance.now();
        const events = await log.store.readAll(after, 500);
        if (events.length === 0) return;
        after = events.at(-1).position;
        onBatch(events.length, performance.now() - began);
      }
    },
    close: () => log.stop(),
  };
}
