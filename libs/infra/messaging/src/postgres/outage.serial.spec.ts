import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestCluster, type TestCluster, testDatabase } from '@kwanus/testing-infra';
import { openPostgresTransport, type PostgresTransport, TransportUnavailable } from '../index.js';

const OUTAGE_MS = 10_000;

describe('PostgreSQL transport', () => {
  let cluster: TestCluster;
  let transport: PostgresTransport;

  beforeAll(async () => {
    cluster = await startTestCluster();
    const { url } = await testDatabase(cluster.url);
    transport = await openPostgresTransport({ url });
  }, 120_000);
  afterAll(async () => {
    await transport.close();
    await cluster.stop();
  }, 60_000);

  it('goes on after its database was killed and gone for 10 s: nothing acknowledged is lost, the trouble is told', async () => {
    await transport.ensureTopics([{ name: 'outage', partitions: 2, retentionMs: -1 }]);
    const got: string[] = [];
    const troubles: unknown[] = [];
    await transport.subscribe({
      group: 'outage',
      topics: ['outage'],
      onTrouble: (error) => troubles.push(error),
      handler: async (batch) => {
        got.push(...batch.map(({ body }) => String(body)));
      },
    });
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    const send = async (text: string): Promise<void> => {
      const sent = transport.send('outage', [{ key: text, headers: {}, body: Buffer.from(text) }]);
      await sent.then(
        () => acknowledged.push(text),
        (error: unknown) => refused.push(error),
      );
    };
    const until = async (holds: () => boolean): Promise<void> => {
      for (const end = Date.now() + 60_000; !holds(); await delay(20))
        if (Date.now() > end) throw new Error('It did not come about in time.');
    };
    for (let nr = 0; nr < 20; nr += 1) await send(`before ${nr}`);
    process.kill(cluster.pid, 'SIGQUIT'); // as a crash: no goodbye, recovery at the next start
    const down = Date.now();
    for (let nr = 0; Date.now() - down < OUTAGE_MS; nr += 1) {
      await send(`during ${nr}`);
      await delay(250);
    }
    await cluster.start();
    await until(
      () => (
        void send(`after ${acknowledged.length}`), acknowledged.some((text) => text.startsWith('after'))
      ),
    );
    await until(() => acknowledged.every((text) => got.includes(text)));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toBeInstanceOf(TransportUnavailable);
    expect(troubles.length).toBeGreaterThan(0);
  }, 120_000);
});
