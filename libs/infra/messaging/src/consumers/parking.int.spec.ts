import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv5 } from '@kwanus/canonical';
import type { EventLog } from '@kwanus/event-store';
import { DomainRejection } from '@kwanus/kernel';
import { appendTo, eventually, type LogFixture, logFixture } from '@kwanus/testing-infra';
import { openPostgresTransport, type PostgresTransport } from '../index.js';
import type { ReceivedMessage } from '../transport.port.js';
import { BatchProcessor } from './batch-processor.js';
import type { ConsumerContext } from './context.js';
import { Inbox } from './inbox.js';
import { KeyProcessor } from './key-processor.js';
import { MessageHandler } from './message-handler.js';
import { ParkedMessages } from './parked-messages.js';
import { Parking } from './parking.js';
import { ConsumerRecord } from './record.js';
import { Redriver } from './redriver.js';
import { openConsumers } from './service-consumers.js';

const SOURCE = 'kwanus/intake';
const WITHDRAWN = 'kwanus.integration.release-withdrawn.v1';
const hash = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('hex').slice(0, 64);

/** Version `n` of the stream `integration-<key>`; `fork` names another history. */
const version = (key: string, n: number, fork = ''): ReceivedMessage => ({
  topic: 'kwanus.integration',
  partition: 0,
  position: `${n}${fork.length}`,
  key,
  headers: {
    ce_specversion: '1.0',
    ce_id: uuidv5(`${key} ${n} ${fork}`),
    ce_type: WITHDRAWN,
    ce_source: SOURCE,
    ce_time: '2026-11-23T10:00:00.000000Z',
    ce_streamid: `integration-${key}`,
    ce_streamversion: String(n),
    ce_prevhash: n === 1 ? '0'.repeat(64) : hash(`${key} ${n - 1} ${fork}`),
    ce_eventhash: hash(`${key} ${n} ${fork}`),
    ce_correlationid: randomUUID(),
  },
  body: Buffer.from(JSON.stringify({ integrationId: key, release: '1.0.0', reason: `v${n}` })),
});

const decision = () => ({
  actor: { id: 'person:operator', kind: 'person' as const },
  reason: 'decided',
  commandId: randomUUID(),
  correlationId: randomUUID(),
});
const ignored = new AbortController().signal;

