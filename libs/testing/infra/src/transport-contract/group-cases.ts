import { describe, expect } from '@jest/globals';
import type { BatchControl, ReceivedMessage } from '@kwanus/messaging';
import { gate, message, numbered, Recorder, type TransportSuite } from './transport-suite.js';

/** What a consumer group promises: where it begins, what it has read, how far it is behind. */
export function groupCases(suite: TransportSuite): void {
  describe('a group', () => {
    suite.test('begins at the earliest message, or at the latest when it asks for that', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      await transport.send(topic, numbered('old', 2));
      const early = await suite.record(transport, topic, { group: suite.group('early') });
      const late = await suite.record(transport, topic, { group: suite.group('late'), from: 'latest' });
      await suite.eventually('the old ones', () => early.texts.length >= 2);
      await suite.eventually('the late group reads', async () => {
        await transport.send(topic, [message('new', 'new:1')]);
        return late.texts.length > 0;
      });
      expect(late.texts.every((entry) => entry === 'new:1')).toBe(true);
      expect(early.texts.slice(0, 2)).toEqual(['old:1', 'old:2']);
    });

    suite.test('goes on where it stopped', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      const first = new Recorder();
      const subscription = await suite.join(transport, { topics: [topic], handler: first.handler });
      await transport.send(topic, numbered('k', 3));
      await suite.eventually('three', () => first.messages.length >= 3);
      await subscription.stop();
      await transport.send(topic, numbered('k', 2, 4));
      const second = await suite.record(transport, topic);
      await suite.eventually('the rest', () => second.texts.includes('k:5'));
      expect(second.texts).toEqual(['k:4', 'k:5']);
      expect(first.texts).toEqual(['k:1', 'k:2', 'k:3']);
    });

    suite.test('has a position of its own', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      await transport.send(topic, numbered('k', 3));
      const one = await suite.record(transport, topic, { group: suite.group('one') });
      const two = await suite.record(transport, topic, { group: suite.group('two') });
      await suite.eventually('both', () => one.texts.length >= 3 && two.texts.length >= 3);
      expect(one.texts).toEqual(two.texts);
    });

    suite.test('knows how far it is behind', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      const group = suite.group('lag');
      await transport.send(topic, numbered('k', 5));
      const hold = gate();
      const handler = async (_: readonly ReceivedMessage[], control: BatchControl): Promise<void> => {
        if (!control.signal.aborted) await hold.passed;
      };
      await suite.join(transport, { group, topics: [topic], handler });
      await suite.eventually('five behind', async () => (await transport.lag(group)).get(`${topic}/0`) === 5);
      hold.open();
      await suite.eventually(
        'nothing behind',
        async () => (await transport.lag(group)).get(`${topic}/0`) === 0,
      );
    });
  });
}
