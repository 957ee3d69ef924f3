import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv5 } from '@kwanus/canonical';
import type { EventLog, UnitOfWork } from '@kwanus/event-store';
import { DomainRejection } from '@kwanus/kernel';
import { type LogFixture, logFixture } from '@kwanus/testing-infra';
import type { ReceivedMessage } from '../transport.port.js';
import { BatchProcessor } from './batch-processor.js';
import type { ConsumerContext } from './context.js';
import { Inbox } from './inbox.js';
import { KeyProcessor } from './key-processor.js';
import { MessageHandler } from './message-handler.js';
import { Parking } from './parking.js';
import { ConsumerRecord } from './record.js';
import { Redriver } from './redriver.js';

const SOURCE = 'kwanus/intake';
const WITHDRAWN = 'kwanus.integration.release-withdrawn.v1';
const hash = (key: string, n: number): string =>
  n === 0 ? '0'.repeat(64) : Buffer.from(`${key} ${n}`.padEnd(32, '.')).toString('hex').slice(0, 64);
const ignored = new AbortController().signal;

type Work = Pick<UnitOfWork, 'run' | 'query'>;
let position = 0;
/** Event `n` of a key's stream; what is said of it is `key n`. */
const event = (key: string, n: number): ReceivedMessage => ({
  topic: 'kwanus.integration',
  partition: 0,
  position: String((position += 1)),
  key,
  headers: {
    ce_specversion: '1.0',
    ce_id: uuidv5(`${key} ${n}`),
    ce_type: WITHDRAWN,
    ce_source: SOURCE,
    ce_time: '2026-11-23T10:00:00.000000Z',
    ce_streamid: `integration-${key}`,
    ce_streamversion: String(n),
    ce_prevhash: hash(key, n - 1),
    ce_eventhash: hash(key, n),
    ce_correlationid: randomUUID(),
  },
  body: Buffer.from(JSON.stringify({ integrationId: 'acme.crm', release: '1.0.0', reason: `${key} ${n}` })),
});
const events = (key: string, from: number, to: number): ReceivedMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => event(key, from + index));

