import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv5 } from '@kwanus/canonical';
import { DomainRejection } from '@kwanus/kernel';
import {
  eventually,
  SIGNED_OFF,
  SOURCE,
  TOPIC,
  type TwoServices,
  twoServices,
  WITHDRAWN,
} from '@kwanus/testing-infra/two-services';
import type { ConsumerDefinition, IntegrationMessage, ParkedMessage } from '../consumer.port.js';
import type { Relay } from '../relay/relay.js';
import type { ReceivedMessage, TransportMessage } from '../transport.port.js';
import { openConsumers, type ServiceConsumers } from './service-consumers.js';

const DECISION = () => ({
  actor: { id: 'person:operator', kind: 'person' as const },
  reason: 'it can never be handled',
  commandId: randomUUID(),
  correlationId: randomUUID(),
});
const ZERO = '0'.repeat(64);
const hash = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('hex').slice(0, 64);

/** A message as a stranger, or a producer gone wrong, would send it. */
const forged = (
  id: string,
  version: number,
  change: Record<string, string> = {},
  body = '',
): TransportMessage => ({
  key: id,
  headers: {
    ce_specversion: '1.0',
    ce_id: uuidv5(`${id} ${version}`),
    ce_type: WITHDRAWN,
    ce_source: SOURCE,
    ce_time: '2026-11-23T10:00:00.000000Z',
    ce_streamid: `integration-${id}`,
    ce_streamversion: String(version),
    ce_prevhash: version === 1 ? ZERO : hash(`${id} ${version - 1}`),
    ce_eventhash: hash(`${id} ${version}`),
    ce_correlationid: randomUUID(),
    ...change,
  },
  body: Buffer.from(
    body === '' ? JSON.stringify({ integrationId: id, release: '1.0.0', reason: `v${version}` }) : body,
  ),
});

const sameHeaders = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

