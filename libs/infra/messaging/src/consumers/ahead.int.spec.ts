import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv5 } from '@kwanus/canonical';
import type { EventLog } from '@kwanus/event-store';
import { eventually, type LogFixture, logFixture } from '@kwanus/testing-infra';
import type { ReceivedMessage } from '../transport.port.js';
import { BatchProcessor } from './batch-processor.js';
import type { ConsumerContext } from './context.js';
import { reasonOf } from './errors.js';
import { Inbox } from './inbox.js';
import { KeyProcessor } from './key-processor.js';
import { MessageHandler } from './message-handler.js';
import { ParkedMessages } from './parked-messages.js';
import { Parking } from './parking.js';
import { ConsumerRecord } from './record.js';
import { Redriver } from './redriver.js';

const SOURCE = 'kwanus/intake';
const WITHDRAWN = 'kwanus.integration.release-withdrawn.v1';
const KEY = 'acme.orders';
const hash = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('hex').slice(0, 64);
const decision = () => ({
  actor: { id: 'person:operator', kind: 'person' as const },
  reason: 'decided',
  commandId: randomUUID(),
  correlationId: randomUUID(),
});
const signal = new AbortController().signal;

/** A consumer, what it handled in order, and what it told. */
interface Consuming {
  readonly name: string;
  readonly handled: string[];
  readonly told: string[];
  readonly broken: Set<string>;
  readonly parked: ParkedMessages;
  readonly take: (...messages: ReceivedMessage[]) => Promise<void>;
  readonly left: () => Promise<[string, number][]>;
}