describe('BatchProcessor', () => {
  let fixture: LogFixture;
  let log: EventLog;
  let nr = 0;
  let name = '';
  beforeAll(async () => {
    fixture = await logFixture();
    log = await fixture.open();
  });
  afterAll(() => fixture.close());
  beforeEach(() => {
    nr += 1;
    name = `intake.batch-${nr}`;
  });

  /** A consumer that appends to a stream of the key; `before` is called for each message, and again when it is tried again. */
  function consumer(
    before: (said: string) => Promise<void> | void = () => undefined,
    { of = name, budgetMs = 60_000, work = log.work as Work, idOf = (id: string): string => id } = {},
  ) {
    const told: string[] = [];
    const context: ConsumerContext = {
      service: 'intake',
      work: work as UnitOfWork,
      inbox: new Inbox(work as UnitOfWork, of, 'intake'),
      parking: new Parking(log.work, of, 'intake'),
      record: new ConsumerRecord(log.store, of, 'intake'),
      parked: async (message) => void told.push(`parked ${message.headers['ce_streamversion']}`),
      skipped: (standing) => void told.push(standing),
    };
    const handler = new MessageHandler(
      {
        name: of,
        topic: 'kwanus.integration',
        source: SOURCE,
        handlers: {
          [WITHDRAWN]: async ({ key, data }, { metadata }) => {
            await before(data['reason'] as string);
            await log.store.append({
              streamId: `notes-${name}.${key}`,
              streamType: 'notes',
              routingKey: key,
              expectedVersion: 'any',
              events: [{ type: 'Noted', data: { said: data['reason'] ?? null } }],
              metadata: { ...metadata, commandId: idOf(metadata.commandId) },
            });
          },
        },
      },
      context,
    );
    const keys = new KeyProcessor(handler, new Redriver(handler, context), context);
    return { processor: new BatchProcessor(handler, keys, context, budgetMs), told, ...context };
  }
  const notes = async (key: string): Promise<unknown[]> =>
    (await log.store.readStream(`notes-${name}.${key}`)).events.map(({ data }) => data['said']);
  const transactions = async (...keys: string[]): Promise<Set<string>> => {
    const slices = await Promise.all(keys.map((key) => log.store.readStream(`notes-${name}.${key}`)));
    return new Set(slices.flatMap((slice) => slice.events.map(({ position }) => position.xid)));
  };

  it('handles in one transaction what several partitions bring at once, each key in order', async () => {
    const { processor, inbox } = consumer();
    await Promise.all([
      processor.process([event('a', 1), event('b', 1), event('a', 2)], ignored),
      processor.process(events('c', 1, 3), ignored),
    ]);
    expect([await notes('a'), await notes('b'), await notes('c')]).toEqual([
      ['a 1', 'a 2'],
      ['b 1'],
      ['c 1', 'c 2', 'c 3'],
    ]);
    expect((await transactions('a', 'b', 'c')).size).toBe(1);
    expect(await inbox.versionOf('integration-c')).toBe(3);
  });

  it('does nothing twice for what comes again, in the same batch or later', async () => {
    const { processor } = consumer();
    await processor.process([...events('a', 1, 3), ...events('a', 1, 2)], ignored);
    await processor.process([...events('a', 2, 4), event('b', 1)], ignored);
    expect([await notes('a'), await notes('b')]).toEqual([['a 1', 'a 2', 'a 3', 'a 4'], ['b 1']]);
  });

  it('handles the others once, together, when one can’t be handled; that one’s key is parked in order', async () => {
    const { processor, parking } = consumer((said) => {
      if (said === 'b 2') throw new TypeError('beyond me');
    });
    const batch = ['a', 'b', 'c'].flatMap((key) => events(key, 1, 3));
    await processor.process(batch, ignored);
    expect([await notes('a'), await notes('b'), await notes('c')]).toEqual([
      ['a 1', 'a 2', 'a 3'],
      ['b 1'],
      ['c 1', 'c 2', 'c 3'],
    ]);
    expect((await transactions('a', 'c')).size).toBe(1);
    const parked = await parking.show('b');
    expect(parked.map(({ reason, message }) => [reason, message.headers['ce_streamversion']])).toEqual([
      ['failed', '2'],
      ['behind', '3'],
    ]);
    await processor.process([event('a', 4), event('b', 4)], ignored);
    expect([await notes('a'), await notes('b')]).toEqual([['a 1', 'a 2', 'a 3', 'a 4'], ['b 1']]);
    expect((await parking.show('b')).length).toBe(3);
  });

  it('puts on record what the rules refuse, and keeps what stands beside it', async () => {
    const { processor, record, inbox } = consumer((said) => {
      if (said === 'b 1') throw new DomainRejection('not-in-review', 'This integration is not in review.');
    });
    await processor.process([event('a', 1), ...events('b', 1, 2)], ignored);
    expect([await notes('a'), await notes('b')]).toEqual([['a 1'], ['b 2']]);
    const { events: told } = await log.store.readStream(record.streamId);
    expect(told.map(({ type, data }) => [type, data['streamId'], data['streamVersion']])).toEqual([
      ['MessageRejected', 'integration-b', 1],
    ]);
    expect(await inbox.versionOf('integration-b')).toBe(2);
  });

  it('tries none of the others again because one is forged, ahead or unreadable: nothing was written for it', async () => {
    const tried: string[] = [];
    const { processor, parking } = consumer((said) => void tried.push(said));
    const forged = { ...event('b', 1), headers: { ...event('b', 1).headers, ce_prevhash: hash('x', 1) } };
    const unreadable = { ...event('c', 1), body: Buffer.from('{') };
    await processor.process([event('a', 1), forged, unreadable, event('d', 2), event('e', 1)], ignored);
    expect(tried).toEqual(['a 1', 'e 1']);
    const parked = await Promise.all(['b', 'c', 'd'].map((key) => parking.first(key)));
    expect(parked.map((entry) => entry?.reason)).toEqual(['failed', 'failed', 'ahead']);
    await processor.process([event('d', 1)], ignored);
    expect(await notes('d')).toEqual(['d 1', 'd 2']);
  });

  it('puts in order what comes in another, and knows what the same transaction has handled', async () => {
    const { processor, parking, told } = consumer();
    const other = { ...event('a', 1), headers: { ...event('a', 1).headers, ce_id: randomUUID() } };
    await Promise.all([
      processor.process([event('a', 2), event('a', 1)], ignored),
      processor.process([event('a', 1), other], ignored),
    ]);
    expect([await notes('a'), (await transactions('a')).size]).toEqual([['a 1', 'a 2'], 1]);
    expect(told).toEqual(['duplicate', 'parked 1']);
    expect((await parking.first('a'))?.error).toMatch(/another event stood there/);
  });

  /** Its server process is ended once, where it is said, in the middle of a transaction. */
  const killedAt = (where: string): Work & { came: (at: string) => Promise<void> } => {
    let killed = false;
    const came = async (at: string): Promise<void> => {
      if (killed || at !== where) return;
      killed = true;
      const [row] = await log.work.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await fixture.admin.query('SELECT pg_terminate_backend($1)', [row?.pid]);
    };
    const run = <T>(work: () => Promise<T>): Promise<T> =>
      log.work.run(async () => {
        const result = await work();
        await came('commit');
        return result;
      });
    const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
      await came(/es_consumer_\w+/.exec(sql)?.[0] ?? '');
      return log.work.query<Row>(sql, parameters);
    };
    return { run, query, came };
  };
  it.each(['es_consumer_begin', 'a handler', 'es_consumer_settle', 'commit'])(
    'loses nothing and does nothing twice when its connection is killed at %s, whatever handlers bear',
    async (where) => {
      const work = killedAt(where);
      const hook = (said: string): Promise<void> | void =>
        said === 'b 2' ? work.came('a handler') : undefined;
      const { processor } = consumer(hook, { work, idOf: () => randomUUID() });
      const batch = [...events('a', 1, 3), ...events('b', 1, 3)];
      await processor.process(batch, ignored).catch(() => processor.process(batch, ignored));
      expect([await notes('a'), await notes('b')]).toEqual([
        ['a 1', 'a 2', 'a 3'],
        ['b 1', 'b 2', 'b 3'],
      ]);
    },
  );

  const named = (streamId: string): ReceivedMessage => {
    const { headers, ...message } = event('b', 1);
    return { ...message, headers: { ...headers, ce_streamid: streamId } };
  };
  it.each<[string, ReceivedMessage, RegExp]>([
    ['a key with U+0000 in it', event('b\0', 1), /no key/],
    ['a key that no index takes', event(randomBytes(8_000).toString('base64'), 1), /no key/],
    ['a stream with U+0000 in it', named('integration-b\0'), /stream that can’t be ours/],
  ])('parks a message alone that has %s, and its partition moves on', async (_, strange, reason) => {
    const { processor, parking } = consumer();
    await processor.process([strange, event('a', 1)], ignored);
    const parked = (await parking.keys()).map(({ error }) => error);
    expect([await notes('a'), parked]).toEqual([['a 1'], [expect.stringMatching(reason)]]);
  });

  it('takes turns when transactions run out of time: no partition waits until another has nothing more', async () => {
    const order: string[] = [];
    const { processor } = consumer((said) => void order.push(said), { budgetMs: 0 });
    await Promise.all([
      processor.process(events('a', 1, 40), ignored),
      processor.process([event('z', 1)], ignored),
    ]);
    expect(order.indexOf('z 1')).toBeLessThan(5);
  });

  it('ends a transaction that has been open for long and goes on in the next', async () => {
    const { processor } = consumer(undefined, { budgetMs: 0 });
    await processor.process([event('a', 1), event('b', 1), event('c', 1)], ignored);
    expect((await transactions('a', 'b', 'c')).size).toBe(3);
  });

  it('meets another consumer of the service in the same streams without a deadlock', async () => {
    let tries = 0;
    let bothStarted: () => void = () => undefined;
    const barrier = new Promise<void>((resolve) => {
      bothStarted = resolve;
    });
    const meet = (): Promise<void> => {
      tries += 1;
      if (tries === 2) bothStarted();
      return barrier;
    };
    const [one, other] = [consumer(meet), consumer(meet, { of: `${name}.other` })];
    await Promise.all([
      one.processor.process([event('a', 1), event('b', 1)], ignored),
      other.processor.process([event('b', 1), event('a', 1)], ignored),
    ]);
    expect([(await notes('a')).length, (await notes('b')).length, tries]).toEqual([2, 2, 4]);
  });

  it('parks what never ends, though it does not wait for the database; others pass', async () => {
    const { processor, parking } = consumer(async (said) => {
      if (said !== 'b 1') return;
      await log.work.query(
        `SELECT set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '20ms', true)`,
      );
      await new Promise(() => undefined);
    });
    await processor.process([event('a', 1), event('b', 1), event('c', 1)], ignored);
    expect([await notes('a'), await notes('b'), await notes('c')]).toEqual([['a 1'], [], ['c 1']]);
    expect((await parking.keys()).map(({ key }) => key)).toEqual(['b']);
  });

  it('bounds what a handler may take, though the transaction has begun before the bound is set', async () => {
    const { inbox } = consumer();
    const slow = log.work.run(async () => {
      await inbox.open(['a'], []);
      await log.work.query('SELECT pg_sleep(8)');
    });
    await expect(slow).rejects.toMatchObject({ cause: expect.objectContaining({ code: '25P04' }) });
  }, 15_000);
});
