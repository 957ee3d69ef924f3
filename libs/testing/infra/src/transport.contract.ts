import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  BatchControl,
  ReceivedMessage,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportMessage,
} from '@kwanus/messaging';

/** What the suite needs of an adapter beyond its port. */
export interface TransportHarness {
  /** Another transport on the same broker, as a process of its own would have. */
  readonly open: () => Promise<Transport>;
  /** The process that holds this transport is killed: no goodbye, nothing more is committed. */
  readonly crashMember: (transport: Transport) => Promise<void>;
  /** How long to wait for what must come, in milliseconds: covers a rebalance after a crash. */
  readonly patience: number;
  readonly close: () => Promise<void>;
}

/** What one member of a group was given. */
class Recorder {
  readonly messages: ReceivedMessage[] = [];
  readonly troubles: unknown[] = [];
  readonly batches: number[] = [];

  readonly handler = async (batch: readonly ReceivedMessage[]): Promise<void> => {
    this.batches.push(batch.length);
    this.messages.push(...batch);
  };

  get texts(): string[] {
    return this.messages.map(text);
  }
}

const message = (
  key: string | null,
  body: string,
  headers: Record<string, string> = {},
): TransportMessage => ({
  key,
  headers,
  body: Buffer.from(body),
});
const text = ({ body }: { body: Uint8Array | null }): string =>
  body === null ? '' : Buffer.from(body).toString();
const numbered = (key: string, count: number, from = 1): TransportMessage[] =>
  Array.from({ length: count }, (_, index) => message(key, `${key}:${from + index}`));
