import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { findDistribution } from '@kwanus/broker';
import { sharedBroker, withKafka } from '@kwanus/testing-infra';
import { bodies, KafkaBench, numbered, text, until } from '@kwanus/testing-infra/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { MessageTooLarge } from '../errors.js';
import type { ReceivedMessage } from '../transport.port.js';

const gate = (): { passed: Promise<void>; open: () => void } => {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
};

withKafka('kafkajs', () =>
  describe('a fault of kafkajs is met', () => {
    const bench = new KafkaBench();
    afterEach(() => bench.close(), 60_000);

    it('heartbeats go on during work that takes longer than a session, and other partitions with them', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport, 2);
      const hold = gate();
      const { got, troubles } = await bench.record(transport, topic, {
        handler: async (batch) => {
          if (batch.some(({ partition }) => partition === 0)) await hold.passed;
          got.push(...batch);
        },
      });
      await transport.send(topic, [text(null, 'long')]);
      await delay(5_000);
      const keys = Array.from({ length: 20 }, (_, nr) => `k${nr}`);
      await transport.send(
        topic,
        keys.map((key) => text(key, key)),
      );
      await until('the other partition', () => got.some(({ partition }) => partition === 1));
      hold.open();
      await until('all', () => got.length >= 21);
      expect(new Set(bodies(got)).size).toBe(got.length);
      expect(troubles).toEqual([]);
    }, 60_000);

    it('a partition whose handler keeps failing is tried again, told, and holds up no other', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport, 2);
      const { got, troubles } = await bench.record(transport, topic, {
        handler: async (batch) => {
          if (batch.some(({ partition }) => partition === 0)) throw new TypeError('never on partition 0');
          got.push(...batch);
        },
      });
      await transport.send(topic, [text(null, 'poison'), ...numbered('a', 1, 3), ...numbered('b', 1, 3)]);
      await until('three tries', () => troubles.length >= 3);
      const other = numbered('c', 1, 1).concat(numbered('d', 1, 1), numbered('e', 1, 1), numbered('f', 1, 1));
      await transport.send(topic, other);
      await until('the other partition', () => got.length > 0);
      expect(troubles.every((error) => String(error).includes('never on partition 0'))).toBe(true);
    }, 60_000);

    it('a member that missed its session joins again: nothing is lost, the order holds', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport);
      const { got } = await bench.record(transport, topic, { maxBatch: 5 });
      await transport.send(topic, numbered('k', 1, 10));
      await until('some', () => got.length > 0);
      // Nothing in this process runs, so no heartbeat goes out: the group gives the member up.
      for (const end = Date.now() + 4_000; Date.now() < end; );
      await transport.send(topic, numbered('k', 11, 20));
      await until('all', () => bodies(got).includes('k:20'));
      expect([...new Set(bodies(got))]).toEqual(bodies(numbered('k', 1, 20) as ReceivedMessage[]));
    }, 60_000);

    it('a rebalance in the middle of a batch: a member that keeps its partition does nothing twice', async () => {
      const [one, two] = [await bench.connect(), await bench.connect()];
      const topic = await bench.topic(one, 4);
      const holds = [gate(), gate(), gate(), gate()];
      const reached = new Set<number>();
      const told = new Set<number>();
      const { got } = await bench.record(one, topic, {
        handler: async (batch, { partition, signal }) => {
          reached.add(partition);
          signal.addEventListener('abort', () => told.add(partition));
          await holds[partition]?.passed;
          got.push(...batch);
        },
      });
      const keys = Array.from({ length: 40 }, (_, nr) => `k${nr}`);
      await one.send(
        topic,
        keys.map((key) => text(key, key)),
      );
      await until('a batch of every partition in hand', () => reached.size === 4);
      const joining = bench.record(two, topic);
      await until('every handler is told to hurry', () => told.size === 4);
      for (const hold of holds) hold.open();
      const other = await joining;
      await until('both have partitions', async () => {
        await one.send(
          topic,
          keys.map((key) => text(key, `${key} later`)),
        );
        await delay(200);
        return (
          other.got.length > 0 &&
          keys.every((key) => [...bodies(got), ...bodies(other.got)].includes(`${key} later`))
        );
      });
      const moved = new Set(other.got.map(({ partition }) => partition));
      const kept = got.filter(({ partition }) => !moved.has(partition));
      expect(kept.length).toBeGreaterThan(0);
      const places = kept.map(({ partition, position }) => `${partition}/${position}`);
      expect(new Set(places).size).toBe(places.length);
    }, 60_000);

    const removeUpTo = async (topic: string, offset: string): Promise<void> => {
      const admin = new Kafka({ brokers: [await sharedBroker()], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.fetchTopicOffsets(topic); // or it does not know who leads the partition
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
      await admin.disconnect();
    };

    it('messages that expired while a group was away are told of', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport);
      await transport.send(topic, numbered('k', 1, 2));
      const first = await bench.record(transport, topic);
      await until('two', () => first.got.length === 2);
      await first.subscription.stop();
      await transport.send(topic, numbered('k', 3, 6));
      await removeUpTo(topic, '4');
      const second = await bench.record(transport, topic);
      await until('the rest', () => second.got.length === 2);
      expect(bodies(second.got)).toEqual(['k:5', 'k:6']);
      expect(second.troubles.map(String)).toEqual([expect.stringContaining('positions 2 to 3 were removed')]);
    }, 60_000);

    it('messages that expire before a slow member fetches them are told of, and it goes on', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport);
      const hold = gate();
      const { got, troubles } = await bench.record(transport, topic, {
        maxBatch: 1,
        handler: async (batch) => {
          got.push(...batch);
          await hold.passed;
        },
      });
      const filler = 'x'.repeat(700_000);
      for (let nr = 0; nr < 8; nr += 1) await transport.send(topic, [text('k', `${nr} ${filler}`)]);
      await until('the first', () => got.length === 1);
      await delay(1_000); // what it fetches ahead, three at most, is no loss
      await removeUpTo(topic, '7');
      hold.open();
      await until('the last', () => got.at(-1)?.position === '7');
      expect(got.length).toBeLessThan(8);
      expect(troubles.map(String)).toEqual([expect.stringMatching(/positions [1-5] to 6 were removed/)]);
    }, 60_000);

    it('a group that begins at the latest message begins there once: what came while it was away is not lost', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport);
      await transport.send(topic, numbered('old', 1, 3));
      const first = await bench.record(transport, topic, { from: 'latest' });
      await until(
        'its beginning on record',
        async () => (await transport.lag(topic)).get(`${topic}/0`) === 0,
      );
      await first.subscription.stop();
      await transport.send(topic, numbered('new', 1, 2));
      const second = await bench.record(transport, topic, { from: 'latest' });
      await until('what came meanwhile', () => second.got.length >= 2);
      expect([first.got, bodies(second.got)]).toEqual([[], ['new:1', 'new:2']]);
    }, 60_000);

    it.each(['snappy', 'lz4', 'zstd', 'gzip'])(
      'a client in another language that compresses by %s is read',
      async (codec) => {
        const transport = await bench.connect();
        const topic = await bench.topic(transport);
        const { java, classpath } = findDistribution();
        const { status, stderr } = spawnSync(
          java,
          // prettier-ignore
          [
            '-XX:TieredStopAtLevel=1',
            '-cp',
            classpath,
            'org.apache.kafka.tools.ConsoleProducer',
            '--bootstrap-server',
            await sharedBroker(),
            '--topic',
            topic,
            '--compression-codec',
            codec,
          ],
          { input: 'hello\n'.repeat(50), encoding: 'utf8' },
        );
        expect([status, stderr]).toEqual([0, expect.any(String)]);
        const { got, troubles } = await bench.record(transport, topic);
        await until('all', () => got.length >= 50);
        expect(bodies(got).every((body) => body === 'hello')).toBe(true);
        expect(troubles).toEqual([]);
      },
      60_000,
    );

    it('keys and headers count too: many small messages of one key go through', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport);
      const headers = { long: 'x'.repeat(1_500) };
      const calls = Array.from({ length: 3 }, (_, call) =>
        transport.send(
          topic,
          numbered('k', call * 1_000 + 1, (call + 1) * 1_000).map((message) => ({ ...message, headers })),
        ),
      );
      await Promise.all(calls);
      const { got } = await bench.record(transport, topic);
      await until('all', () => got.length >= 3_000);
      expect(bodies(got)).toEqual(bodies(numbered('k', 1, 3_000) as ReceivedMessage[]));
    }, 60_000);

    it('a message that is too large is refused by itself: what is sent with it goes through', async () => {
      const transport = await bench.connect();
      const topic = await bench.topic(transport);
      const [small, large] = await Promise.allSettled([
        transport.send(topic, [text('k', 'small')]),
        transport.send(topic, [text('k', 'x'.repeat(1_100_000))]),
      ]);
      expect(small.status).toBe('fulfilled');
      expect(large).toMatchObject({ status: 'rejected', reason: expect.any(MessageTooLarge) });
      const { got } = await bench.record(transport, topic);
      await until('the small one', () => got.length > 0);
      expect(bodies(got)).toEqual(['small']);
    }, 60_000);
  }),
);
