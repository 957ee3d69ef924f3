import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Broker } from '@kwanus/broker';
import { startTestBroker, withKafka } from '@kwanus/testing-infra';
import { bodies, KafkaBench, text, until } from '@kwanus/testing-infra/kafka';
import { TransportUnavailable } from '../errors.js';
import type { KafkaTransport } from './kafka-transport.js';

const OUTAGE_MS = 10_000;
const KEYS = ['a', 'b', 'c'];

/** Sends to every key in turn until it is told to stop; what failed is sent again before the next, as a relay does. */
class Sender {
  readonly acknowledged: string[] = [];
  readonly refused: unknown[] = [];
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly transport: KafkaTransport,
    private readonly topic: string,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async run(): Promise<void> {
    for (let nr = 1; !this.stopping; ) {
      const batch = KEYS.map((key) => text(key, `${key}:${nr}`));
      try {
        await this.transport.send(this.topic, batch);
        this.acknowledged.push(...batch.map(({ body }) => String(body)));
        nr += 1;
      } catch (error) {
        this.refused.push(error);
      }
      await delay(50);
    }
  }
}

withKafka('a broker that is gone', () =>
  describe('a broker that is gone', () => {
    let broker: Broker;
    let stop: () => Promise<void>;
    let bench: KafkaBench;
    beforeAll(async () => {
      ({ broker, stop } = await startTestBroker());
      bench = new KafkaBench({ brokers: [broker.address] });
    }, 180_000);
    afterEach(() => bench.close(), 60_000);
    afterAll(() => stop(), 60_000);

    const trouble = async (work: () => Promise<void>) => {
      const [sending, reading] = [await bench.connect(), await bench.connect()];
      const topic = await bench.topic(sending, 2);
      const { got, troubles } = await bench.record(reading, topic);
      const sender = new Sender(sending, topic);
      await until('it flows', () => got.length > 30);
      await work();
      const before = sender.acknowledged.length;
      await until('it flows again', () => sender.acknowledged.length > before + 30);
      await sender.stop();
      await until('everything that was acknowledged', () => {
        const arrived = new Set(bodies(got));
        return sender.acknowledged.every((body) => arrived.has(body));
      });
      for (const key of KEYS) {
        const first = [...new Set(bodies(got).filter((body) => body.startsWith(key)))];
        expect(first).toEqual(first.map((_, index) => `${key}:${index + 1}`));
      }
      await until('nothing behind', async () =>
        [...(await reading.lag(topic)).values()].every((behind) => behind === 0),
      );
      expect(sender.refused.filter((error) => !(error instanceof TransportUnavailable))).toEqual([]);
      return { troubles, refused: sender.refused };
    };

    it('is killed and comes back after 10 s: what was acknowledged arrives, in order, and the trouble was told', async () => {
      const { troubles, refused } = await trouble(async () => {
        await broker.kill();
        await delay(OUTAGE_MS);
        await broker.start();
      });
      expect(refused.length).toBeGreaterThan(0);
      expect(troubles.length).toBeGreaterThan(0);
      expect(troubles.filter((error) => !(error instanceof TransportUnavailable))).toEqual([]);
    }, 180_000);

    it('is restarted: everything goes on by itself', async () => {
      await trouble(async () => {
        await broker.stop();
        await broker.start();
      });
    }, 180_000);

    it('says nothing any more, though its connections stand: the member does not wait for it in silence', async () => {
      const { pid } = broker;
      if (pid === null) throw new TypeError('The broker does not run.');
      const { troubles } = await trouble(async () => {
        process.kill(pid, 'SIGSTOP');
        await delay(OUTAGE_MS);
        process.kill(pid, 'SIGCONT');
      });
      expect(troubles.map(String)).toContainEqual(expect.stringContaining('Nothing was heard of the group'));
    }, 180_000);

    it('is refused at the start when nobody is there, in one line, within seconds', async () => {
      const started = Date.now();
      const error = await bench.connect({ brokers: ['127.0.0.1:1'] }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TransportUnavailable);
      expect(String(error)).toMatch(
        /^TransportUnavailable: No broker of 127.0.0.1:1 answers.*Check KWANUS_KAFKA_BROKERS.*$/,
      );
      expect(Date.now() - started).toBeLessThan(20_000);
    }, 60_000);
  }),
);
