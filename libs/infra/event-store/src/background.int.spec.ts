import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@kwanus/kernel';
import { appendTo, event, eventually, type LogFixture, logFixture, readable } from '@kwanus/testing-infra';
import { type EventLog, type JobHandler, type Projection, type Upcaster } from './index.js';

const counts = (version = 1, extra = ''): Projection => ({
  name: 'counts',
  version,
  tables: {
    stream_count: (name) =>
      `CREATE TABLE ${name} (stream_id text PRIMARY KEY, events bigint NOT NULL, last text NOT NULL ${extra})`,
  },
  apply: async ({ streamId, recordedAt }, write) => {
    await write.query(
      `INSERT INTO ${write.table('stream_count')} AS c (stream_id, events, last) VALUES ($1, 1, $2)
       ON CONFLICT (stream_id) DO UPDATE SET events = c.events + 1, last = excluded.last`,
      [streamId, recordedAt],
    );
  },
});

describe('what is fed from the log', () => {
  let fixture: LogFixture;
  beforeEach(async () => {
    fixture = await logFixture();
  });
  afterEach(() => fixture.close());

  /** A log that is prepared before it starts. */
  async function open(prepare: (log: EventLog) => void, changes: object = {}): Promise<EventLog> {
    return fixture.open({ background: true, pollMs: 20, prepare, ...changes });
  }
  const model = (log: EventLog) =>
    log.work.query('SELECT * FROM intake_read.stream_count ORDER BY stream_id');

  describe('projections', () => {
    it('hold what was written when the reader waits for it', async () => {
      const log = await open(({ projections }) => projections.register(counts()));
      for (let n = 1; n <= 20; n += 1) {
        const { version } = await log.store.append(appendTo('integration-a.b'));
        await log.projections.waitFor('integration-a.b', version, 5_000);
        expect(await model(log)).toMatchObject([{ stream_id: 'integration-a.b', events: String(n) }]);
      }
    });

    it('say in time that they do not hold it yet', async () => {
      const log = await open(({ projections }) => projections.register(counts()));
      await expect(log.projections.waitFor('integration-a.b', 9, 100)).rejects.toMatchObject({
        name: 'Unavailable',
      });
    });

    describe('to whoever waits for them', () => {
      const STREAM = 'integration-a.waited';
      /** Projections that stand still until they are let go on. */
      function held(): { projection: Projection; goOn: () => void } {
        let goOn: () => void = () => undefined;
        const until = new Promise<void>((resolve) => {
          goOn = resolve;
        });
        const apply: Projection['apply'] = async (...applied) => {
          await until;
          await counts().apply(...applied);
        };
        return { projection: { ...counts(), apply }, goOn };
      }
      /** A database that never says that they hold a stream: what the process knows itself is enough. */
      function neverReady(log: EventLog, asked: () => void): void {
        const query = log.work.query.bind(log.work);
        log.work.query = async <Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> => {
          const rows = await query<Row>(sql, parameters);
          if (!sql.includes("WHERE p.state = 'serving'")) return rows;
          asked();
          return rows.map((row) => ({ ...row, epoch: 0 }));
        };
      }

      it('say so in the process that has brought them there, which asks the database at most every 50 ms', async () => {
        const { projection, goOn } = held();
        const log = await open(({ projections }) => projections.register(projection));
        let looks = 0;
        neverReady(log, () => {
          looks += 1;
          if (looks === 4) goOn();
        });
        const { version } = await log.store.append(appendTo(STREAM));
        const begun = performance.now();
        await log.projections.waitFor(STREAM, version, 60_000);
        expect(looks).toBeGreaterThanOrEqual(4);
        expect(looks).toBeLessThanOrEqual(1 + (performance.now() - begun) / 50);
      });

      it('ask it once for all who wait', async () => {
        const WAITING = 100;
        const { projection, goOn } = held();
        const log = await open(({ projections }) => projections.register(projection));
        let looks = 0;
        neverReady(log, () => {
          looks += 1;
          if (looks === 8) goOn();
        });
        const { version } = await log.store.append(appendTo(STREAM));
        const begun = performance.now();
        const waiting = Array.from({ length: WAITING }, async (_, nr) => {
          await pause(nr);
          await log.projections.waitFor(STREAM, version, 60_000);
        });
        await Promise.all(waiting);
        expect(looks).toBeGreaterThanOrEqual(8);
        expect(looks).toBeLessThanOrEqual(1 + (performance.now() - begun) / 25);
      });

      it('do not take a generation that was begun anew for the one before it', async () => {
        const log = await open(({ projections }) => projections.register(counts()));
        const { version } = await log.store.append(appendTo(STREAM));
        await log.projections.waitFor(STREAM, version, 10_000);
        await fixture.admin.query('DROP SCHEMA intake_read CASCADE');
        await open(({ projections }) => projections.register(counts()), { background: false });
        expect(await model(log)).toEqual([]);
        await expect(log.projections.waitFor(STREAM, version, 100)).rejects.toMatchObject({
          name: 'Unavailable',
        });
        const next = await log.store.append(appendTo(STREAM));
        await log.projections.waitFor(STREAM, next.version, 10_000);
        expect(await model(log)).toMatchObject([{ events: '2' }]);
      });

      it('let go of them when the log stops, so that a job that waits holds up nobody', async () => {
        let begun = false;
        const log = await open(({ projections, jobs }) => {
          projections.register(counts());
          jobs.register({
            kind: 'waiting',
            leaseMs: 60_000,
            maxAttempts: 1,
            run: async () => {
              begun = true;
              await log.projections.waitFor(STREAM, 1, 3_600_000);
            },
            exhausted: async () => undefined,
          });
        });
        await log.jobs.enqueue({ id: randomUUID(), kind: 'waiting', payload: {} });
        await eventually(() => begun);
        await log.stop();
        const { rows } = await fixture.admin.query('SELECT state, attempts, error FROM intake.es_job');
        expect(rows).toMatchObject([{ state: 'ready', attempts: 0 }]);
      });
    });

    it('[DC-3] are rebuilt to the same bytes after their schema was dropped, while writers go on', async () => {
      const log = await open(({ projections }) => projections.register(counts()));
      for (let n = 0; n < 300; n += 1) await log.store.append(appendTo(`integration-a.${n % 7}`));
      await log.projections.waitFor('integration-a.5', 43, 10_000);
      const before = await model(log);
      await fixture.admin.query('DROP SCHEMA intake_read CASCADE');
      let writing = true;
      let written = 0;
      const writer = (async () => {
        for (; writing; written += 1) await log.store.append(appendTo('integration-a.writer'));
      })();
      await log.projections.rebuild();
      await eventually(() => written > 20);
      writing = false;
      await writer;
      await log.projections.waitFor('integration-a.writer', written, 10_000);
      const after = (await model(log)) as { stream_id: string }[];
      expect(after.filter(({ stream_id }) => stream_id !== 'integration-a.writer')).toEqual(before);
      expect(after.at(-1)).toMatchObject({ stream_id: 'integration-a.writer', events: String(written) });
      expect(await log.projections.list()).toMatchObject([{ generation: 2, state: 'serving', lagEvents: 0 }]);
    }, 60_000);

    it('serve the old generation while a new shape is built, and never go back', async () => {
      const old = await open(({ projections }) => projections.register(counts()));
      for (let n = 0; n < 50; n += 1) await old.store.append(appendTo('integration-a.b'));
      await old.projections.waitFor('integration-a.b', 50, 10_000);
      const seen: number[] = [];
      const log = await open(({ projections }) => projections.register(counts(2, ", note text DEFAULT 'x'")));
      await eventually(async () => {
        const [row] = (await model(log)) as { events: string; note?: string }[];
        seen.push(Number(row?.events));
        return row?.note === 'x';
      });
      expect(new Set(seen)).toEqual(new Set([50]));
      await log.store.append(appendTo('integration-a.b'));
      await log.projections.waitFor('integration-a.b', 51, 5_000);
    }, 30_000);

    it('are never applied twice by two processes', async () => {
      const both = await Promise.all(
        [1, 2].map(() => open(({ projections }) => projections.register(counts()))),
      );
      await Promise.all(
        both.flatMap((log) =>
          Array.from({ length: 50 }, () => log.store.append(appendTo('integration-a.b'))),
        ),
      );
      const [log] = both;
      await log?.projections.waitFor('integration-a.b', 100, 10_000);
      expect(await model(log as EventLog)).toMatchObject([{ events: '100' }]);
    });

    it('stop at an event that fails, and go on when it does not any more', async () => {
      let failing = true;
      const seen: unknown[] = [];
      const log = await open(({ reactions }) =>
        reactions.register({
          name: 'fussy',
          handle: async ({ data }) => {
            if (failing && data['n'] === 3) throw new TypeError('not this one');
            seen.push(data['n']);
          },
        }),
      );
      await log.store.append(
        appendTo('integration-a.b', { events: [event(1), event(2), event(3), event(4)] }),
      );
      await eventually(async () => {
        const [row] = await log.work.query<{ behind: string }>(
          "SELECT count(*) AS behind FROM intake.es_event e, intake.es_checkpoint c WHERE c.subscriber = 'reaction:fussy' AND (e.epoch, e.xid, e.global_position) > (c.epoch, c.xid, c.global_position)",
        );
        return row?.behind === '2';
      });
      failing = false;
      await eventually(() => seen.at(-1) === 4);
      expect(seen.slice(-2)).toEqual([3, 4]);
    });
  });

  describe('upcasters', () => {
    it('change what is read, never what is stored', async () => {
      const upcasters: Upcaster[] = [
        { type: 'Counted', from: 1, upcast: ({ n }) => ({ count: n ?? 0 }) },
        { type: 'Counted', from: 2, toType: 'Tallied', upcast: (data) => ({ ...data, unit: 'piece' }) },
      ];
      const log = await fixture.open({ upcasters });
      await log.store.append(
        appendTo('integration-a.b', {
          events: [event(7), { type: 'Counted', schemaVersion: 2, data: { count: 8 } }],
        }),
      );
      const { events } = await log.store.readStream('integration-a.b');
      expect(events.map(({ type, schemaVersion, data }) => [type, schemaVersion, data])).toEqual([
        ['Tallied', 3, { count: 7, unit: 'piece' }],
        ['Tallied', 3, { count: 8, unit: 'piece' }],
      ]);
      expect((await readable(log, 1))[0]?.type).toBe('Tallied');
      expect((await log.verifyStream('integration-a.b')).ok).toBe(true);
    });
  });

  describe('jobs', () => {
    const handler = (changes: Partial<JobHandler>): JobHandler => ({
      kind: 'work',
      leaseMs: 5_000,
      maxAttempts: 2,
      run: async () => undefined,
      exhausted: async () => undefined,
      ...changes,
    });

    it('are done once, however often they are asked for', async () => {
      const done: string[] = [];
      const log = await open(({ jobs }) =>
        jobs.register(handler({ run: async ({ id }) => void done.push(id) })),
      );
      const id = randomUUID();
      for (let n = 0; n < 3; n += 1) await log.jobs.enqueue({ id, kind: 'work', payload: { n } });
      await eventually(() => done.length > 0);
      await log.jobs.enqueue({ id, kind: 'work', payload: {} });
      const other = randomUUID();
      await log.jobs.enqueue({ id: other, kind: 'work', payload: {} });
      await eventually(() => done.includes(other));
      expect(done).toEqual([id, other]);
    });

    it('are asked for in the transaction that needs them', async () => {
      const done: string[] = [];
      const log = await open(({ jobs }) =>
        jobs.register(handler({ run: async ({ id }) => void done.push(id) })),
      );
      const [undone, kept] = [randomUUID(), randomUUID()];
      const failed = log.work.run(async () => {
        await log.jobs.enqueue({ id: undone, kind: 'work', payload: {} });
        throw new RangeError('no');
      });
      await expect(failed).rejects.toThrow(RangeError);
      await log.jobs.enqueue({ id: kept, kind: 'work', payload: {} });
      await eventually(() => done.includes(kept));
      expect(done).toEqual([kept]);
    });

    it('begin when the transaction that asked for them is committed, long before the next look', async () => {
      const done: string[] = [];
      const register = ({ jobs }: EventLog) =>
        jobs.register(handler({ run: async ({ id }) => void done.push(id) }));
      const log = await open(register, { pollMs: 3_600_000 });
      const id = randomUUID();
      await log.work.run(async () => {
        await log.jobs.enqueue({ id, kind: 'work', payload: {} });
        await log.work.query('SELECT pg_sleep(0.3)');
      });
      await eventually(() => done.includes(id));
    });

    it('are given up after the last attempt, and somebody hears of it', async () => {
      const attempts: number[] = [];
      const given: unknown[] = [];
      const log = await open(({ jobs }) =>
        jobs.register(
          handler({
            run: async (job) => {
              attempts.push(job.attempts);
              throw new TypeError('broken');
            },
            exhausted: async (job, error) => void given.push([job.id, (error as Error).message]),
          }),
        ),
      );
      const id = randomUUID();
      await log.jobs.enqueue({ id, kind: 'work', payload: {} });
      await eventually(() => given.length > 0);
      expect(attempts).toEqual([1, 2]);
      expect(given).toEqual([[id, 'broken']]);
    });

    it('are taken over from a worker that was killed', async () => {
      const log = await fixture.open();
      const id = randomUUID();
      await log.jobs.enqueue({ id, kind: 'work', payload: {} });
      // What a worker leaves that was killed right after its claim.
      await fixture.admin.query(
        "UPDATE intake.es_job SET state = 'leased', lease = gen_random_uuid(), attempts = 1, available_at = clock_timestamp() + interval '200 ms'",
      );
      const attempts: number[] = [];
      await open(({ jobs }) =>
        jobs.register(handler({ run: async (job) => void attempts.push(job.attempts) })),
      );
      await eventually(() => attempts.length > 0);
      expect(attempts).toEqual([2]);
    });

    it('abort a worker whose lease was taken, and its end changes nothing', async () => {
      let aborted = false;
      const log = await open(({ jobs }) =>
        jobs.register(
          handler({
            leaseMs: 90,
            run: (_, signal) =>
              new Promise((resolve) =>
                signal.addEventListener('abort', () => {
                  aborted = true;
                  resolve();
                }),
              ),
          }),
        ),
      );
      await log.jobs.enqueue({ id: randomUUID(), kind: 'work', payload: {} });
      await eventually(
        async () => (await log.work.query("SELECT 1 FROM intake.es_job WHERE state = 'leased'")).length > 0,
      );
      await fixture.admin.query(
        "UPDATE intake.es_job SET lease = gen_random_uuid(), available_at = clock_timestamp() + interval '1 hour'",
      );
      await eventually(() => aborted);
      expect(await log.work.query('SELECT state FROM intake.es_job')).toEqual([{ state: 'leased' }]);
    });

    it('give back what is in hand when the service stops', async () => {
      let started = false;
      const log = await open(({ jobs }) =>
        jobs.register(
          handler({
            run: (_, signal) =>
              new Promise((__, reject) => {
                started = true;
                signal.addEventListener('abort', () => reject(new TypeError('stopped')));
              }),
          }),
        ),
      );
      await log.jobs.enqueue({ id: randomUUID(), kind: 'work', payload: {} });
      await eventually(() => started);
      await log.stop();
      const { rows } = await fixture.admin.query('SELECT state, attempts FROM intake.es_job');
      expect(rows).toEqual([{ state: 'ready', attempts: 0 }]);
    });
  });

  describe('due dates', () => {
    const at = (ms: number): string => new Date(ms).toISOString();

    it('fall when the clock has reached them, once, even if it goes back', async () => {
      const clock = { time: 1_000_000, now: () => clock.time };
      const fallen: string[] = [];
      const log = await open(
        ({ dueDates }) =>
          dueDates.register({
            kind: 'reminder',
            fall: async ({ key }, id) => void fallen.push(`${key} ${id}`),
          }),
        { clock },
      );
      await log.dueDates.schedule({ key: 'a', kind: 'reminder', dueAt: at(2_000_000), payload: {} });
      await log.dueDates.schedule({ key: 'b', kind: 'reminder', dueAt: at(3_000_000), payload: {} });
      await log.dueDates.schedule({ key: 'c', kind: 'reminder', dueAt: at(2_000_000), payload: {} });
      await log.dueDates.cancel('c');
      clock.time = 2_000_000;
      await eventually(() => fallen.length === 1);
      clock.time = 1_500_000;
      await log.dueDates.schedule({ key: 'b', kind: 'reminder', dueAt: at(1_900_000), payload: {} });
      clock.time = 1_900_000;
      await eventually(() => fallen.length === 2);
      clock.time = 9_000_000;
      await log.dueDates.schedule({ key: 'd', kind: 'reminder', dueAt: at(1), payload: {} });
      await eventually(() => fallen.length === 3);
      expect(fallen.map((text) => text.split(' ')[0])).toEqual(['a', 'b', 'd']);
      expect(new Set(fallen).size).toBe(3);
    });

    it('fall at their time, long before the next look', async () => {
      const fallen: string[] = [];
      const register = ({ dueDates }: EventLog) =>
        dueDates.register({ kind: 'reminder', fall: async ({ key }) => void fallen.push(key) });
      const log = await open(register, { pollMs: 3_600_000, clock: systemClock });
      const soon = (ms: number) => at(Date.now() + ms);
      await log.work.run(async () => {
        await log.dueDates.schedule({ key: 'second', kind: 'reminder', dueAt: soon(400), payload: {} });
        await log.dueDates.schedule({ key: 'first', kind: 'reminder', dueAt: soon(200), payload: {} });
        await log.work.query('SELECT pg_sleep(0.1)');
      });
      await eventually(() => fallen.length === 2);
      expect(fallen).toEqual(['first', 'second']);
    });

    it('can schedule themselves anew, and a failure holds up no other', async () => {
      const fallen: string[] = [];
      let rounds = 0;
      const log = await open((opened) => {
        opened.dueDates.register({
          kind: 'again',
          fall: async ({ key, dueAt, kind, payload }) => {
            fallen.push(key);
            if (key === 'bad') throw new TypeError('never');
            rounds += 1;
            if (rounds < 3) await opened.dueDates.schedule({ key, kind, dueAt, payload });
          },
        });
      });
      for (const key of ['bad', 'good'])
        await log.dueDates.schedule({ key, kind: 'again', dueAt: at(1), payload: {} });
      await eventually(() => rounds === 3);
      const keys = async () =>
        (await log.work.query<{ key: string }>('SELECT key FROM intake.es_due')).map(({ key }) => key);
      await eventually(async () => (await keys()).join() === 'bad');
      expect(fallen).toContain('bad');
    });
  });

  it('tells a second process of an append, and finds it without being told', async () => {
    const [writer, reader] = [await fixture.open(), await fixture.open({ pollMs: 50 })];
    await writer.store.append(appendTo('integration-a.b'));
    await reader.watch.waitBeyond(null, 5_000);
    expect(reader.watch.newest).not.toBeNull();
    // An append that tells nobody.
    const before = reader.watch.newest;
    await fixture.admin.query(
      "SELECT intake.es_append_one('default', 'integration-q', 'integration', 'q', -1, $1, $1, NULL, NULL, $1, 'T', 1, '{}', '{}')",
      [randomUUID()],
    );
    await reader.watch.waitBeyond(before, 5_000);
    expect(reader.watch.newest).not.toEqual(before);
  });
});
