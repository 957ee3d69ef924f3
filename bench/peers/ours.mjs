import { randomUUID } from 'node:crypto';
import { openEventLog } from '@kwanus/event-store';
import pg from 'pg';

const FILL = `SELECT bench.es_append_several('default', 'bench-filled' || s, 'bench', 'filled' || s, 0, gen_random_uuid(),
    gen_random_uuid(), NULL, NULL, array_agg(uuidv7()), array_agg('Measured'::text), array_agg(1), array_agg($3::text),
    array_agg('{"actor":{"id":"service:bench","kind":"service"}}'::text))
  FROM generate_series($1::int, $2::int) s, generate_series(1, 100) GROUP BY s`;

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
        const { events } = await log.store.readAll(after, 500);
        if (events.length === 0) return;
        after = events.at(-1).position;
        onBatch(events.length, performance.now() - began);
      }
    },
    /** Streams of 100 events each, appended inside the database by the very function that appends: true rows, chained. */
    fill: async (events) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (let first = 1; first <= events / 100; first += 100)
        await client.query(FILL, [first, Math.min(first + 99, events / 100), JSON.stringify(payload)]);
      await client.query('ANALYZE bench.es_event, bench.es_stream');
      const { rows } = await client.query('SELECT count(*)::int AS filled FROM bench.es_event');
      if (rows[0].filled !== events) throw new Error(`${rows[0].filled} of ${events} events were filled in`);
      await client.end();
    },
    close: () => log.stop(),
  };
}
