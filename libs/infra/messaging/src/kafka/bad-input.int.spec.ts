import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sharedBroker, withKafka } from '@kwanus/testing-infra';
import { KafkaBench } from '@kwanus/testing-infra/kafka';
import {
  eventually,
  noting,
  SOURCE,
  type TwoServices,
  twoServices,
  WITHDRAWN,
} from '@kwanus/testing-infra/two-services';
import { type Admin, ConfigResourceTypes, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { openConsumers, type ServiceConsumers } from '../consumers/service-consumers.js';
import { TopicMismatch } from '../errors.js';
import type { Relay } from '../relay/relay.js';

const ZERO = '0'.repeat(64);
const hash = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('hex').slice(0, 64);

/** An event as whoever may write the topic can send it, true to form but where it is changed. */
const event = (id: string, version: number, headers: Record<string, string> = {}): Message => ({
  key: id,
  headers: {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: WITHDRAWN,
    ce_source: SOURCE,
    ce_time: '2026-11-23T10:00:00.000000Z',
    ce_streamid: `integration-${id}`,
    ce_streamversion: String(version),
    ce_prevhash: version === 1 ? ZERO : hash(`${id} ${version - 1}`),
    ce_eventhash: hash(`${id} ${version}`),
    ce_correlationid: randomUUID(),
    ...headers,
  },
  value: JSON.stringify({ integrationId: id, release: '1.0.0', reason: `v${version}` }),
});

/** A consumer of rollout, and what came of it. */
interface Consuming {
  readonly name: string;
  readonly consumers: ServiceConsumers;
  readonly troubles: readonly string[];
  readonly notes: (id: string) => Promise<unknown[]>;
  /** Why the first message of the key is parked. */
  readonly parked: (key: string) => Promise<string | undefined>;
  /** Why messages are parked alone. */
  readonly alone: () => Promise<string[]>;
}

withKafka('bad input', () =>
  describe('bad input over Apache Kafka', () => {
    let services: TwoServices;
    let relay: Relay;
    let producer: Producer;
    let admin: Admin;
    let all: Consuming;
    let nr = 0;

    beforeAll(async () => {
      services = await twoServices('kafka');
      relay = services.relay();
      relay.start();
      const kafka = new Kafka({ brokers: [await sharedBroker()], logLevel: logLevel.NOTHING });
      [producer, admin] = [kafka.producer(), kafka.admin()];
      await Promise.all([producer.connect(), admin.connect()]);
      all = await consume('all');
    }, 180_000);
    beforeEach(() => {
      nr += 1;
    });
    afterAll(async () => {
      await all.consumers.stop();
      await producer.disconnect();
      await admin.disconnect();
      await relay.stop();
      await services.close();
    }, 60_000);

    const send = (...messages: Message[]): Promise<unknown> =>
      producer.send({ topic: services.topic, messages });
    /** A consumer of rollout that appends `Noted` to a stream per integration. */
    const consume = async (what: string): Promise<Consuming> => {
      const name = `rollout.${services.topic}-${what}`;
      const troubles: string[] = [];
      const consumers = openConsumers({
        service: 'rollout',
        log: services.rollout,
        transport: services.transport,
        onTrouble: (error) => troubles.push(String(error)),
      });
      consumers.register({
        name,
        topic: services.topic,
        source: SOURCE,
        handlers: noting(services.rollout, name),
      });
      await consumers.start();
      const notes = async (id: string): Promise<unknown[]> =>
        (await services.rollout.store.readStream(`notes-${name}.${id}`)).events.map(
          ({ data }) => data['reason'],
        );
      const parked = async (key: string): Promise<string | undefined> =>
        (await consumers.parked.list(name)).find((entry) => entry.key === key)?.error;
      const alone = async (): Promise<string[]> =>
        (await consumers.parked.list(name))
          .filter(({ key }) => key.startsWith(`${services.topic}/`))
          .map(({ error }) => error);
      return { name, consumers, troubles, notes, parked, alone };
    };

    it.each<[string, (id: string) => Message, RegExp]>([
      ['is not JSON', (id) => ({ ...event(id, 1), value: '{"reason": ' }), /not UTF-8 JSON/],
      [
        'is not text',
        (id) => ({ ...event(id, 1), value: Buffer.from([0xff, 0xfe, 0x00]) }),
        /not UTF-8 JSON/,
      ],
      ['is a tombstone', (id) => ({ ...event(id, 1), value: null }), /no body/],
      ['does not fit its schema', (id) => ({ ...event(id, 1), value: '{"release":1}' }), /does not fit/],
      [
        'is of a version that this service does not know',
        (id) => event(id, 1, { ce_type: WITHDRAWN.replace('.v1', '.v2') }),
        /v2 came; .*v1 is handled here/,
      ],
    ])('parks the key when the body %s; what follows waits, others pass', async (_, bad, reason) => {
      const { notes, parked } = all;
      const [id, other] = [`bad.k${nr}`, `good.k${nr}`];
      await send(bad(id), event(id, 2), event(other, 1));
      await eventually('others pass', async () => (await notes(other)).length === 1);
      await eventually('it is parked', async () => reason.test((await parked(id)) ?? ''));
      expect(await notes(id)).toEqual([]);
    });

    it.each<[string, (id: string) => Message, RegExp]>([
      ['has no key', (id) => ({ ...event(id, 1), key: null }), /no key/],
      ['has an empty key', (id) => ({ ...event(id, 1), key: '' }), /no key/],
      ['has no headers', (id) => ({ key: id, value: '{}' }), /headers are not those of an event/],
      [
        'has garbage for headers',
        (id) => ({
          key: id,
          value: 'x',
          headers: { ce_id: Buffer.from([0, 255, 254]), '💥': '\u0000', '': '', ce_source: ['a', 'b'] },
        }),
        /headers are not those of an event/,
      ],
      ['says a version twice', (id) => event(id, 1, { ce_streamversion: '1,1' }), /ce_streamversion/],
      [
        'comes from another source',
        (id) => event(id, 1, { ce_source: 'kwanus/rollout' }),
        /only kwanus\/intake is believed/,
      ],
    ])('parks a message alone that %s, and its partition moves on', async (_, strange, reason) => {
      const { notes, alone } = all;
      const id = `odd.k${nr}`;
      await send({ ...strange(id), partition: 0 }, { ...event(id, 1), partition: 0 });
      await eventually('what follows', async () => (await notes(id)).length === 1);
      expect(await alone()).toContainEqual(expect.stringMatching(reason));
    });

    it('moves on over a type that nobody knows', async () => {
      const { notes } = all;
      await send(
        event('future.a', 1, { ce_type: 'kwanus.integration.from-the-future.v1' }),
        event('future.a', 2),
      );
      await eventually('the second', async () => (await notes('future.a')).length === 1);
    });

    it('parks what is larger than anything of ours, where the brokers let it in', async () => {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: services.topic,
            // Altering sets all others back to their defaults.
            configEntries: [
              { name: 'max.message.bytes', value: '3000000' },
              { name: 'message.timestamp.type', value: 'LogAppendTime' },
            ],
          },
        ],
      });
      const { notes, parked } = all;
      await send(
        { ...event('large.a', 1), value: JSON.stringify({ x: 'y'.repeat(1_500_000) }) },
        event('large.b', 1),
      );
      await eventually('others pass', async () => (await notes('large.b')).length === 1);
      await eventually('it is parked', async () => /are taken at most/.test((await parked('large.a')) ?? ''));
    });

    it('does nothing twice for an old event at a new offset, nor when everything is read again from the start', async () => {
      const first = await consume('again');
      const old = event('again.a', 1);
      await send(old, event('again.a', 2));
      await eventually('both', async () => (await first.notes('again.a')).length === 2);
      await send(old, event('again.a', 3));
      await eventually('the new one', async () => (await first.notes('again.a')).length === 3);
      await first.consumers.stop();
      const seekEntries = [0, 1, 2].map((partition) => ({ partition, offset: '0' }));
      await admin.setOffsets({ groupId: first.name, topic: services.topic, partitions: seekEntries });
      const second = await consume('again');
      await send(event('again.a', 4));
      await eventually('the newest', async () => (await second.notes('again.a')).length >= 4);
      expect(await second.notes('again.a')).toEqual(['v1', 'v2', 'v3', 'v4']);
      expect(await second.parked('again.a')).toBeUndefined();
      await second.consumers.stop();
    });

    it.each<[string, (id: string, taken: Message) => Message, RegExp]>([
      [
        'the same id comes with other content',
        (id, taken) => event(id, 1, { ce_id: String(taken.headers?.['ce_id']), ce_eventhash: hash('other') }),
        /another event stood there, or the same with other content/,
      ],
      ['another event claims the same version', (id) => event(id, 1), /another event stood there/],
      [
        'an event does not follow the one before it',
        (id) => event(id, 2, { ce_prevhash: hash('elsewhere') }),
        /does not follow/,
      ],
    ])('quarantines the key when %s: it has no effect', async (_, forge, reason) => {
      const { notes, parked } = all;
      const id = `forged.k${nr}`;
      const taken = event(id, 1);
      await send(taken);
      await eventually('the true one', async () => (await notes(id)).length === 1);
      await send(forge(id, taken));
      await eventually('it is parked', async () => reason.test((await parked(id)) ?? ''));
      expect(await notes(id)).toEqual(['v1']);
    });

    it('quarantines an event with a version that is too high: its partition goes on, and so does its stream when it was forged', async () => {
      const { notes, parked, troubles, alone } = all;
      const to = (message: Message): Message => ({ ...message, partition: 0 });
      await send(
        to(event('high.a', 1)),
        to(event('high.a', 9, { ce_prevhash: hash('forged') })),
        to(event('high.b', 1)),
      );
      await eventually('others pass', async () => (await notes('high.b')).length === 1);
      const remedy = 'relay republish integration-high.a --from 2';
      await eventually('it is parked', async () => (await parked('high.a'))?.includes(remedy) ?? false);
      expect(troubles.some((trouble) => trouble.includes('integration-high.a: version 9 came'))).toBe(true);
      const versions = [2, 3, 4, 5, 6, 7, 8, 9, 10];
      await send(...versions.map((version) => to(event('high.a', version))));
      await eventually('the true ones', async () => (await notes('high.a')).length === 10);
      expect(await notes('high.a')).toEqual(['v1', ...versions.map((version) => `v${version}`)]);
      expect(await parked('high.a')).toBeUndefined();
      expect(await alone()).toContainEqual(expect.stringMatching(/integration-high.a, version 9: .*forked/));
    });

    it('handles what is ahead of its stream in its turn, when what was lost is sent again', async () => {
      const { notes, parked } = all;
      const third = event('gap.a', 3);
      await send(event('gap.a', 1), third);
      await eventually('it is parked', async () => (await parked('gap.a')) !== undefined);
      expect(await notes('gap.a')).toEqual(['v1']);
      await send(event('gap.a', 2), third, event('gap.a', 4));
      await eventually('it goes on', async () => (await notes('gap.a')).length === 4);
      expect(await notes('gap.a')).toEqual(['v1', 'v2', 'v3', 'v4']);
      expect(await parked('gap.a')).toBeUndefined();
    });

    it('does nothing twice for a stream that its relay sends again', async () => {
      const { notes, parked } = all;
      await services.append('sent.again', ['1', '2', '3']);
      await eventually('all', async () => (await notes('sent.again')).length === 3);
      expect(await relay.republish('integration-sent.again', 1)).toBe(3);
      await services.append('sent.again', ['4']);
      await eventually('the next', async () => (await notes('sent.again')).length >= 4);
      expect(await notes('sent.again')).toEqual(['1', '2', '3', '4']);
      expect(await parked('sent.again')).toBeUndefined();
    });

    it('quarantines the key as soon as a producer whose database was restored to yesterday tells another history', async () => {
      const { notes, parked } = all;
      await services.append('restored.a', ['1', '2', '3', '4']);
      await eventually('all', async () => (await notes('restored.a')).length === 4);
      await services.sql.query(`
        SET session_replication_role = replica;
        DELETE FROM intake.es_event WHERE stream_id = 'integration-restored.a' AND version > 1;
        UPDATE intake.es_stream s SET version = 1, head_hash = e.hash, head_recorded_at = e.recorded_at
          FROM intake.es_event e WHERE e.stream_id = s.stream_id AND s.stream_id = 'integration-restored.a';
        SET session_replication_role = origin`);
      await services.append('restored.a', ['another 2']);
      await eventually('it is parked', async () =>
        /history forked, as after a restore/.test((await parked('restored.a')) ?? ''),
      );
      expect(await notes('restored.a')).toEqual(['1', '2', '3', '4']);
    });

    it.each([
      ['ten minutes ahead', 10 * 60_000],
      ['ten minutes behind', -10 * 60_000],
      ['two days ahead', 2 * 86_400_000],
    ])('takes what a producer sends whose clock is %s: the brokers go by theirs', async (_, off) => {
      const { notes } = all;
      const id = `clock.k${nr}`;
      const at = Date.now() + off;
      await send({ ...event(id, 1, { ce_time: new Date(at).toISOString() }), timestamp: String(at) });
      await eventually('it arrives', async () => (await notes(id)).length === 1);
    });

    it('refuses topics that are not as the code says, all in one line, with what is, what must be, and the remedy', async () => {
      const bench = new KafkaBench();
      const transport = await bench.connect();
      const [few, other] = [bench.name(), bench.name()];
      await admin.createTopics({
        topics: [
          { topic: few, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '-1' }] },
          {
            topic: other,
            numPartitions: 3,
            configEntries: [
              { name: 'retention.ms', value: '3600000' },
              { name: 'cleanup.policy', value: 'compact' },
            ],
          },
        ],
      });
      const wanted = [few, other].map((name) => ({ name, partitions: 3, retentionMs: -1 }));
      const error = await transport.ensureTopics(wanted).catch((caught: unknown) => caught);
      await bench.close();
      expect(error).toBeInstanceOf(TopicMismatch);
      const { message } = error as Error;
      expect(message).not.toContain('\n');
      expect(message).toContain(`"${few}" has 2 partitions, and 3 are needed`);
      expect(message).toMatch(
        new RegExp(
          `"${other}" has .*cleanup.policy=compact.*retention.ms=3600000.*and .*retention.ms=-1 is needed: kafka-configs.sh`,
        ),
      );
    });
  }),
);
