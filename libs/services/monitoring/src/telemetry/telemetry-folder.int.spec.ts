import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import fc from 'fast-check';
import {
  eventually,
  type Monitoring,
  receivedCall,
  SettableClock,
  startMonitoring,
} from '../testing/monitoring-harness.js';
import { SLI_CORRECTED, WINDOW_SEALED, windowOfEvent } from './telemetry-log.js';

const TEN = Date.UTC(2026, 10, 23, 10);
const minute = (n: number): number => TEN + n * 60_000;

class Killed extends Error {}

describe('Folding telemetry', () => {
  const clock = new SettableClock(minute(60));
  let database: TestDatabase;
  let monitoring: Monitoring;
  let partition = 100;

  beforeAll(async () => {
    database = await testDatabase();
    monitoring = await startMonitoring(database.url, clock, { consuming: false });
  });
  afterAll(async () => {
    await monitoring?.stop();
    await database?.drop();
  });

  const place = () => ({ topic: 'kwanus.telemetry', partition });
  const calls = (integration: string, from: number, minutes: readonly number[]) =>
    minutes.map((at, index) => receivedCall(from + index, { integration, at: minute(at) }));
  const open = async (integration: string): Promise<number> => {
    const rows = await monitoring.telemetry.work.query<{ totals: string }>(
      'SELECT totals FROM monitoring_telemetry.open_window WHERE integration_id = $1',
      [integration],
    );
    return rows.reduce(
      (sum, { totals }) => sum + (JSON.parse(totals) as { observations: number }).observations,
      0,
    );
  };
  const closed = async (integration: string): Promise<Record<string, number>> => {
    const { events } = await monitoring.telemetry.store.readStream(`windows-${integration}@1.3.0`);
    const sum = (type: string): number =>
      events
        .filter((event) => event.type === type)
        .reduce((total, event) => total + (windowOfEvent(event)?.totals.observations ?? 0), 0);
    return { events: events.length, sealed: sum(WINDOW_SEALED), corrected: sum(SLI_CORRECTED) };
  };

  it('[PB-2.6] writes one event per sealed window, and keeps the rest open', async () => {
    partition += 1;
    await monitoring.folder.fold(place(), calls('acme.one', 1, [0, 0.5, 1, 4]));
    expect(await closed('acme.one')).toEqual({ events: 2, sealed: 3, corrected: 0 });
    expect(await open('acme.one')).toBe(1);
  });

  it('counts once what a transport delivers again, wholly or in part', async () => {
    partition += 1;
    const first = calls('acme.again', 1, [0, 0, 0]);
    const second = calls('acme.again', 4, [1, 5]);
    await monitoring.folder.fold(place(), first);
    await monitoring.folder.fold(place(), first);
    await monitoring.folder.fold(place(), [...first.slice(1), ...second]);
    await monitoring.folder.fold(place(), second);
    expect(await closed('acme.again')).toEqual({ events: 2, sealed: 4, corrected: 0 });
    expect(await open('acme.again')).toBe(1);
  });

  const again = (integration: string, position: number, like: number, source = 'kwanus/gateway') => {
    const { headers, ...message } = receivedCall(position, { integration, at: minute(0) });
    return { ...message, headers: { ...headers, ce_id: `t-${like}`, ce_source: source } };
  };
  const refusedAs = async (reason: string): Promise<number> => {
    const [row] = await monitoring.telemetry.work.query<{ count: number }>(
      'SELECT count::int FROM monitoring_telemetry.telemetry_refused WHERE partition = $1 AND reason = $2',
      [partition, reason],
    );
    return row?.count ?? 0;
  };

  it('counts once what a producer sends again under the same id, in one batch or later; another source has ids of its own', async () => {
    partition += 1;
    const call = (position: number, like = position, source?: string) =>
      again('acme.resent', position, like, source);
    await monitoring.folder.fold(place(), [call(1), call(2, 1), call(3)]);
    await monitoring.folder.fold(place(), [call(4, 1), call(5, 1, 'acme/checkout'), call(6)]);
    expect(await open('acme.resent')).toBe(4);
    expect(await refusedAs('duplicate')).toBe(2);
  });

  it('knows the ids that another member counted, and those of a batch that was not committed for what they are', async () => {
    partition += 1;
    const other = await startMonitoring(database.url, clock, { consuming: false });
    await other.folder.fold(place(), [again('acme.moved', 1, 1), again('acme.moved', 2, 2)]);
    await other.stop();
    const killed = monitoring.telemetry.work.run(async () => {
      await monitoring.folder.fold(place(), [again('acme.moved', 3, 2), again('acme.moved', 4, 3)]);
      throw new Killed();
    });
    await expect(killed).rejects.toBeInstanceOf(Killed);
    await monitoring.folder.fold(place(), [again('acme.moved', 3, 2), again('acme.moved', 4, 3)]);
    expect(await open('acme.moved')).toBe(3);
  });

  it('forgets an id when no window of its time can be open any more', async () => {
    partition += 1;
    const rows = async (): Promise<readonly string[]> => {
      const found = await monitoring.telemetry.work.query<{ last_position: string }>(
        'SELECT last_position FROM monitoring_telemetry.telemetry_ids WHERE partition = $1 ORDER BY counted_ms',
        [partition],
      );
      return found.map((row) => row.last_position);
    };
    await monitoring.folder.fold(place(), [again('acme.long-ago', 1, 1)]);
    expect(await rows()).toEqual(['1']);
    const before = clock.value;
    clock.value += 6 * 60_000;
    await monitoring.folder.fold(place(), [again('acme.long-ago', 2, 1)]);
    expect(await open('acme.long-ago')).toBe(2);
    expect(await rows()).toEqual(['2']);
    clock.value = before;
  });

  it('loses nothing and repeats nothing when it is killed between fold and commit', async () => {
    partition += 1;
    const batch = calls('acme.killed', 1, [0, 1, 6]);
    const killed = monitoring.telemetry.work.run(async () => {
      await monitoring.folder.fold(place(), batch);
      throw new Killed();
    });
    await expect(killed).rejects.toBeInstanceOf(Killed);
    expect(await closed('acme.killed')).toEqual({ events: 0, sealed: 0, corrected: 0 });
    await monitoring.folder.fold(place(), batch);
    expect(await closed('acme.killed')).toEqual({ events: 2, sealed: 2, corrected: 0 });
    expect(await open('acme.killed')).toBe(1);
  });

  it('counts once when two members hold the partition at the same moment', async () => {
    partition += 1;
    const batch = calls('acme.two', 1, [0, 0, 7]);
    await Promise.all([1, 2, 3, 4].map(() => monitoring.folder.fold(place(), batch)));
    expect(await closed('acme.two')).toEqual({ events: 1, sealed: 2, corrected: 0 });
    expect(await open('acme.two')).toBe(1);
  });

  it('counts all of an integration whose telemetry comes over several partitions at once', async () => {
    const members = Array.from({ length: 6 }, () => {
      partition += 1;
      return place();
    });
    for (let round = 0; round < 5; round += 1)
      await Promise.all(
        members.map((member) =>
          monitoring.folder.fold(member, calls('acme.spread', round * 4, [0, 0, 0, 0])),
        ),
      );
    expect(await open('acme.spread')).toBe(6 * 5 * 4);
  });

  it('adds what comes late as a correction that read models take in', async () => {
    partition += 1;
    await monitoring.folder.fold(place(), calls('acme.late', 1, [0, 9]));
    await monitoring.folder.fold(place(), calls('acme.late', 3, [0.5, 0.6]));
    expect(await closed('acme.late')).toEqual({ events: 2, sealed: 1, corrected: 2 });
    const [totals] = await eventually(async () => {
      const found = await monitoring.windows.releases({
        integrationId: 'acme.late',
        partner: null,
        after: null,
        limit: 1,
      });
      return found[0]?.late === 2 ? found : undefined;
    });
    expect(totals?.totals.observations).toBe(3);
    const [sum] = await monitoring.windows.signals(
      { integrationId: 'acme.late', since: [minute(0)], before: minute(1) },
      ['1.3.0'],
    );
    expect(sum).toMatchObject({ signal: 'api-errors', of: null, requests: 3, failures: 0 });
  });

  it('counts what can’t be read, by reason, and goes on', async () => {
    partition += 1;
    const [good] = calls('acme.odd', 3, [0]);
    const odd = receivedCall(1, { integration: 'acme.odd', at: minute(0) });
    const batch = [
      { ...odd, body: null },
      { ...odd, position: '2', key: 'beta.other' },
      receivedCall(4, { integration: 'acme.odd', at: minute(63) }),
    ];
    await monitoring.folder.fold(place(), [
      ...batch.slice(0, 2),
      ...(good === undefined ? [] : [good]),
      ...batch.slice(2),
    ]);
    expect(await open('acme.odd')).toBe(1);
    const rows = await monitoring.telemetry.work.query(
      'SELECT reason, count::int FROM monitoring_telemetry.telemetry_refused WHERE partition = $1 ORDER BY reason',
      [partition],
    );
    expect(rows).toEqual([
      { reason: 'future', count: 1 },
      { reason: 'key-differs', count: 1 },
      { reason: 'no-body', count: 1 },
    ]);
  });

  it('counts every event once, wherever it is cut, killed and begun again', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 1_200 }), { minLength: 5, maxLength: 40, size: 'max' }),
        fc.array(
          fc.record({ length: fc.integer({ min: 1, max: 15 }), again: fc.nat(5), killed: fc.boolean() }),
          {
            minLength: 40,
            maxLength: 40,
          },
        ),
        async (seconds, steps) => {
          partition += 1;
          run += 1;
          const integration = `acme.run-${run}`;
          const log = seconds.map((second, index) =>
            receivedCall(index, { integration, at: TEN + second * 1_000 }),
          );
          let next = 0;
          for (const { length, again, killed } of steps) {
            const batch = log.slice(Math.max(0, next - again), next + length);
            if (killed)
              await monitoring.telemetry.work
                .run(async () => {
                  await monitoring.folder.fold(place(), batch);
                  throw new Killed();
                })
                .catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
            else {
              await monitoring.folder.fold(place(), batch);
              next = Math.min(log.length, next + length);
            }
            if (next >= log.length) break;
          }
          await monitoring.folder.fold(place(), log.slice(Math.max(0, next - 3)));
          const { sealed = 0, corrected = 0 } = await closed(integration);
          expect(sealed + corrected + (await open(integration))).toBe(log.length);
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);

  it('counts a topic that was made anew from its beginning', async () => {
    await monitoring.telemetry.work.query(
      `INSERT INTO monitoring_telemetry.telemetry_offset (topic, partition, last_position)
       SELECT t.name, p.partition, '500' FROM bus.topic t JOIN bus.partition p ON p.topic_id = t.id WHERE t.name = $1`,
      [place().topic],
    );
    await monitoring.transport.send(place().topic, calls('acme.anew', 9_001, [59, 59, 59]));
    const reader = await startMonitoring(database.url, clock);
    try {
      await eventually(async () => ((await open('acme.anew')) === 3 ? true : undefined), 10_000);
    } finally {
      await reader.stop();
    }
  });
});