const expected = (key: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${key}:${index + 1}`);
const firstOfEach = (texts: readonly string[], key: string): string[] => [
  ...new Set(texts.filter((entry) => entry.startsWith(`${key}:`))),
];

/** How long one case may take, however patient the harness is. */
const BOUND = 180_000;

/** A promise and its resolver. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** What every transport must keep. Not promised, so not asserted: order across keys, the moment of a rebalance, no duplicates. */
export function transportContract(name: string, makeHarness: () => Promise<TransportHarness>): void {
  describe(`${name} keeps the transport contract`, () => {
    let harness: TransportHarness;
    let topics = 0;
    const run = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
    const open: Transport[] = [];
    const subscriptions: Subscription[] = [];

    beforeAll(async () => {
      harness = await makeHarness();
    }, 120_000);
    afterEach(async () => {
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
      await Promise.all(open.splice(0).map((transport) => transport.close()));
    }, 60_000);
    afterAll(() => harness.close(), 60_000);

    const test = (title: string, work: () => Promise<void>): void => it(title, work, BOUND);
    const connect = async (): Promise<Transport> => {
      const transport = await harness.open();
      open.push(transport);
      return transport;
    };
    const createTopic = async (transport: Transport, partitions = 1): Promise<string> => {
      topics += 1;
      const topic = `contract.${run}.${topics}`;
      await transport.ensureTopics([{ name: topic, partitions, retentionMs: -1 }]);
      return topic;
    };
    const join = async (
      transport: Transport,
      options: Omit<SubscribeOptions, 'group'> & { group?: string },
    ): Promise<Subscription> => {
      const subscription = await transport.subscribe({ group: `group.${run}.${topics}`, ...options });
      subscriptions.push(subscription);
      return subscription;
    };
    const record = async (
      transport: Transport,
      topic: string,
      options: Partial<SubscribeOptions> = {},
    ): Promise<Recorder> => {
      const recorder = new Recorder();
      await join(transport, {
        topics: [topic],
        handler: recorder.handler,
        onTrouble: (error) => recorder.troubles.push(error),
        ...options,
      });
      return recorder;
    };
    const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
      const until = Date.now() + harness.patience;
      while (!(await holds())) {
        if (Date.now() > until) throw new Error(`Not within ${harness.patience} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    describe('topics', () => {
      test('are created once and found again', async () => {
        const transport = await connect();
        const topic = await createTopic(transport, 3);
        await transport.ensureTopics([{ name: topic, partitions: 3, retentionMs: -1 }]);
      });

      test('are refused with another number of partitions', async () => {
        const transport = await connect();
        const topic = await createTopic(transport, 3);
        await expect(
          transport.ensureTopics([{ name: topic, partitions: 4, retentionMs: -1 }]),
        ).rejects.toThrow(topic);
      });
    });

    describe('a message', () => {
      test('arrives as it was sent, whatever is in it', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        const sent: TransportMessage[] = [
          message('kéy ✓', '{"ä":"😀"}', { ce_id: '1', 'x-ünï': 'wërt\n"' }),
          { key: null, headers: {}, body: Buffer.from([0, 255, 254, 10]) },
          { key: 'tomb', headers: { a: '' }, body: null },
        ];
        await transport.send(topic, sent);
        const recorder = await record(transport, topic);
        await eventually('three messages', () => recorder.messages.length >= 3);
        const got = recorder.messages.map(({ key, headers, body }) => ({
          key,
          headers,
          body: body && [...body],
        }));
        expect(got).toEqual(sent.map((one) => ({ ...one, body: one.body && [...one.body] })));
      });

      test('names topic, partition and a position by which it can be found again', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        await transport.send(topic, numbered('k', 5));
        const first = await record(transport, topic, { group: `first.${run}.${topics}` });
        await eventually('five messages', () => first.messages.length >= 5);
        const third = first.messages[2] as ReceivedMessage;
        const fourth = first.messages[3] as ReceivedMessage;
        expect(third).toMatchObject({ topic, partition: 0 });
        expect(transport.comparePositions(third.position, fourth.position)).toBeLessThan(0);
        const again = await record(transport, topic, { startAt: async () => third.position });
        const after = await record(transport, topic, {
          group: `after.${run}.${topics}`,
          startAt: async () => transport.positionAfter(third.position),
        });
        await eventually('the rest twice', () => again.texts.length >= 3 && after.texts.length >= 2);
        expect(again.texts).toEqual(['k:3', 'k:4', 'k:5']);
        expect(after.texts).toEqual(['k:4', 'k:5']);
      });

      test('goes to the same partition as every other of its key, whoever sends it', async () => {
        const [one, two] = [await connect(), await connect()];
        const topic = await createTopic(one, 6);
        const keys = Array.from({ length: 20 }, (_, index) => `acme.crm-${index}`);
        await one.send(
          topic,
          keys.map((key) => message(key, key)),
        );
        await two.send(
          topic,
          [...keys].reverse().map((key) => message(key, key)),
        );
        const recorder = await record(one, topic);
        await eventually('all of both', () => recorder.messages.length >= 40);
        for (const key of keys)
          expect(new Set(recorder.messages.filter((m) => m.key === key).map((m) => m.partition)).size).toBe(
            1,
          );
        expect(new Set(recorder.messages.map(({ partition }) => partition)).size).toBeGreaterThan(1);
      });
    });

    describe('order and completeness', () => {
      test('keeps the order of a key over calls that nobody waited for', async () => {
        const transport = await connect();
        const topic = await createTopic(transport, 3);
        const keys = ['a', 'b', 'c', 'd', 'e'];
        const calls = Array.from({ length: 60 }, (_, index) =>
          transport.send(
            topic,
            keys.map((key) => message(key, `${key}:${index + 1}`)),
          ),
        );
        await Promise.all(calls);
        const recorder = await record(transport, topic);
        await eventually('all', () => recorder.messages.length >= 300);
        for (const key of keys) expect(firstOfEach(recorder.texts, key)).toEqual(expected(key, 60));
      });

      test('loses nothing while several send and somebody reads at the same time', async () => {
        const senders = [await connect(), await connect(), await connect()];
        const reader = await connect();
        const topic = await createTopic(reader, 2);
        const recorder = await record(reader, topic, { maxBatch: 7 });
        await Promise.all(
          senders.map(async (sender, who) => {
            for (let nr = 1; nr <= 80; nr += 1)
              await sender.send(topic, [message(`s${who}`, `s${who}:${nr}`)]);
          }),
        );
        await eventually('all of all', () => new Set(recorder.texts).size >= 240);
        for (const who of [0, 1, 2]) {
          const key = `s${who}`;
          expect(recorder.texts.filter((entry) => entry.startsWith(`${key}:`))).toEqual(expected(key, 80));
        }
      });

      test('gives batches no larger than asked for, one of a partition at a time', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
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
        await join(transport, { topics: [topic], handler, maxBatch: 4 });
        await eventually('25', () => sizes.reduce((sum, size) => sum + size, 0) >= 25);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
        expect(most).toBe(1);
      });
    });

    describe('a group', () => {
      test('begins at the earliest message, or at the latest when it asks for that', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        await transport.send(topic, numbered('old', 2));
        const early = await record(transport, topic, { group: `early.${run}.${topics}` });
        const late = await record(transport, topic, { group: `late.${run}.${topics}`, from: 'latest' });
        await eventually('the old ones', () => early.texts.length >= 2);
        await eventually('the late group reads', async () => {
          await transport.send(topic, [message('new', 'new:1')]);
          return late.texts.length > 0;
        });
        expect(late.texts.every((entry) => entry === 'new:1')).toBe(true);
        expect(early.texts.slice(0, 2)).toEqual(['old:1', 'old:2']);
      });

      test('goes on where it stopped', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        const first = new Recorder();
        const subscription = await join(transport, { topics: [topic], handler: first.handler });
        await transport.send(topic, numbered('k', 3));
        await eventually('three', () => first.messages.length >= 3);
        await subscription.stop();
        await transport.send(topic, numbered('k', 2, 4));
        const second = await record(transport, topic);
        await eventually('the rest', () => second.texts.includes('k:5'));
        expect(second.texts).toEqual(['k:4', 'k:5']);
        expect(first.texts).toEqual(['k:1', 'k:2', 'k:3']);
      });

      test('has a position of its own', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        await transport.send(topic, numbered('k', 3));
        const one = await record(transport, topic, { group: `one.${run}.${topics}` });
        const two = await record(transport, topic, { group: `two.${run}.${topics}` });
        await eventually('both', () => one.texts.length >= 3 && two.texts.length >= 3);
        expect(one.texts).toEqual(two.texts);
      });

      test('knows how far it is behind', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        const group = `lag.${run}.${topics}`;
        await transport.send(topic, numbered('k', 5));
        const hold = gate();
        const handler = async (_: readonly ReceivedMessage[], control: BatchControl): Promise<void> => {
          if (!control.signal.aborted) await hold.passed;
        };
        await join(transport, { group, topics: [topic], handler });
        await eventually('five behind', async () => (await transport.lag(group)).get(`${topic}/0`) === 5);
        hold.open();
        await eventually('nothing behind', async () => (await transport.lag(group)).get(`${topic}/0`) === 0);
      });
    });

    describe('what was not committed', () => {
      test('comes again after a handler failed, and the failure is told', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        await transport.send(topic, numbered('k', 4));
        const recorder = new Recorder();
        let failed = false;
        const handler = async (batch: readonly ReceivedMessage[], control: BatchControl): Promise<void> => {
          if (!failed) {
            failed = true;
            await control.commit((batch[0] as ReceivedMessage).position);
            throw new TypeError('the second one is too much');
          }
          await recorder.handler(batch);
        };
        await join(transport, {
          topics: [topic],
          handler,
          onTrouble: (error) => recorder.troubles.push(error),
        });
        await eventually('the rest', () => recorder.texts.includes('k:4'));
        expect(recorder.texts).toEqual(['k:2', 'k:3', 'k:4']);
        expect(recorder.troubles.map(String).join()).toContain('the second one is too much');
      });

      test('comes to another member after a crash; what was committed does not', async () => {
        const [doomed, heir] = [await connect(), await connect()];
        const topic = await createTopic(heir);
        await heir.send(topic, numbered('k', 6));
        const reached = gate();
        const never = gate();
        await doomed.subscribe({
          group: `group.${run}.${topics}`,
          topics: [topic],
          handler: async (batch, control) => {
            await control.commit((batch[1] as ReceivedMessage).position);
            reached.open();
            await never.passed;
          },
        });
        await reached.passed;
        const recorder = await record(heir, topic);
        await harness.crashMember(doomed);
        never.open();
        open.splice(open.indexOf(doomed), 1);
        await eventually('the heir has the rest', () => recorder.texts.includes('k:6'));
        expect(recorder.texts).toEqual(['k:3', 'k:4', 'k:5', 'k:6']);
      });

      test('is finished and committed by a member that stops; its signal tells it to hurry', async () => {
        const transport = await connect();
        const topic = await createTopic(transport);
        await transport.send(topic, numbered('k', 3));
        const reached = gate();
        let told = false;
        const subscription = await join(transport, {
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
        const next = await record(transport, topic);
        await eventually('only what is new', () => next.texts.includes('k:4'));
        expect(next.texts).toEqual(['k:4']);
      });
    });

    describe('several members', () => {
      test('share the partitions, and take over from one that leaves', async () => {
        const [one, two] = [await connect(), await connect()];
        const topic = await createTopic(one, 4);
        const [left, right] = [new Recorder(), new Recorder()];
        const keys = Array.from({ length: 24 }, (_, index) => `k${index}`);
        await join(one, { topics: [topic], handler: left.handler });
        const leaving = await join(two, { topics: [topic], handler: right.handler });
        await eventually('both work', async () => {
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
        await eventually('one has all', () =>
          keys.every((key) => left.texts.slice(before).includes(`${key}:last`)),
        );
      });

      test('lose nothing and keep the order of every key while members come, go and die', async () => {
        const sender = await connect();
        const topic = await createTopic(sender, 6);
        const group = `storm.${run}.${topics}`;
        const recorder = new Recorder();
        const handler = async (
          batch: readonly ReceivedMessage[],
          { signal }: BatchControl,
        ): Promise<void> => {
          for (const one of batch) {
            signal.throwIfAborted();
            await recorder.handler([one]);
          }
        };
        const member = async (): Promise<Transport> => {
          const transport = await connect();
          await join(transport, { group, topics: [topic], handler, maxBatch: 10 });
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
        await Promise.all([send(81, 120), harness.crashMember(third)]);
        await eventually(
          'every message at least once',
          () => new Set(recorder.texts).size >= keys.length * 120,
        );
        for (const key of keys) expect(firstOfEach(recorder.texts, key)).toEqual(expected(key, 120));
      });
    });
  });
}
