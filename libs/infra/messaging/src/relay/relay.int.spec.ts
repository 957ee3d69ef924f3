import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore, LONGEST_ID } from '@kwanus/event-store';
import {
  eventually,
  publisherTo,
  SOURCE,
  TOPIC,
  type TwoServices,
  twoServices,
  WITHDRAWN,
} from '@kwanus/testing-infra/two-services';
import { readEnvelope } from '../consumers/envelope.js';
import { TransportUnavailable } from '../errors.js';
import type { ReceivedMessage, Subscription, Transport, TransportMessage } from '../transport.port.js';
import { UnpublishableEvent } from './errors.js';
import { openRelay, type Relay } from './relay.js';

describe('Relay', () => {
  let services: TwoServices;
  const got: ReceivedMessage[] = [];
  let subscription: Subscription;
  const relays: Relay[] = [];
  const start = (troubles: unknown[] = []): Relay => {
    const relay = services.relay(troubles);
    relays.push(relay);
    relay.start();
    return relay;
  };
  const of = (id: string): ReceivedMessage[] => got.filter(({ key }) => key === id);

  beforeAll(async () => {
    services = await twoServices();
    subscription = await services.transport.subscribe({
      group: 'spy',
      topics: [TOPIC],
      handler: async (batch) => {
        got.push(...batch);
      },
    });
  }, 60_000);
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  });
  afterAll(async () => {
    await subscription.stop();
    await services.close();
  });

  it('sends every stored event as one CloudEvent, in order, chained', async () => {
    start();
    await services.append('acme.crm', ['one', 'two', 'three']);
    await eventually('three messages', () => of('acme.crm').length >= 3);
    const { events } = await services.intake.store.readStream('integration-acme.crm');
    expect(of('acme.crm').map(({ headers, body }) => [headers, JSON.parse(String(body))])).toEqual(
      events.map((event) => [
        {
          'content-type': 'application/json',
          ce_specversion: '1.0',
          ce_id: event.eventId,
          ce_type: WITHDRAWN,
          ce_source: SOURCE,
          ce_time: event.occurredAt,
          ce_streamid: 'integration-acme.crm',
          ce_streamversion: String(event.version),
          ce_prevhash: event.prevHash,
          ce_eventhash: event.hash,
          ce_correlationid: event.metadata.correlationId,
          ce_playbookversion: '1.0',
        },
        event.data,
      ]),
    );
  });

  it('sends the longest id that can be appended in a form that consumers believe; a longer one is refused before it is stored', async () => {
    start();
    const id = 'a'.repeat(LONGEST_ID - 'integration-'.length);
    await services.append(id, ['a'], 'Hidden');
    await eventually('it arrives', () => of(id).length === 1);
    const [message] = of(id);
    expect(readEnvelope(message as ReceivedMessage, SOURCE)).toMatchObject({ streamId: `integration-${id}` });
    await expect(services.append(`${id}b`, ['b'], 'Hidden')).rejects.toThrow(`1 to ${LONGEST_ID} characters`);
  });

  it('sends what is internal without its data, so that nobody sees a gap', async () => {
    start();
    await services.append('acme.hidden', ['a']);
    await services.append('acme.hidden', ['secret'], 'Hidden');
    await services.append('acme.hidden', ['b']);
    await eventually('three messages', () => of('acme.hidden').length >= 3);
    const [, withheld] = of('acme.hidden');
    expect(withheld?.headers).toMatchObject({ ce_type: 'kwanus.intake.withheld.v1', ce_streamversion: '2' });
    expect(String(withheld?.body)).toBe('{}');
  });

  it('goes on where the last one stopped, and sends nothing twice for that', async () => {
    const first = start();
    await services.append('acme.resume', ['a']);
    await eventually('one', () => of('acme.resume').length >= 1);
    await first.stop();
    await services.append('acme.resume', ['b']);
    start();
    await eventually('two', () => of('acme.resume').length >= 2);
    expect(of('acme.resume').map(({ headers }) => headers['ce_streamversion'])).toEqual(['1', '2']);
  });

  it('goes on in the epoch that its log was raised to, and sends nothing twice for that', async () => {
    await services.sql.query("UPDATE intake.es_log SET epoch = nextval('intake.es_epoch')::smallint");
    const first = start();
    await services.append('acme.epoch', ['a']);
    await eventually('one', () => of('acme.epoch').length >= 1);
    await first.stop();
    expect(await first.progress()).toMatchObject({ position: { epoch: 2 }, behind: 0 });
    start();
    await services.append('acme.epoch', ['b']);
    await eventually('two', () => of('acme.epoch').length >= 2);
    expect(of('acme.epoch').map(({ headers }) => headers['ce_streamversion'])).toEqual(['1', '2']);
  });

  it('sends the whole log again, in order, when it was rewound in another process; an event says who and why', async () => {
    const relay = start();
    await services.append('acme.rewound', ['a', 'b']);
    await eventually('two', () => of('acme.rewound').length >= 2);
    await eventually('nothing waits', async () => (await relay.progress()).behind === 0);
    const before = got.length;
    const waiting = await services.relay().rewind({
      actor: { id: 'person:oscar', kind: 'person' },
      reason: 'the brokers were restored empty',
      commandId: randomUUID(),
      correlationId: randomUUID(),
    });
    const { rows: events } = await services.sql.query<{ id: string; key: string }>(
      'SELECT event_id AS id, routing_key AS key FROM intake.es_event e ORDER BY e.epoch, e.xid, e.global_position',
    );
    expect(waiting).toBe(events.length);
    await eventually('all', () => got.length - before === events.length + 1);
    const ofKey = (key: string): (string | undefined)[] =>
      got
        .slice(before)
        .filter((message) => message.key === key)
        .map(({ headers }) => headers['ce_id']);
    for (const key of new Set(events.map((event) => event.key))) {
      const expected = events.filter((event) => event.key === key).map(({ id }) => id);
      // The event by which the relay noticed goes out before all others, and again in its place.
      expect(ofKey(key)).toEqual(key === 'log-intake' ? [expected.at(-1), ...expected] : expected);
    }
    await eventually('nothing waits', async () => (await relay.progress()).behind === 0);
    expect((await services.intake.store.readStream('log-intake')).events.at(-1)).toMatchObject({
      type: 'RelayRewound',
      data: { reason: 'the brokers were restored empty' },
      metadata: { actor: { id: 'person:oscar' } },
    });
  });

  it('is alone: a second one waits, and takes over when the first one’s connection is gone', async () => {
    const troubles: unknown[] = [];
    start(troubles);
    await services.append('acme.turn', ['a']);
    await eventually('one', () => of('acme.turn').length >= 1);
    start();
    const lock =
      "SELECT pid, granted FROM pg_locks WHERE locktype = 'advisory' AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE '%kwanus%relay%' OR query LIKE '%pg_try_advisory_lock%') AND mode = 'ExclusiveLock'";
    const { rows } = await services.sql.query(lock);
    await services.sql.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
    await services.append('acme.turn', ['b', 'c']);
    await eventually('all three', () => new Set(of('acme.turn').map((m) => m.headers['ce_id'])).size >= 3);
  });

  it('waits while another lives, and raises no fence', async () => {
    start();
    await services.append('acme.patient', ['a']);
    await eventually('one', () => of('acme.patient').length >= 1);
    const fence = "SELECT fence FROM intake.es_checkpoint WHERE subscriber = 'relay'";
    const { rows: before } = await services.sql.query(fence);
    start();
    await eventually('the second one asks for its turn', async () => {
      const { rows } = await services.sql.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock%' AND state = 'idle'",
      );
      return rows.length >= 2;
    });
    await services.append('acme.patient', ['b']);
    await eventually('two', () => of('acme.patient').length >= 2);
    expect((await services.sql.query(fence)).rows).toEqual(before);
    expect(of('acme.patient').map(({ headers }) => headers['ce_streamversion'])).toEqual(['1', '2']);
  });

  it('moves its checkpoint only when the transport has answered', async () => {
    const troubles: unknown[] = [];
    const send = services.transport.send.bind(services.transport);
    let refusing = true;
    services.transport.send = async (topic, messages) => {
      if (refusing) throw new TransportUnavailable('not now');
      await send(topic, messages);
    };
    start(troubles);
    await services.append('acme.refused', ['a', 'b']);
    await eventually('it is refused', () => troubles.length > 0);
    refusing = false;
    await eventually('both', () => of('acme.refused').length >= 2);
    services.transport.send = send;
    expect(of('acme.refused').map(({ headers }) => headers['ce_streamversion'])).toEqual(['1', '2']);
  });

  it('reads on while a full batch is under way, and its checkpoint never leaves the answers behind', async () => {
    const arrived = new Map<number, () => void>();
    const sent: (string | undefined)[][] = [];
    let reads = 0;
    const relay = openRelay({
      service: 'intake',
      topic: TOPIC,
      publisher: publisherTo(TOPIC),
      log: {
        work: services.intake.work,
        watch: services.intake.watch,
        store: Object.create(services.intake.store, {
          readAll: {
            value: (...which: Parameters<EventStore['readAll']>) => {
              reads += 1;
              return services.intake.store.readAll(...which);
            },
          },
        }) as EventStore,
      },
      transport: Object.create(services.transport, {
        send: {
          value: async (_: string, messages: readonly TransportMessage[]) => {
            sent.push(messages.map(({ headers }) => headers['ce_streamversion']));
            await new Promise<void>((resolve) => arrived.set(sent.length, resolve));
          },
        },
      }) as Transport,
      url: services.url,
      batchSize: 2,
    });
    relays.push(relay);
    await services.append('acme.overlap', ['a', 'b', 'c', 'd', 'e']);
    // A neighbour's open transaction may hide some of them for a while: then batches would not be full.
    await eventually('all can be read', async () => {
      const { events: all } = await services.intake.store.readAll(null, 1_000);
      return all.filter(({ streamId }) => streamId === 'integration-acme.overlap').length === 5;
    });
    relay.start();
    await eventually('the first batch is under way', () => sent.length === 1);
    await eventually('the second is read beside it', () => reads === 2);
    expect((await relay.progress()).behind).toBe(5);
    arrived.get(1)?.();
    await eventually('the second batch is under way', () => sent.length === 2);
    await eventually('the first one is noted', async () => (await relay.progress()).behind === 3);
    arrived.get(2)?.();
    await eventually('the third batch is under way', () => sent.length === 3);
    arrived.get(3)?.();
    await eventually('all are noted', async () => (await relay.progress()).behind === 0);
    expect(sent).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  it('sends what is heavy in several batches, in order', async () => {
    const sent: TransportMessage[][] = [];
    const relay = openRelay({
      service: 'intake',
      topic: TOPIC,
      publisher: publisherTo(TOPIC),
      log: services.intake,
      transport: Object.create(services.transport, {
        send: {
          value: async (_: string, messages: readonly TransportMessage[]) => {
            sent.push(messages.filter(({ key }) => key === 'acme.heavy'));
          },
        },
      }) as Transport,
      url: services.url,
    });
    relays.push(relay);
    await services.append(
      'acme.heavy',
      Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(250_000)}`),
    );
    relay.start();
    await eventually('all are sent', () => sent.flat().length === 40);
    const weights = sent.map((batch) => batch.reduce((sum, { body }) => sum + (body?.length ?? 0), 0));
    expect(Math.max(...weights)).toBeLessThan(8 * 1024 * 1024 + 256 * 1024);
    expect(sent.flat().map(({ headers }) => Number(headers['ce_streamversion']))).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
  });

  it('refuses to move the checkpoint once another has raised the fence', async () => {
    const troubles: unknown[] = [];
    start(troubles);
    await services.append('acme.fence', ['a']);
    await eventually('one', () => of('acme.fence').length >= 1);
    await services.sql.query("UPDATE intake.es_checkpoint SET fence = fence + 1 WHERE subscriber = 'relay'");
    await services.append('acme.fence', ['b']);
    await eventually('it notices', () => troubles.some((error) => String(error).includes('RelayFenced')));
  });

  it('sends a stream again from a version on when it is asked to', async () => {
    const relay = start();
    await services.append('acme.again', ['a', 'b', 'c']);
    await eventually('three', () => of('acme.again').length >= 3);
    expect(await relay.republish('integration-acme.again', 2)).toBe(2);
    await eventually('five', () => of('acme.again').length >= 5);
    expect(of('acme.again').map(({ headers }) => headers['ce_streamversion'])).toEqual([
      '1',
      '2',
      '3',
      '2',
      '3',
    ]);
  });

  it('stops before an event that no contract describes, sends what came before it, and says which and why', async () => {
    const troubles: unknown[] = [];
    await services.intake.work.run(async () => {
      await services.append('acme.before', ['x']);
      await services.append('acme.unknown', ['x'], 'NobodyKnowsThis');
      await services.append('acme.behind', ['x']);
    });
    const relay = start(troubles);
    await eventually('it says so', () => troubles.length > 0);
    expect(troubles[0]).toBeInstanceOf(UnpublishableEvent);
    expect(String(troubles[0])).toContain('kwanus.integration.nobody-knows-this.v1');
    expect(relay.lagSeconds()).toBeGreaterThan(0);
    expect(relay.blocked).toEqual({
      stream: 'integration-acme.unknown',
      version: 1,
      type: 'NobodyKnowsThis',
      reason: expect.stringContaining('Add its schema to the registry'),
    });
    await eventually('what came before', () => of('acme.before').length === 1);
    expect([of('acme.unknown'), of('acme.behind')]).toEqual([[], []]);
    expect(await relay.progress()).toMatchObject({ behind: 2 });
  });
});