describe('what stands under a key', () => {
  let fixture: LogFixture;
  let log: EventLog;
  let transport: PostgresTransport;
  beforeAll(async () => {
    fixture = await logFixture();
    log = await fixture.open();
    transport = await openPostgresTransport({ url: fixture.database.url });
  });
  afterAll(async () => {
    await transport.close();
    await fixture.close();
  });

  /** One member of a consumer's group; every member of a name shares inbox and parking. */
  function member(name: string, handle: (reason: unknown) => Promise<void> | void, stopping = ignored) {
    const context: ConsumerContext = {
      service: 'intake',
      work: log.work,
      inbox: new Inbox(log.work, name, 'intake'),
      parking: new Parking(log.work, name, 'intake'),
      record: new ConsumerRecord(log.store, name, 'intake'),
      parked: async () => undefined,
      skipped: () => undefined,
    };
    const definition = {
      name,
      topic: 'kwanus.integration',
      source: SOURCE,
      handlers: { [WITHDRAWN]: async ({ data }: { data: { reason?: unknown } }) => handle(data.reason) },
    };
    const handler = new MessageHandler(definition, context);
    const redriver = new Redriver(handler, context);
    const keys = new KeyProcessor(handler, redriver, context);
    const processor = new BatchProcessor(handler, keys, context);
    const parked = new ParkedMessages(
      new Map([[name, { name, source: SOURCE, context, redriver }]]),
      stopping,
    );
    return { processor, parked, inbox: context.inbox };
  }

  it('is settled on record when the rules refuse it, also in a re-drive', async () => {
    let broken = true;
    const { processor, parked } = member('intake.rules', (reason) => {
      if (reason === 'v1' && broken) throw new TypeError('beyond me');
      if (reason === 'v2') throw new DomainRejection('not-in-review', 'This integration is not in review.');
    });
    await processor.process(
      [1, 2, 3].map((n) => version('a.rules', n)),
      ignored,
    );
    broken = false;
    expect(await parked.redrive('intake.rules', 'a.rules')).toEqual({
      handled: 3,
      remaining: 0,
      error: null,
    });
    const { events } = await log.store.readStream('consumer-intake.rules');
    expect(events.map(({ type, data }) => [type, data['streamVersion'], data['code']])).toEqual([
      ['MessageRejected', 2, 'not-in-review'],
    ]);
  });

  it('stays where an operator moved it while a message of it was in hand, which has no effect then', async () => {
    let handling: () => void = () => undefined;
    const inHand = new Promise<void>((resolve) => {
      handling = resolve;
    });
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { processor, parked, inbox } = member('intake.moved', async () => {
      handling();
      await gate;
      await log.store.append(appendTo('effect-moved'));
    });
    const processing = processor.process([version('a.moved', 1)], ignored);
    await inHand;
    expect(await parked.skipGap('intake.moved', 'integration-a.moved', 7, decision())).toMatchObject({
      givenUp: true,
    });
    goOn();
    await processing;
    expect(await inbox.versionOf('integration-a.moved')).toBe(7);
    expect(await log.store.readStream('effect-moved')).toMatchObject({ version: 0 });
  });

  it('is not parked by a member that failed when another has handled it meanwhile', async () => {
    let attempts = 0;
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const failing = member('intake.two', async () => {
      attempts += 1;
      if (attempts === 4) await gate;
      throw new TypeError('not me');
    });
    const able = member('intake.two', () => undefined);
    const first = failing.processor.process([version('a.two', 1)], ignored);
    await eventually(() => attempts === 4);
    const second = able.processor.process([version('a.two', 1), version('a.two', 2)], ignored);
    // It waits for the key, and gets it before the one that failed asks for it again.
    await eventually(async () => {
      const { rows } = await fixture.admin.query(
        "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND l.locktype = 'advisory' AND a.datname = current_database()",
      );
      return rows.length > 0;
    });
    goOn();
    await Promise.all([first, second]);
    expect(await failing.parked.list()).toEqual([]);
    expect(await able.inbox.versionOf('integration-a.two')).toBe(2);
  });

  it('goes to no older version by a skip, nor by accepting a fork that is none', async () => {
    let broken = true;
    const { processor, parked, inbox } = member('intake.back', (reason) => {
      if (reason === 'v2' && broken) throw new TypeError('beyond me');
    });
    await processor.process([version('a.back', 1), version('a.back', 2), version('a.back', 3)], ignored);
    await parked.skipGap('intake.back', 'integration-a.back', 8, decision());
    expect(await parked.skip('intake.back', 'a.back', decision())).toBe(true);
    expect(await inbox.versionOf('integration-a.back')).toBe(8);
    broken = false;
    expect(await parked.redrive('intake.back', 'a.back', { acceptFork: true })).toMatchObject({ handled: 1 });
    expect(await inbox.versionOf('integration-a.back')).toBe(8);
  });

  it('stands in the order in which it was parked, whatever the numbers of its rows', async () => {
    let broken = true;
    const handled: unknown[] = [];
    const { processor, parked } = member('intake.order', (reason) => {
      if (broken) throw new TypeError('not yet');
      handled.push(reason);
    });
    await fixture.admin.query("SELECT setval(pg_get_serial_sequence('intake.es_parked', 'id'), 999998)");
    await processor.process([version('a.order', 1), version('a.order', 2)], ignored);
    const shown = await parked.show('intake.order', 'a.order');
    expect(shown.map(({ message }) => message.headers['ce_streamversion'])).toEqual(['1', '2']);
    expect(await parked.skip('intake.order', 'a.order', decision())).toBe(true);
    broken = false;
    expect(await parked.redrive('intake.order', 'a.order')).toMatchObject({ handled: 1, error: null });
    expect(handled).toEqual(['v2']);
  });

  it('is left between two messages by a service that stops, whether it is re-driven or goes on', async () => {
    let broken = true;
    const handled: unknown[] = [];
    const stopping = new AbortController();
    const handle = (reason: unknown): void => {
      if (broken) throw new TypeError('not yet');
      handled.push(reason);
      if (reason === 'v2') stopping.abort();
    };
    const { processor, parked } = member('intake.stopping', handle, stopping.signal);
    const messages = [1, 2, 3].map((n) => version('a.stopping', n));
    await processor.process(messages, ignored);
    broken = false;
    expect(await parked.redrive('intake.stopping', 'a.stopping')).toEqual({
      handled: 2,
      remaining: 1,
      error: expect.stringContaining('stops'),
    });
    expect(handled).toEqual(['v1', 'v2']);
  });

  it('is left between two messages by a service that stops while what waited for a gap goes on', async () => {
    const handled: unknown[] = [];
    const stopping = new AbortController();
    const handle = (reason: unknown): void => {
      handled.push(reason);
      if (reason === 'v4') stopping.abort();
    };
    const { processor, parked } = member('intake.gap-stopping', handle, stopping.signal);
    await processor.process(
      [3, 4, 5].map((n) => version('a.gap-stopping', n)),
      ignored,
    );
    expect(await parked.skipGap('intake.gap-stopping', 'integration-a.gap-stopping', 2, decision())).toEqual({
      givenUp: true,
      handled: 2,
      remaining: 1,
      error: expect.stringContaining('stops'),
    });
    const next = member('intake.gap-stopping', handle);
    expect(
      await next.parked.skipGap('intake.gap-stopping', 'integration-a.gap-stopping', 2, decision()),
    ).toEqual({ givenUp: false, handled: 1, remaining: 0, error: null });
    expect(handled).toEqual(['v3', 'v4', 'v5']);
  });

  it('goes on behind a gap until the member stops, and with the next one from there', async () => {
    const handled: unknown[] = [];
    const stopping = new AbortController();
    const handle = (reason: unknown): void => {
      handled.push(reason);
      if (reason === 'v2') stopping.abort(new Error('the member stops'));
    };
    const { processor, parked } = member('intake.leaving', handle);
    await processor.process(
      [2, 3, 4].map((n) => version('a.leaving', n)),
      ignored,
    );
    const missing = [version('a.leaving', 1)];
    await expect(processor.process(missing, stopping.signal)).rejects.toThrow('the member stops');
    expect(handled).toEqual(['v1', 'v2']);
    await processor.process(missing, ignored);
    expect(handled).toEqual(['v1', 'v2', 'v3', 'v4']);
    expect(await parked.list('intake.leaving')).toEqual([]);
  });

  it('is at most 10 000 messages; then the partition stops, and goes on when an operator has skipped one or re-driven all', async () => {
    let broken = true;
    const handled: unknown[] = [];
    const { processor, parked } = member('intake.full', (reason) => {
      if (broken) throw new TypeError('never');
      handled.push(reason);
    });
    await processor.process([version('a.full', 1), version('a.full', 2)], ignored);
    await fixture.admin.query(
      `INSERT INTO intake.es_parked (consumer, topic, partition, position, key, headers, body, reason, error)
       SELECT consumer, topic, partition, 'filler ' || n, key, headers, body, 'behind', 'filler' FROM intake.es_parked, generate_series(3, 10000) n
        WHERE consumer = 'intake.full' AND reason = 'behind'`,
    );
    const next = [version('a.full', 3)];
    await expect(processor.process(next, ignored)).rejects.toMatchObject({ code: 'parking-full' });
    expect(await parked.list('intake.full')).toMatchObject([{ messages: 10_000 }]);
    expect(await parked.skip('intake.full', 'a.full', decision())).toBe(true);
    await processor.process(next, ignored);
    await expect(processor.process([version('a.full', 4)], ignored)).rejects.toMatchObject({
      message: expect.stringContaining('kwanus parked redrive|skip intake.full a.full'),
    });
    broken = false;
    // Each takes a transaction: thousands would take a minute.
    await fixture.admin.query("DELETE FROM intake.es_parked WHERE position ~ 'filler (....|[3-9]..)'");
    const turns = [
      await parked.redrive('intake.full', 'a.full'),
      await parked.redrive('intake.full', 'a.full'),
    ];
    expect(turns).toEqual([
      { handled: 200, remaining: 99, error: null },
      { handled: 99, remaining: 0, error: null },
    ]);
    await processor.process([version('a.full', 4)], ignored);
    expect(handled).toEqual(['v2', 'v3', 'v4']);
  });

  it('is forgotten by id after 30 days, and still known by its version', async () => {
    const name = 'intake.old';
    const handled: unknown[] = [];
    const { processor } = member(name, (reason) => void handled.push(reason));
    const messages = [version('a.old', 1), version('a.old', 2)];
    await processor.process(messages, ignored);
    const age =
      "UPDATE intake.es_inbox SET handled_at = handled_at - interval '31 days' WHERE consumer = $1 AND event_id = $2";
    await fixture.admin.query(age, [name, messages[0]?.headers['ce_id']]);
    const consumers = openConsumers({ service: 'intake', log, transport });
    expect(await consumers.prune()).toBe(1);
    expect(await consumers.prune()).toBe(0);
    await processor.process(messages, ignored);
    expect(handled).toEqual(['v1', 'v2']);
  });
});
