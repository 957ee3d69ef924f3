import { describe, expect } from '@jest/globals';
import type { BatchControl, ReceivedMessage, Transport } from '@kwanus/messaging';
import {
  expected,
  firstOfEach,
  gate,
  message,
  numbered,
  Recorder,
  type TransportSuite,
} from './transport-suite.js';

/** What was not committed comes again, and members share, take over and die without a loss. */
export function recoveryCases(suite: TransportSuite): void {
  describe('what was not committed', () => {
    suite.test('comes again after a handler failed, and the failure is told', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      await transport.send(topic, numbered('k', 4));
      const recorder = new Recorder();
      const given: string[] = [];
      const handler = async (batch: readonly ReceivedMessage[], control: BatchControl): Promise<void> => {
        given.push(String(Buffer.from(batch[0]?.body ?? [])));
        if (given.length === 1) throw new TypeError('not yet');
        if (given.length === 2) {
          await control.commit((batch[1] as ReceivedMessage).position);
          throw new TypeError('the third one is too much');
        }
        await recorder.handler(batch);
      };
      await suite.join(transport, {
        topics: [topic],
        handler,
        onTrouble: (error) => recorder.troubles.push(error),
      });
      await suite.eventually('the rest', () => recorder.texts.includes('k:4'));
      expect(given.slice(0, 3)).toEqual(['k:1', 'k:1', 'k:3']);
      expect(recorder.texts).toEqual(['k:3', 'k:4']);
      expect(recorder.troubles.map(String).join()).toContain('the third one is too much');
    });

    suite.test('comes to another member after a crash; what was committed does not', async () => {
      const [doomed, heir] = [await suite.connect(), await suite.connect()];
      const topic = await suite.createTopic(heir);
      await heir.send(topic, numbered('k', 6));
      const reached = gate();
      const never = gate();
      await doomed.subscribe({
        group: suite.group(),
        topics: [topic],
        handler: async (batch, control) => {
          await control.commit((batch[1] as ReceivedMessage).position);
          reached.open();
          await never.passed;
        },
      });
      await reached.passed;
      const recorder = await suite.record(heir, topic);
      await suite.crash(doomed);
      never.open();
      await suite.eventually('the heir has the rest', () => recorder.texts.includes('k:6'));
      expect(recorder.texts).toEqual(['k:3', 'k:4', 'k:5', 'k:6']);
    });

    suite.test('is finished and committed by a member that stops; its signal tells it to hurry', async () => {
      const transport = await suite.connect();
      const topic = await suite.createTopic(transport);
      await transport.send(topic, numbered('k', 3));
      const reached = gate();
      let told = false;
      const subscription = await suite.join(transport, {
        topics: [topic],
        maxBatch: 3,
        handler: async (_, { signal }) => {
          reached.open();
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          told = signal.aborted;
        },
      });
      await reached.passed;
      await subscription.stop();
      expect(told).toBe(true);
      await transport.send(topic, numbered('k', 1, 4));
      const next = await suite.record(transport, topic);
      await suite.eventually('only what is new', () => next.texts.includes('k:4'));
      expect(next.texts).toEqual(['k:4']);
    });
  });

  describe('several members', () => {
    suite.test('share the partitions, and take over from one that leaves', async () => {
      const [one, two] = [await suite.connect(), await suite.connect()];
      const topic = await suite.createTopic(one, 4);
      const [left, right] = [new Recorder(), new Recorder()];
      const keys = Array.from({ length: 24 }, (_, index) => `k${index}`);
      await suite.join(one, { topics: [topic], handler: left.handler });
      const leaving = await suite.join(two, { topics: [topic], handler: right.handler });
      await suite.eventually('both work', async () => {
        await one.send(
          topic,
          keys.map((key) => message(key, `${key}:0`)),
        );
        return left.messages.length > 0 && right.messages.length > 0;
      });
      await leaving.stop();
      const before = left.messages.length;
      await one.send(
        topic,
        keys.map((key) => message(key, `${key}:last`)),
      );
      await suite.eventually('one has all', () =>
        keys.every((key) => left.texts.slice(before).includes(`${key}:last`)),
      );
    });

    suite.test('lose nothing and keep the order of every key while members come, go and die', async () => {
      const sender = await suite.connect();
      const topic = await suite.createTopic(sender, 6);
      const group = suite.group('storm');
      const recorder = new Recorder();
      const handler = async (batch: readonly ReceivedMessage[], { signal }: BatchControl): Promise<void> => {
        for (const one of batch) {
          signal.throwIfAborted();
          await recorder.handler([one]);
        }
      };
      const member = async (): Promise<Transport> => {
        const transport = await suite.connect();
        await suite.join(transport, { group, topics: [topic], handler, maxBatch: 10 });
        return transport;
      };
      const keys = ['p', 'q', 'r', 's', 't', 'u', 'v', 'w'];
      const send = async (from: number, to: number): Promise<void> => {
        for (let nr = from; nr <= to; nr += 1)
          await sender.send(
            topic,
            keys.map((key) => message(key, `${key}:${nr}`)),
          );
      };
      await member();
      const [second] = await Promise.all([member(), send(1, 40)]);
      const third = await member();
      await Promise.all([send(41, 80), second.close()]);
      await Promise.all([send(81, 120), suite.crash(third)]);
      await suite.eventually(
        'every message at least once',
        () => new Set(recorder.texts).size >= keys.length * 120,
      );
      for (const key of keys) expect(firstOfEach(recorder.texts, key)).toEqual(expected(key, 120));
    });
  });
}