describe('ServiceConsumers', () => {
  let services: TwoServices;
  let relay: Relay;
  const open: ServiceConsumers[] = [];
  let consumerNr = 0;

  beforeAll(async () => {
    services = await twoServices();
    relay = services.relay();
    relay.start();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((consumers) => consumers.stop()));
  });
  afterAll(async () => {
    await relay.stop();
    await services.close();
  });

  /** A consumer that appends `Noted` to a stream per integration. */
  const note = async (
    handle?: (message: IntegrationMessage) => void,
    name = `rollout.notes-${(consumerNr += 1)}`,
  ): Promise<{
    name: string;
    consumers: ServiceConsumers;
    troubles: unknown[];
    notes: (id: string) => Promise<unknown[]>;
  }> => {
    const troubles: unknown[] = [];
    const consumers = openConsumers({
      service: 'rollout',
      log: services.rollout,
      transport: services.transport,
      onTrouble: (error) => troubles.push(error),
    });
    const handler: ConsumerDefinition['handlers'][string] = async (message, { metadata }) => {
      handle?.(message);
      await services.rollout.store.append({
        streamId: `notes-${name}.${message.key}`,
        streamType: 'notes',
        routingKey: message.key,
        expectedVersion: 'any',
        events: [{ type: 'Noted', data: { reason: message.data['reason'] ?? null } }],
        metadata,
      });
    };
    consumers.register({ name, topic: TOPIC, source: SOURCE, handlers: { [WITHDRAWN]: handler } });
    await consumers.start();
    open.push(consumers);
    const notes = async (id: string): Promise<unknown[]> =>
      (await services.rollout.store.readStream(`notes-${name}.${id}`)).events.map(
        ({ data }) => data['reason'],
      );
    return { name, consumers, troubles, notes };
  };
  const send = (...messages: TransportMessage[]): Promise<void> => services.transport.send(TOPIC, messages);
  const caughtUp = (name: string): Promise<void> =>
    eventually('caught up', async () => {
      const lag = await services.transport.lag(name);
      return lag.size > 0 && [...lag.values()].every((behind) => behind === 0);
    });

  it('appends once for every message, in order, and carries correlation, cause and playbook version', async () => {
    const { name, notes } = await note();
    await services.append('one.a', ['1', '2', '3']);
    await services.append('one.b', ['1']);
    await eventually(
      'all noted',
      async () => (await notes('one.a')).length === 3 && (await notes('one.b')).length === 1,
    );
    expect(await notes('one.a')).toEqual(['1', '2', '3']);
    const [first] = (await services.rollout.store.readStream(`notes-${name}.one.a`)).events;
    const [cause] = (await services.intake.store.readStream('integration-one.a')).events;
    expect(first?.metadata).toMatchObject({
      actor: { id: 'system:rollout', kind: 'system' },
      correlationId: cause?.metadata.correlationId,
      causationId: cause?.eventId,
      playbookVersion: '1.0',
    });
  });

  it('does nothing twice when everything comes again', async () => {
    const { name, notes } = await note();
    await services.append('twice.a', ['1', '2']);
    await eventually('noted', async () => (await notes('twice.a')).length === 2);
    await relay.republish('integration-twice.a', 1);
    await services.append('twice.a', ['3']);
    await eventually('the new one', async () => (await notes('twice.a')).length >= 3);
    await caughtUp(name);
    expect(await notes('twice.a')).toEqual(['1', '2', '3']);
  });

  it('parks the key of a message that it can never handle, lets others pass, and re-drives in order', async () => {
    let broken = true;
    const { name, consumers, notes } = await note((message) => {
      if (broken && message.data['reason'] === 'poison') throw new TypeError('this one is beyond me');
    });
    await services.append('park.a', ['1', 'poison', '3', '4']);
    await services.append('park.b', ['1']);
    await eventually('parked', async () => (await consumers.parked.list(name))[0]?.messages === 3);
    await eventually('others pass', async () => (await notes('park.b')).length === 1);
    expect(await notes('park.a')).toEqual(['1']);
    expect(await consumers.parked.list(name)).toEqual([
      expect.objectContaining({
        consumer: name,
        key: 'park.a',
        messages: 3,
        error: expect.stringContaining('beyond me'),
      }),
    ]);
    const [first, second] = await consumers.parked.show(name, 'park.a');
    expect(JSON.parse(String(first?.message.body))).toMatchObject({ reason: 'poison' });
    expect(first?.attempts).toBe(4);
    expect(second?.error).toContain('waits behind');
    expect(await consumers.parked.redrive(name, 'park.a')).toMatchObject({ handled: 0, remaining: 3 });
    broken = false;
    expect(await consumers.parked.redrive(name, 'park.a')).toEqual({ handled: 3, remaining: 0, error: null });
    await services.append('park.a', ['5']);
    await eventually('the next one flows', async () => (await notes('park.a')).length === 5);
    expect(await notes('park.a')).toEqual(['1', 'poison', '3', '4', '5']);
  });

  it('copies what was parked to the dead letters, with the reason and where it came from', async () => {
    const { name, consumers } = await note(() => {
      throw new TypeError('never');
    });
    const letters: ReceivedMessage[] = [];
    await services.append('dead.a', ['1']);
    await eventually('parked', async () =>
      (await consumers.parked.list(name)).some(({ key }) => key === 'dead.a'),
    );
    const subscription = await services.transport.subscribe({
      group: `${name}.reader`,
      topics: [`${name}.dlq`],
      handler: async (batch) => {
        letters.push(...batch);
      },
    });
    await eventually('a letter', () => letters.some(({ key }) => key === 'dead.a'));
    await subscription.stop();
    const letter = letters.find(({ key }) => key === 'dead.a');
    expect(letter?.headers).toMatchObject({
      ce_type: WITHDRAWN,
      kwanus_topic: TOPIC,
      kwanus_reason: expect.stringContaining('never'),
    });
  });

  it('leaves a message out when an operator says so: an event tells who, what and why', async () => {
    const { name, consumers, notes } = await note((message) => {
      if (message.data['reason'] === 'poison') throw new TypeError('no');
    });
    await services.append('skip.a', ['poison', '2']);
    await eventually('parked', async () =>
      (await consumers.parked.list(name)).some((p) => p.key === 'skip.a' && p.messages === 2),
    );
    const decision = DECISION();
    expect(await consumers.parked.skip(name, 'skip.a', decision)).toBe(true);
    expect(await consumers.parked.redrive(name, 'skip.a')).toEqual({ handled: 1, remaining: 0, error: null });
    expect(await notes('skip.a')).toEqual(['2']);
    const { events } = await services.rollout.store.readStream(`consumer-${name}`);
    expect(events.map(({ type, data, metadata }) => ({ type, data, actor: metadata.actor.id }))).toEqual([
      {
        type: 'ParkedMessageSkipped',
        actor: 'person:operator',
        data: expect.objectContaining({ key: 'skip.a', streamVersion: 1, reason: decision.reason }),
      },
    ]);
    expect(await consumers.parked.skip(name, 'skip.a', DECISION())).toBe(false);
  });

  it('settles what the rules refuse, on record, and never tries it again', async () => {
    let tries = 0;
    const { name, notes } = await note((message) => {
      if (message.data['reason'] !== 'refused') return;
      tries += 1;
      throw new DomainRejection('not-in-review', 'This integration is not in review.');
    });
    await services.append('rules.a', ['refused']);
    await services.append('rules.a', ['after']);
    await eventually('the one after', async () => (await notes('rules.a')).length === 1);
    const { events } = await services.rollout.store.readStream(`consumer-${name}`);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'MessageRejected',
        data: expect.objectContaining({ code: 'not-in-review', streamVersion: 1 }),
      }),
    ]);
    expect(tries).toBeLessThanOrEqual(3); // with others, with those of its key, by itself
  });

  it.each<[string, TransportMessage]>([
    ['without a key', { ...forged('odd.a', 1), key: null }],
    ['without an id', forged('odd.b', 1, { ce_id: '' })],
    [
      'with garbage for headers',
      { key: 'odd.c', headers: { ce_id: '\u0000', '': '💥' }, body: Buffer.from('{}') },
    ],
    ['from another source', forged('odd.d', 1, { ce_source: 'kwanus/rollout' })],
    ['with a version that is no number', forged('odd.e', 1, { ce_streamversion: '1e3' })],
  ])('parks a message %s alone, and its partition moves on', async (_, strange) => {
    const { name, consumers, notes } = await note();
    await send(strange, forged(strange.key ?? 'odd.a', 1));
    await eventually('what follows', async () => (await notes(strange.key ?? 'odd.a')).length === 1);
    const find = async (): Promise<ParkedMessage | undefined> => {
      const alone = (await consumers.parked.list(name)).filter(({ key }) => key.startsWith(`${TOPIC}/`));
      const shown = await Promise.all(alone.map(({ key }) => consumers.parked.show(name, key)));
      return shown.flat().find(({ message }) => sameHeaders(message.headers, strange.headers));
    };
    // Without a key it is in a partition of its own choice, which may be read later.
    await eventually('it is parked', async () => (await find()) !== undefined);
    const found = await find();
    expect(found?.message.key).toBe(strange.key);
    expect(await consumers.parked.skip(name, found?.key ?? '', DECISION())).toBe(true);
  });

  it.each<[string, TransportMessage]>([
    ['is not JSON', forged('body.a', 1, {}, '{"reason": ')],
    ['is a tombstone', { ...forged('body.b', 1), body: null }],
    ['does not fit its schema', forged('body.c', 1, {}, '{"release":"1.0.0"}')],
    ['is too large', forged('body.d', 1, {}, JSON.stringify({ x: 'y'.repeat(1_100_000) }))],
    [
      'is of a version that this service does not know',
      forged('body.e', 1, { ce_type: WITHDRAWN.replace('v1', 'v2') }),
    ],
  ])('parks the key when the body %s', async (_, bad) => {
    const { name, consumers, notes } = await note();
    await send(bad, forged(bad.key as string, 2));
    await eventually('both parked', async () =>
      (await consumers.parked.list(name)).some(({ key, messages }) => key === bad.key && messages === 2),
    );
    expect(await notes(bad.key as string)).toEqual([]);
  });

  it('moves on over a type that nobody here handles', async () => {
    const { notes } = await note();
    await send(
      forged('other.a', 1, { ce_type: SIGNED_OFF }),
      forged('other.a', 2, { ce_type: 'kwanus.integration.from-the-future.v1' }),
      forged('other.a', 3),
    );
    await eventually('the third', async () => (await notes('other.a')).length === 1);
  });

  it('parks the key when the same version comes with another id, or follows another history', async () => {
    const { name, consumers, notes } = await note();
    await send(
      forged('fork.a', 1),
      forged('fork.b', 1),
      forged('fork.a', 1, { ce_id: randomUUID() }),
      forged('fork.b', 2, { ce_prevhash: hash('elsewhere') }),
    );
    await eventually('both parked', async () => {
      const keys = (await consumers.parked.list(name)).map(({ key }) => key);
      return keys.includes('fork.a') && keys.includes('fork.b');
    });
    expect([await notes('fork.a'), await notes('fork.b')]).toEqual([['v1'], ['v1']]);
    expect((await consumers.parked.redrive(name, 'fork.b')).error).toContain('forked');
    expect(await consumers.parked.redrive(name, 'fork.b', { acceptFork: true })).toMatchObject({
      handled: 1,
      remaining: 0,
    });
    expect(await notes('fork.b')).toEqual(['v1', 'v2']);
  });

  it('fills a gap from what was sent again', async () => {
    const { troubles, notes } = await note();
    await send(forged('fill.a', 1), forged('fill.a', 3));
    await eventually('it is told', () => troubles.some((error) => String(error).includes('StreamGap')));
    await send(forged('fill.a', 2), forged('fill.a', 3));
    await eventually('all three', async () => (await notes('fill.a')).length === 3);
    expect(await notes('fill.a')).toEqual(['v1', 'v2', 'v3']);
  });

  it('parks an event that is ahead of its stream, names the remedy, and goes on when what is missing is given up', async () => {
    const { name, consumers, troubles, notes } = await note();
    await send(forged('gap.a', 1), forged('gap.a', 3));
    await eventually('it is told', () => troubles.some((error) => String(error).includes('StreamGap')));
    expect(String(troubles.find((error) => String(error).includes('StreamGap')))).toContain(
      'kwanus relay republish integration-gap.a --from 2',
    );
    expect(await notes('gap.a')).toEqual(['v1']);
    await consumers.parked.skipGap(name, 'integration-gap.a', 2, DECISION());
    await eventually('it goes on', async () => (await notes('gap.a')).length === 2);
    expect(await notes('gap.a')).toEqual(['v1', 'v3']);
  });
});