describe('a message that does not stand where its stream does', () => {
  let fixture: LogFixture;
  let log: EventLog;
  let position = 0;
  let nr = 0;
  let consumer: Consuming;
  beforeAll(async () => {
    fixture = await logFixture();
    log = await fixture.open();
  });
  afterAll(() => fixture.close());
  beforeEach(() => {
    nr += 1;
    consumer = consuming(`intake.ahead-${nr}`);
  });

  /** Event `n` of a stream of the key; `history` names another than the true one. */
  function event(stream: string, n: number, history = '', previous = history): ReceivedMessage {
    position += 1;
    return {
      topic: 'kwanus.integration',
      partition: 0,
      position: String(position),
      key: KEY,
      headers: {
        ce_specversion: '1.0',
        ce_id: uuidv5(`${stream} ${n} ${history}`),
        ce_type: WITHDRAWN,
        ce_source: SOURCE,
        ce_time: '2026-11-23T10:00:00.000000Z',
        ce_streamid: stream,
        ce_streamversion: String(n),
        ce_prevhash: n === 1 ? '0'.repeat(64) : hash(`${stream} ${n - 1} ${previous}`),
        ce_eventhash: hash(`${stream} ${n} ${history}`),
        ce_correlationid: randomUUID(),
      },
      body: Buffer.from(
        JSON.stringify({ integrationId: KEY, release: '1.0.0', reason: `${stream}${n}${history}` }),
      ),
    };
  }

  function consuming(name: string): Consuming {
    const handled: string[] = [];
    const told: string[] = [];
    const broken = new Set<string>();
    const context: ConsumerContext = {
      service: 'intake',
      work: log.work,
      inbox: new Inbox(log.work, name, 'intake'),
      parking: new Parking(log.work, name, 'intake'),
      record: new ConsumerRecord(log.store, name, 'intake'),
      parked: async (_, error) => {
        if (error !== null) told.push(reasonOf(error));
      },
      skipped: () => undefined,
    };
    const handler = new MessageHandler(
      {
        name,
        topic: 'kwanus.integration',
        source: SOURCE,
        handlers: {
          [WITHDRAWN]: async ({ data }) => {
            const reason = data['reason'] as string;
            if (broken.has(reason)) throw new TypeError(`${reason} is broken`);
            handled.push(reason);
          },
        },
      },
      context,
    );
    const redriver = new Redriver(handler, context);
    const keys = new KeyProcessor(handler, redriver, context);
    const processor = new BatchProcessor(handler, keys, context);
    const parked = new ParkedMessages(
      new Map([[name, { name, source: SOURCE, context, redriver }]]),
      new AbortController().signal,
    );
    return {
      name,
      handled,
      told,
      broken,
      parked,
      take: (...messages) => processor.process(messages, signal),
      left: async () => (await parked.list(name)).map(({ key, messages }) => [key, messages]),
    };
  }

  it('waits when versions are missing before it, and stops nobody else', async () => {
    const { take, handled, told, left } = consumer;
    await take(event('a', 1), event('a', 3));
    expect(handled).toEqual(['a1']);
    expect(await left()).toEqual([[KEY, 1]]);
    expect(told).toEqual([
      expect.stringMatching(
        /StreamGap: a: version 3 came, 2 was expected.*kwanus relay republish a --from 2/,
      ),
    ]);
  });

  it('is handled in its turn when what is missing comes, with all that waited behind it', async () => {
    const { take, handled, left } = consumer;
    await take(event('a', 1), event('a', 4), event('a', 5), event('b', 1));
    await take(event('a', 2), event('a', 3));
    expect(handled).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'b1']);
    expect(await left()).toEqual([]);
    await take(event('a', 4), event('b', 2)); // sent again, and the next
    expect(handled.slice(6)).toEqual(['b2']);
  });

  it('finds what is missing of one stream behind what is missing of another', async () => {
    const { take, handled, left } = consumer;
    await take(event('a', 1), event('b', 1));
    await take(event('a', 3), event('b', 3));
    await take(event('b', 2));
    await take(event('a', 2));
    expect(handled).toEqual(['a1', 'b1', 'a2', 'a3', 'b2', 'b3']);
    expect(await left()).toEqual([]);
  });

  it('keeps nothing of its own stream waiting when somebody has forged it, and no longer its key when it is refuted', async () => {
    const { take, handled, told, left, parked, name } = consumer;
    await take(event('a', 1), event('a', 4, 'forged'));
    await take(event('b', 1));
    await take(event('a', 2), event('a', 3));
    expect(handled).toEqual(['a1', 'a2', 'a3', 'b1']);
    await take(event('a', 4), event('a', 5));
    expect(handled.slice(4)).toEqual(['a4', 'a5']);
    const [[place] = []] = await left();
    expect(place).toMatch(/^kwanus\.integration\/0\/\d+$/);
    expect(told.at(-1)).toContain('does not follow');
    expect(await parked.skip(name, String(place), decision())).toBe(true);
    expect(await left()).toEqual([]);
  });

  it('moves nothing when it is skipped: what is true is yet to come', async () => {
    const { take, handled, parked, name, left } = consumer;
    await take(event('a', 1), event('a', 9, 'forged'), event('b', 1));
    expect(await parked.skip(name, KEY, decision())).toBe(true);
    expect(await parked.redrive(name, KEY)).toMatchObject({ handled: 1, remaining: 0 });
    await take(event('a', 2));
    await take(event('a', 2, 'forged'));
    expect(await parked.skip(name, KEY, decision())).toBe(true);
    await take(event('a', 3));
    expect(handled).toEqual(['a1', 'b1', 'a2', 'a3']);
    expect(await left()).toEqual([]);
  });

  it('goes on when an operator gives up what is missing', async () => {
    const { take, handled, parked, name, left } = consumer;
    await take(event('a', 1), event('a', 4), event('b', 1));
    const skipped = { givenUp: true, handled: 2, remaining: 0, error: null };
    expect(await parked.skipGap(name, 'a', 3, decision())).toEqual(skipped);
    expect(handled).toEqual(['a1', 'a4', 'b1']);
    expect(await left()).toEqual([]);
  });

  it('goes on in turns when an operator gives up what is missing, and is told of by the same command again', async () => {
    const { take, handled, parked, name, left } = consumer;
    const rest = Array.from({ length: 250 }, (_, index) => event('a', 4 + index));
    await take(event('a', 1), ...rest, event('b', 2));
    const first = decision();
    expect(await parked.skipGap(name, 'a', 3, first)).toEqual({
      givenUp: true,
      handled: 200,
      remaining: 51,
      error: null,
    });
    // An answer that got lost is asked for again: the decision stands once, what is left goes on, as far as it can.
    const again = { givenUp: true, handled: 50, remaining: 0, error: null };
    expect(await parked.skipGap(name, 'a', 3, first)).toEqual(again);
    expect(await parked.skipGap(name, 'a', 3, first)).toEqual({ ...again, handled: 0 });
    expect(await parked.skipGap(name, 'a', 3, decision())).toEqual({ ...again, givenUp: false, handled: 0 });
    expect(handled).toEqual(['a1', ...rest.map((_, index) => `a${4 + index}`)]);
    expect(await left()).toEqual([[KEY, 1]]);
    const { events } = await log.store.readStream(`consumer-${name}`);
    expect(events.map(({ type }) => type)).toEqual(['ParkedMessageSkipped']);
  });

  it('goes on when an operator gives up what is missing at the very moment at which it is set aside', async () => {
    const { take, handled, parked, name, left } = consumer;
    await take(event('a', 1));
    // Whoever sets a message aside waits here, with everything done but its COMMIT.
    const LOCK = 7_001;
    await fixture.admin.query(`
      CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER wait_for_test AFTER INSERT ON intake.es_parked
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_test()`);
    const test = await fixture.admin.connect();
    await test.query('SELECT pg_advisory_lock($1)', [LOCK]);

    const taken = take(event('a', 4));
    await waiting(1);
    const skipped = parked.skipGap(name, 'a', 3, decision());
    await Promise.race([skipped, waiting(2)]);
    await test.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    test.release();
    await Promise.all([taken, skipped]);
    await fixture.admin.query('DROP FUNCTION wait_for_test CASCADE');

    expect(handled).toEqual(['a1', 'a4']);
    expect(await left()).toEqual([]);
  });

  /** Resolves when so many wait for an advisory lock. */
  async function waiting(count: number): Promise<void> {
    const sql = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE NOT l.granted AND l.locktype = 'advisory' AND d.datname = current_database()`;
    await eventually(async () => (await fixture.admin.query(sql)).rowCount === count);
  }

  it('is not handled behind one that fails: that one is said to hold the key', async () => {
    const { take, handled, told, broken, parked, name } = consumer;
    broken.add('a4');
    await take(event('a', 1), event('a', 3), event('a', 4), event('a', 5));
    await take(event('a', 2));
    expect(handled).toEqual(['a1', 'a2', 'a3']);
    expect(told.at(-1)).toBe('TypeError: a4 is broken');
    expect(await parked.list(name)).toMatchObject([{ messages: 2, error: 'TypeError: a4 is broken' }]);
    broken.clear();
    expect(await parked.redrive(name, KEY)).toMatchObject({ handled: 2, remaining: 0 });
  });

  it('is a fork at once when another event stood in its place, however far its stream has come', async () => {
    const { take, handled, told, parked, name } = consumer;
    await take(...[1, 2, 3, 4, 5].map((n) => event('a', n)));
    await take(event('a', 3, 'restored', ''));
    await take(event('a', 4, 'restored'), event('a', 6));
    expect(told).toEqual([expect.stringMatching(/StreamForked: a, version 3: another event stood there/)]);
    expect(handled).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(await parked.redrive(name, KEY, { acceptFork: true })).toMatchObject({ handled: 2 });
    expect(handled.slice(5)).toEqual(['a3restored', 'a4restored']);
  });

  it('is skipped when both of two histories come again', async () => {
    const { take, handled, parked, name, left } = consumer;
    await take(event('a', 1), event('a', 2), event('a', 3));
    await take(event('a', 2, 'restored', ''));
    await parked.redrive(name, KEY, { acceptFork: true });
    await take(event('a', 1), event('a', 2), event('a', 2, 'restored', ''), event('a', 3, 'restored'));
    expect(handled).toEqual(['a1', 'a2', 'a3', 'a2restored', 'a3restored']);
    expect(await left()).toEqual([]);
  });
});
