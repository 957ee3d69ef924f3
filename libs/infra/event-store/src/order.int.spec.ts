import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendTo, event, eventually, type LogFixture, logFixture, readable } from '@kwanus/testing-infra';
import type { EventLog, LogSlice, StoredEvent } from './index.js';
import { logStatements } from './log/postgres-event-store.js';
import { logNames } from './schema/names.js';

describe('the global order', () => {
  let fixture: LogFixture;
  let log: EventLog;
  beforeEach(async () => {
    fixture = await logFixture();
    log = await fixture.open();
  });
  afterEach(() => fixture.close());

  const types = (events: readonly StoredEvent[]): string[] => events.map(({ type }) => type);

  const fill = async (): Promise<void> => {
    await fixture.admin.query(
      `INSERT INTO intake.es_event (epoch, xid, tenant_id, stream_id, version, routing_key, event_id, type, schema_version, data, meta,
         command_id, command_index, correlation_id, occurred_at, recorded_at, hash_alg, prev_hash, hash)
       SELECT 1, (3 + n)::text::xid8, 'default', 'integration-' || n % 100, n, 'r', gen_random_uuid(), 'T', 1, '{}', '{}',
         gen_random_uuid(), 0, gen_random_uuid(), now(), now(), 1, '', '' FROM generate_series(1, 20000) n;
       ANALYZE intake.es_event`,
    );
  };

  it('is read with one index scan, without a sort', async () => {
    await fill();
    const sql = logStatements(logNames('intake')).readAll;
    const { rows } = await fixture.admin.query(`EXPLAIN (FORMAT JSON) ${sql}`, [1, '500', 500, 200]);
    const plan = JSON.stringify(rows[0]);
    expect(plan).toContain('"Index Name":"es_event_order"');
    expect(plan).not.toContain('"Node Type":"Sort"');
    expect(plan.match(/"Node Type":"[^"]*Scan"/g)?.sort()).toEqual([
      '"Node Type":"Index Scan"',
      '"Node Type":"Seq Scan"',
      '"Node Type":"Subquery Scan"',
    ]);
    expect(plan).toContain('"Relation Name":"es_log"');
  });

  it('is read in slices of bounded bytes, whatever the events weigh, with nothing lost between them', async () => {
    const heavy = Array.from({ length: 40 }, (_, n) => ({
      type: 'Counted',
      data: { n, text: 'x'.repeat(250_000) },
    }));
    await log.store.append(appendTo('integration-a.heavy', { events: heavy }));
    await log.store.append(appendTo('integration-a.light', { events: [event(40)] }));
    const read = async (): Promise<LogSlice[]> => {
      const slices: LogSlice[] = [];
      for (let last: StoredEvent | undefined; ; last = slices.at(-1)?.events.at(-1)) {
        const slice = await log.store.readAll(last?.position ?? null, 500);
        if (slice.events.length === 0) return slices;
        slices.push(slice);
      }
    };
    // Read anew when all can be read: while it was looked, the last may have come as a slice of its own.
    await eventually(async () => (await read()).flatMap(({ events }) => events).length === 41);
    const slices = await read();
    expect(slices.map(({ full }) => full)).toEqual([true, false]);
    for (const { events } of slices)
      expect(JSON.stringify(events.map(({ data }) => data)).length).toBeLessThan(
        8 * 1024 * 1024 + 256 * 1024,
      );
    expect(slices.flatMap(({ events }) => events.map(({ data }) => data['n']))).toEqual(
      Array.from({ length: 41 }, (_, n) => n),
    );
    expect((await log.store.readAll(null, 3)).full).toBe(true);
  });

  it('is looked at from its end for what is new, however much it holds', async () => {
    await fill();
    const sql = logStatements(logNames('intake')).newest;
    const { rows } = await fixture.admin.query(`EXPLAIN (FORMAT JSON) ${sql}`);
    const plan = JSON.stringify(rows[0]);
    expect(plan.match(/"Scan Direction":"Backward","Index Name":"es_event_order"/g)).toHaveLength(2);
    expect(
      plan
        .match(/"Node Type":"Seq Scan"[^}]*?"Relation Name":"\w+"/g)
        ?.every((scan) => scan.includes('es_log')),
    ).toBe(true);
  });

  it('hides what is younger than an open write transaction until that ends', async () => {
    const open = await fixture.admin.connect();
    await open.query('BEGIN');
    await open.query('SELECT pg_current_xact_id()');
    await log.store.append(appendTo('integration-a.b'));
    expect((await log.store.readAll(null, 10)).events).toEqual([]);
    await open.query('COMMIT');
    open.release();
    expect(await readable(log, 1)).toHaveLength(1);
  });

  it('says how long a write transaction has been open, also one of a role that hides it', async () => {
    const open = await fixture.admin.connect();
    await open.query('BEGIN');
    const { rows } = await open.query('SELECT pg_current_xact_id(), pg_backend_pid() AS pid');
    await eventually(async () => (await log.horizon())?.pid === rows[0].pid);
    const first = await log.horizon();
    const second = await log.horizon();
    expect(second?.ageSeconds).toBeGreaterThan(first?.ageSeconds ?? 0);
    await open.query('ROLLBACK');
    open.release();
    await eventually(async () => (await log.horizon())?.pid !== rows[0].pid);
  });

  it('goes on from any position', async () => {
    for (let n = 0; n < 5; n += 1)
      await log.store.append(appendTo(`integration-a.${n}`, { events: [event(n), event(n)] }));
    const all = await readable(log, 10);
    const stepwise: StoredEvent[] = [];
    for (
      let part = (await log.store.readAll(null, 3)).events;
      part.length > 0;
      part = (await log.store.readAll(stepwise.at(-1)?.position ?? null, 3)).events
    )
      stepwise.push(...part);
    expect(stepwise).toEqual(all);
    expect(all).toHaveLength(10);
  });

  describe('the epoch', () => {
    const restored = (): Promise<unknown> =>
      fixture.admin.query("UPDATE intake.es_log SET system_identifier = '1'");

    it('is raised in another cluster, and that is an event', async () => {
      await log.store.append(appendTo('integration-a.b'));
      await restored();
      const again = await fixture.open();
      await again.store.append(appendTo('integration-a.b'));
      const events = await readable(again, 3);
      expect(types(events)).toEqual(['Counted', 'LogEpochRaised', 'Counted']);
      expect(events.map(({ position }) => position.epoch)).toEqual([1, 2, 2]);
      expect(events[1]?.data).toMatchObject({ epoch: 2, previous: 1, reason: 'another-cluster' });
      expect(await again.verifyStream('log-intake')).toMatchObject({ ok: true, events: 1 });
      await fixture.open();
      expect((await again.store.readAll(events[2]?.position ?? null, 10)).events).toEqual([]);
    });

    it('is raised when events carry transaction ids of the future, so that a reader misses nothing', async () => {
      await log.store.append(appendTo('integration-a.b'));
      const client = await fixture.admin.connect();
      await client.query("SET session_replication_role = 'replica'");
      await client.query(
        "UPDATE intake.es_event SET xid = '99999999999'; UPDATE intake.es_stream SET head_xid = '99999999999'",
      );
      client.release(true);
      expect((await log.store.readAll(null, 10)).events).toEqual([]);
      const again = await fixture.open();
      await again.store.append(appendTo('integration-a.b'));
      const events = await readable(again, 3);
      expect(types(events)).toEqual(['Counted', 'LogEpochRaised', 'Counted']);
      expect(events[1]?.data).toMatchObject({ reason: 'transaction-ids-ahead' });
    });

    it('is repaired for readers after a raise that was cut off', async () => {
      await fixture.admin.query("BEGIN; SELECT nextval('intake.es_epoch'); ROLLBACK");
      await log.store.append(appendTo('integration-a.b'));
      expect((await log.store.readAll(null, 10)).events).toEqual([]);
      await fixture.open();
      expect(await readable(log, 1)).toHaveLength(1);
    });

    it('is not raised while an append is in flight: a reader would pass by it', async () => {
      const writer = await fixture.admin.connect();
      const append = (stream: string): string =>
        `SELECT intake.es_append_one('default', '${stream}', 'integration', 'r', -1, gen_random_uuid(), gen_random_uuid(), NULL, NULL, gen_random_uuid(), 'Slow', 1, '{}', '{}')`;
      await writer.query('BEGIN');
      await writer.query(append('integration-slow'));
      await log.store.append(appendTo('integration-quick'));
      await restored();
      let opened = false;
      const opening = fixture.open().then(() => {
        opened = true;
      });
      await eventually(async () => {
        const { rows } = await fixture.admin.query(
          "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
        return opened || rows.length > 0;
      });
      const before = (await log.store.readAll(null, 10)).events;
      await writer.query('COMMIT');
      writer.release();
      await opening;
      await readable(log, 3);
      const after = (await log.store.readAll(before.at(-1)?.position ?? null, 10)).events;
      expect(types([...before, ...after])).toEqual(['Slow', 'Counted', 'LogEpochRaised']);
    });

    it('is raised beside writers without losing one of their events', async () => {
      let writing = true;
      const committed: string[] = [];
      const writers = Array.from({ length: 6 }, async (_, n) => {
        while (writing) {
          const { eventIds } = await log.work.run(() => log.store.append(appendTo(`integration-w.${n}`)));
          committed.push(...eventIds);
        }
      });
      const read: string[] = [];
      let last: StoredEvent | undefined;
      const readOn = async (): Promise<number> => {
        const events = (await log.store.readAll(last?.position ?? null, 100)).events;
        read.push(...events.map(({ eventId }) => eventId));
        last = events.at(-1) ?? last;
        return events.length;
      };
      for (let raise = 0; raise < 5; raise += 1) {
        await restored();
        const opening = fixture.open();
        for (let n = 0; n < 20; n += 1) await readOn();
        await opening;
      }
      writing = false;
      await Promise.all(writers);
      // A neighbour's open transaction hides the tail for a while.
      await eventually(async () => {
        await readOn();
        return read.length >= committed.length + 5;
      });
      expect(read.filter((id) => committed.includes(id)).sort()).toEqual([...committed].sort());
      expect(read.length).toBe(committed.length + 5);
    });
  });
});
