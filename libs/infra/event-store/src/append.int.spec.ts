import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendTo, event, type LogFixture, logFixture, readable } from '@kwanus/testing-infra';
import { type EventLog, LogUnusable, openEventLog } from './index.js';

describe('append', () => {
  let fixture: LogFixture;
  let log: EventLog;
  beforeAll(async () => {
    fixture = await logFixture();
    log = await fixture.open();
  });
  afterAll(() => fixture.close());

  const refusal = (error: unknown): unknown => (error as Error).name;
  const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'appended', refusal);

  it('gives back what was appended, in order, with what the store adds', async () => {
    const appended = await log.store.append(
      appendTo('integration-acme.one', {
        routingKey: 'acme.one',
        expectedVersion: 'no-stream',
        events: [
          event(1),
          { type: 'Renamed', schemaVersion: 3, data: { b: 'é😀', a: [1, null, { x: true }] } },
        ],
      }),
    );
    const { version, events } = await log.store.readStream('integration-acme.one');
    expect(appended).toMatchObject({
      version: 2,
      duplicate: false,
      eventIds: events.map(({ eventId }) => eventId),
    });
    expect(version).toBe(2);
    expect(events.map(({ type, schemaVersion, data }) => ({ type, schemaVersion, data }))).toEqual([
      { type: 'Counted', schemaVersion: 1, data: { n: 1 } },
      { type: 'Renamed', schemaVersion: 3, data: { b: 'é😀', a: [1, null, { x: true }] } },
    ]);
    expect(events[1]).toMatchObject({
      version: 2,
      streamType: 'integration',
      routingKey: 'acme.one',
      tenantId: 'default',
      recordedAt: appended.recordedAt,
      prevHash: events[0]?.hash,
      metadata: { commandIndex: 1, routingKey: 'acme.one' },
    });
    expect(appended.recordedAt).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);
  });

  it('keeps the canonical bytes, and every hash in SQL is the hash in TypeScript', async () => {
    const occurredAt = '2020-02-29T23:59:59.123456Z';
    const request = appendTo('integration-acme.bytes', {
      events: [event(1), { type: 'Ünï', data: { z: 1e-7, a: '€' } }],
    });
    await log.store.append({
      ...request,
      metadata: { ...request.metadata, occurredAt, traceparent: '00-a-b-01' },
    });
    await log.store.append(appendTo('integration-acme.bytes'));
    const { rows } = await fixture.admin.query(
      "SELECT data FROM intake.es_event WHERE stream_id = 'integration-acme.bytes' AND version = 2",
    );
    expect(rows[0].data).toBe('{"a":"€","z":1e-7}');
    expect((await log.store.readStream('integration-acme.bytes')).events[0]?.occurredAt).toBe(occurredAt);
    expect(await log.verifyStream('integration-acme.bytes')).toMatchObject({
      ok: true,
      events: 3,
      fault: null,
    });
  });

  it('answers a repeated command with the original result, whatever version it expects', async () => {
    const one = appendTo('integration-acme.dup', { expectedVersion: 'no-stream' });
    const several = appendTo('integration-acme.dup', { expectedVersion: 1, events: [event(2), event(3)] });
    const first = [await log.store.append(one), await log.store.append(several)];
    await log.store.append(appendTo('integration-acme.dup'));
    const again = [await log.store.append(one), await log.store.append(several)];
    expect(again).toEqual(first.map((appended) => ({ ...appended, duplicate: true })));
    expect(await log.store.findCommand('integration-acme.dup', several.metadata.commandId)).toEqual(again[1]);
    expect(await log.store.findCommand('integration-acme.dup', randomUUID())).toBeNull();
    expect((await log.store.readStream('integration-acme.dup')).version).toBe(4);
  });

  it('refuses a command id that comes again with other events', async () => {
    const request = appendTo('integration-acme.reuse', { events: [event(1), event(2)] });
    await log.store.append(request);
    for (const events of [
      [event(1)],
      [event(1), event(3)],
      [event(1), event(2), event(3)],
      [{ ...event(1), schemaVersion: 2 }, event(2)],
    ])
      expect(await failureOf(log.store.append({ ...request, events }))).toBe('CommandReused');
  });

  it.each([
    ['integration-acme.v0', 0, 'no-stream', 'appended'],
    ['integration-acme.v1', 0, 'any', 'appended'],
    ['integration-acme.v2', 0, 0, 'appended'],
    ['integration-acme.v3', 0, 1, 'VersionConflict'],
    ['integration-acme.v4', 0, 'stream-exists', 'VersionConflict'],
    ['integration-acme.v5', 2, 'stream-exists', 'appended'],
    ['integration-acme.v6', 2, 'no-stream', 'VersionConflict'],
    ['integration-acme.v7', 2, 1, 'VersionConflict'],
    ['integration-acme.v8', 2, 2, 'appended'],
    ['integration-acme.v9', 2, 3, 'VersionConflict'],
  ] as const)(
    '%s: a stream at %d takes an append that expects %s: %s',
    async (stream, present, expectedVersion, outcome) => {
      if (present > 0) await log.store.append(appendTo(stream, { events: [event(1), event(2)] }));
      expect(await failureOf(log.store.append(appendTo(stream, { expectedVersion })))).toBe(outcome);
      expect((await log.store.readStream(stream)).version).toBe(
        outcome === 'appended' ? present + 1 : present,
      );
    },
  );

  it('names the version that it found', async () => {
    await log.store.append(appendTo('integration-acme.named'));
    await expect(
      log.store.append(appendTo('integration-acme.named', { expectedVersion: 7 })),
    ).rejects.toMatchObject({
      streamId: 'integration-acme.named',
      expected: '7',
      actual: 1,
    });
  });

  it.each<[string, unknown, string]>([
    ['U+0000', { a: 'x\u0000' }, '/events/0/data/a'],
    ['a lone surrogate', { a: ['\udc00'] }, '/events/0/data/a/0'],
    ['an unsafe number', { n: 2 ** 53 }, '/events/0/data/n'],
    ['more than 256 KiB', { a: 'é'.repeat(131_072) }, '/events/0/data'],
  ])('refuses %s, and says where', async (_, data, pointer) => {
    const request = appendTo('integration-acme.bad', { events: [{ type: 'Counted', data: data as never }] });
    await expect(log.store.append(request)).rejects.toMatchObject({ name: 'PayloadRefused', pointer });
    expect((await log.store.readStream('integration-acme.bad')).version).toBe(0);
  });

  it('takes exactly 256 KiB, and the database itself refuses more', async () => {
    const data = { a: 'x'.repeat(262_144 - 8) };
    await log.store.append(appendTo('integration-acme.big', { events: [{ type: 'Counted', data }] }));
    const sql = `SELECT intake.es_append_one('default', 'integration-x', 'integration', 'x', -1, $1, $1, NULL, NULL, $1, 'T', 1, repeat('x', 262145), '{}')`;
    await expect(fixture.admin.query(sql, [randomUUID()])).rejects.toMatchObject({ code: '23514' });
  });

  it.each([
    [{ events: [] }, '/events'],
    [{ streamType: 'rollout' }, '/streamType'],
    [{ routingKey: '' }, '/routingKey'],
    [{ commandId: 'not-a-uuid' }, '/metadata/commandId'],
    [{ expectedVersion: -1 }, '/expectedVersion'],
  ])('refuses a request with %j', async (changes, pointer) => {
    await expect(log.store.append(appendTo('integration-acme.form', changes))).rejects.toMatchObject({
      name: 'PayloadRefused',
      pointer,
    });
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-06-31T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '2026-01-01T00:00:00+99:00',
    'yesterday',
  ])('refuses %s as the time when it happened', async (occurredAt) => {
    const request = appendTo('integration-acme.when');
    const append = log.store.append({ ...request, metadata: { ...request.metadata, occurredAt } });
    await expect(append).rejects.toMatchObject({ name: 'PayloadRefused', pointer: '/metadata/occurredAt' });
  });

  it('takes every offset of RFC 3339, in what happened and in what is asked for', async () => {
    const request = appendTo('integration-acme.offset');
    const occurredAt = '2026-01-01T23:59:00.000001+23:59';
    await log.store.append({ ...request, metadata: { ...request.metadata, occurredAt } });
    const at = '9999-01-01T00:00:00-23:59';
    const [found] = (await log.store.readStream('integration-acme.offset', { at })).events;
    expect(found?.occurredAt).toBe('2026-01-01T00:00:00.000001Z');
  });

  it('never lets recorded time run backwards in a stream', async () => {
    await log.store.append(appendTo('integration-acme.time'));
    await fixture.admin.query(
      "UPDATE intake.es_stream SET head_recorded_at = now() + interval '1 hour' WHERE stream_id = 'integration-acme.time'",
    );
    await log.store.append(appendTo('integration-acme.time'));
    const { events } = await log.store.readStream('integration-acme.time');
    expect(Date.parse(events[1]?.recordedAt ?? '') - Date.parse(events[0]?.recordedAt ?? '')).toBeGreaterThan(
      3_500_000,
    );
  });

  it('reads a stream to a version and to a time', async () => {
    const times: string[] = [];
    for (let n = 1; n <= 4; n += 1)
      times.push(
        (await log.store.append(appendTo('integration-acme.past', { events: [event(n)] }))).recordedAt,
      );
    const versions = async (options: object): Promise<number[]> =>
      (await log.store.readStream('integration-acme.past', options)).events.map(({ version }) => version);
    expect(await versions({ toVersion: 2 })).toEqual([1, 2]);
    expect(await versions({ fromVersion: 3 })).toEqual([3, 4]);
    expect(await versions({ fromVersion: 2, toVersion: 3 })).toEqual([2, 3]);
    expect(await versions({ at: times[2] })).toEqual([1, 2, 3]);
    expect(await log.store.readStream('integration-acme.past', { at: '2020-01-01T00:00:00Z' })).toEqual({
      version: 0,
      events: [],
    });
    expect((await log.store.readStream('integration-acme.past', { fromVersion: 5 })).version).toBe(4);
  });

  it('[DC-3] lets nobody change an event: not the application, not the owner', async () => {
    await log.store.append(appendTo('integration-acme.kept'));
    for (const sql of [
      "UPDATE intake.es_event SET type = 'x'",
      'DELETE FROM intake.es_event',
      'TRUNCATE intake.es_event',
    ]) {
      await expect(fixture.admin.query(sql)).rejects.toMatchObject({ code: 'KWIMM' });
      await expect(log.work.query(sql)).rejects.toMatchObject({ driverError: { code: '42501' } });
    }
  });

  it.each([
    ['its data', 'UPDATE intake.es_event SET data = \'{"n":9}\' WHERE stream_id = $1 AND version = 2', 2],
    [
      'its recorded time',
      "UPDATE intake.es_event SET recorded_at = recorded_at + interval '1 microsecond' WHERE stream_id = $1 AND version = 2",
      2,
    ],
    [
      'a copy of its metadata',
      "UPDATE intake.es_event SET routing_key = 'other' WHERE stream_id = $1 AND version = 2",
      2,
    ],
    ['its hash', "UPDATE intake.es_event SET hash = sha256('x') WHERE stream_id = $1 AND version = 2", 2],
    ['its place (removed)', 'DELETE FROM intake.es_event WHERE stream_id = $1 AND version = 2', 2],
    ['the tail (cut off)', 'DELETE FROM intake.es_event WHERE stream_id = $1 AND version = 3', 3],
    ['the head (removed)', 'DELETE FROM intake.es_stream WHERE stream_id = $1', 3],
    ['the head (another type)', "UPDATE intake.es_stream SET stream_type = 'x' WHERE stream_id = $1", 3],
  ])('finds an event that was tampered with by %s, and names the position', async (what, sql, version) => {
    const stream = `integration-acme.tampered-${what.replaceAll(/\W/g, '')}`;
    await log.store.append(appendTo(stream, { events: [event(1), event(2), event(3)] }));
    const client = await fixture.admin.connect();
    await client.query("SET session_replication_role = 'replica'");
    await client.query(sql, [stream]);
    client.release(true);
    expect(await log.verifyStream(stream)).toMatchObject({ ok: false, fault: { version } });
  });

  it('finds nothing wrong with a stream that grows while it is verified', async () => {
    const stream = 'integration-acme.growing';
    let verifying = true;
    const writer = (async () => {
      while (verifying) await log.store.append(appendTo(stream));
    })();
    const faults: unknown[] = [];
    for (let n = 0; n < 50; n += 1) faults.push((await log.verifyStream(stream)).fault);
    verifying = false;
    await writer;
    expect(faults).toEqual(Array.from({ length: 50 }, () => null));
  });

  it('refuses to start where synchronous_commit is off', async () => {
    await fixture.admin.query(`ALTER DATABASE ${fixture.database.name} SET synchronous_commit = off`);
    const other = openEventLog({
      databaseUrl: fixture.database.url,
      migrationUrl: fixture.database.url,
      schema: 'other',
      clock: { now: () => 0 },
    });
    await expect(other.start()).rejects.toThrow(LogUnusable);
    await other.stop();
    await fixture.admin.query(`ALTER DATABASE ${fixture.database.name} RESET synchronous_commit`);
  });

  it('migrates once when several processes start together', async () => {
    const logs = await Promise.all(Array.from({ length: 4 }, () => fixture.open({ schema: 'rollout' })));
    await Promise.all(logs.map(({ store }, n) => store.append(appendTo(`rollout-${n}`))));
    for (const log of logs) expect(await readable(log, 4)).toHaveLength(4);
  });
});
