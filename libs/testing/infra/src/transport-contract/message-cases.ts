import { describe, expect } from '@jest/globals';
import { type ReceivedMessage, TopicBeganAnew, type TransportMessage } from '@kwanus/messaging';
import { expected, firstOfEach, message, numbered, type TransportSuite } from './transport-suite.js';

/** Topics, and what a message keeps on its way: content, position, partition, order. */
export function messageCases(suite: TransportSuite): void {
  describe('topics', () => {
    suite.test('are created once and found again', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport, 3);
      await transport.ensureTopics([{ name: topic, partitions: 3, retentionMs: -1 }]);
    });

    suite.test('are refused with another number of partitions', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport, 3);
      await expect(transport.ensureTopics([{ name: topic, partitions: 4, retentionMs: -1 }])).rejects.toThrow(
        topic,
      );
    });
  });

  describe('a message', () => {
    suite.test('arrives as it was sent, whatever is in it', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      const sent: TransportMessage[] = [
        message('kéy ✓', '{"ä":"😀"}', { ce_id: '1', 'x-ünï': 'wërt\n"' }),
        { key: null, headers: {}, body: Buffer.from([0, 255, 254, 10]) },
        { key: 'tomb', headers: { a: '' }, body: null },
      ];
      await transport.send(topic, sent);
      const recorder = await suite.record(transport, topic);
      await suite.eventually('three messages', () => recorder.messages.length >= 3);
      const got = recorder.messages.map(({ key, headers, body }) => ({
        key,
        headers,
        body: body && [...body],
      }));
      expect(got).toEqual(sent.map((one) => ({ ...one, body: one.body && [...one.body] })));
    });

    suite.test('names topic, partition and a position by which it can be found again', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      await transport.send(topic, numbered('k', 5));
      const first = await suite.record(transport, topic, { group: suite.group('first') });
      await suite.eventually('five messages', () => first.messages.length >= 5);
      const third = first.messages[2] as ReceivedMessage;
      const fourth = first.messages[3] as ReceivedMessage;
      expect(third).toMatchObject({ topic, partition: 0 });
      expect(transport.comparePositions(third.position, fourth.position)).toBeLessThan(0);
      const again = await suite.record(transport, topic, { startAt: async () => third.position });
      const after = await suite.record(transport, topic, {
        group: suite.group('after'),
        startAt: async () => transport.positionAfter(third.position),
      });
      await suite.eventually('the rest twice', () => again.texts.length >= 3 && after.texts.length >= 2);
      expect(again.texts).toEqual(['k:3', 'k:4', 'k:5']);
      expect(after.texts).toEqual(['k:4', 'k:5']);
    });

    suite.test(
      'is read from the first one on where its reader stands beyond the last: the topic was made anew',
      async () => {
        const transport = await suite.connect();
        const topic = await suite.createTopic(transport);
        await transport.send(topic, numbered('k', 3));
        const ends: string[] = [];
        const recorder = await suite.record(transport, topic, {
          startAt: async (_topic, _partition, end) => {
            ends.push(end);
            return transport.positionAfter(end);
          },
        });
        await suite.eventually('three messages', () => recorder.messages.length >= 3);
        expect(recorder.texts).toEqual(expected('k', 3));
        expect(ends[0]).toBe(transport.positionAfter(String(recorder.messages[2]?.position)));
        expect(recorder.troubles).toEqual([expect.any(TopicBeganAnew)]);
      },
    );

    suite.test('goes to the same partition as every other of its key, whoever sends it', async () => {
      const [one, two] = [await suite.connect(), await suite.connect()];
      const topic = await suite.createTopic(one, 6);
      const keys = Array.from({ length: 20 }, (_, index) => `acme.crm-${index}`);
      await one.send(
        topic,
        keys.map((key) => message(key, key)),
      );
      await two.send(
        topic,
        [...keys].reverse().map((key) => message(key, key)),
      );
      const recorder = await suite.record(one, topic);
      await suite.eventually('all of both', () => recorder.messages.length >= 40);
      for (const key of keys)
        expect(new Set(recorder.messages.filter((m) => m.key === key).map((m) => m.partition)).size).toBe(1);
      expect(new Set(recorder.messages.map(({ partition }) => partition)).size).toBeGreaterThan(1);
    });
  });

  describe('order and completeness', () => {
    suite.test('keeps the order of a key over calls that nobody waited for', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport, 3);
      const keys = ['a', 'b', 'c', 'd', 'e'];
      const calls = Array.from({ length: 60 }, (_, index) =>
        transport.send(
          topic,
          keys.map((key) => message(key, `${key}:${index + 1}`)),
        ),
      );
      await Promise.all(calls);
      const recorder = await suite.record(transport, topic);
      await suite.eventually('all', () => recorder.messages.length >= 300);
      for (const key of keys) expect(firstOfEach(recorder.texts, key)).toEqual(expected(key, 60));
    });

    suite.test('loses nothing while several send and somebody reads at the same time', async () => {
      const senders = [await suite.connect(), await suite.connect(), await suite.connect()];
      const reader = await suite.connect();
      const topic = await suite.createTopic(reader, 2);
      const recorder = await suite.record(reader, topic, { maxBatch: 7 });
      await Promise.all(
        senders.map(async (sender, who) => {
          for (let nr = 1; nr <= 80; nr += 1) await sender.send(topic, [message(`s${who}`, `s${who}:${nr}`)]);
        }),
      );
      await suite.eventually('all of all', () => new Set(recorder.texts).size >= 240);
      for (const who of [0, 1, 2]) {
        const key = `s${who}`;
        expect(recorder.texts.filter((entry) => entry.startsWith(`${key}:`))).toEqual(expected(key, 80));
      }
    });

    suite.test('gives batches no larger than asked for, one of a partition at a time', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      await transport.send(topic, numbered('k', 25));
      let inHand = 0;
      let most = 0;
      const sizes: number[] = [];
      const handler = async (batch: readonly ReceivedMessage[]): Promise<void> => {
        inHand += 1;
        most = Math.max(most, inHand);
        sizes.push(batch.length);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inHand -= 1;
      };
      await suite.join(transport, { topics: [topic], handler, maxBatch: 4 });
      await suite.eventually('25', () => sizes.reduce((sum, size) => sum + size, 0) >= 25);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
      expect(most).toBe(1);
    });
  });
}
