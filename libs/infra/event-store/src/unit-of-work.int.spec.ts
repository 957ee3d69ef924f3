import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Decider, DomainRejection } from '@kwanus/kernel';
import { appendTo, event, type LogFixture, logFixture } from '@kwanus/testing-infra';
import { type CommandMetadata, DeciderStreams, type EventLog } from './index.js';

interface Tally {
  readonly total: number;
}
type Added = { readonly type: 'Added'; readonly by: number };
const tally: Decider<Tally, number, Added, { limit: number }> = {
  initialState: { total: 0 },
  decide: (by, { total }, { limit }) => {
    if (total + by > limit) throw new DomainRejection('too-much', `${total} + ${by} is more than ${limit}.`);
    return by === 0 ? [] : [{ type: 'Added', by }];
  },
  evolve: ({ total }, { by }) => ({ total: total + by }),
};

describe('units of work', () => {
  let fixture: LogFixture;
  let log: EventLog;
  let tallies: DeciderStreams<Tally, number, Added, { limit: number }>;
  beforeAll(async () => {
    fixture = await logFixture();
    log = await fixture.open({ poolSize: 30 });
    tallies = new DeciderStreams(log.store, log.work, tally);
  });
  afterAll(() => fixture.close());

  const metadata = (commandId = randomUUID()): CommandMetadata => appendTo('x-y', { commandId }).metadata;
  const add = (streamId: string, by: number, limit = 1_000, given = metadata()) =>
    tallies.handle({ streamId, routingKey: streamId, command: by, context: { limit }, metadata: given });

  it('are joined by what runs inside, and undone whole', async () => {
    const undone = log.work.run(async () => {
      await log.store.append(appendTo('tally-undone'));
      await log.work.run(() => log.store.append(appendTo('tally-undone')));
      expect((await log.store.readStream('tally-undone')).version).toBe(2);
      expect(log.work.active).toBe(true);
      throw new RangeError('changed my mind');
    });
    await expect(undone).rejects.toThrow(RangeError);
    expect((await log.store.readStream('tally-undone')).version).toBe(0);
    expect(log.work.active).toBe(false);
  });

  it('are retried whole after a version conflict, by the outermost', async () => {
    let attempts = 0;
    const appended = await log.work.run(() =>
      log.work.run(async () => {
        const { version } = await log.store.readStream('tally-raced');
        attempts += 1;
        if (attempts === 1) await fixture.open().then(({ store }) => store.append(appendTo('tally-raced')));
        return log.store.append(appendTo('tally-raced', { expectedVersion: version }));
      }),
    );
    expect(appended.version).toBe(2);
    expect(attempts).toBe(2);
  });

  it('give up a conflict that stays after five retries', async () => {
    let attempts = 0;
    const failing = log.work.run(async () => {
      attempts += 1;
      await log.store.append(appendTo('tally-never', { expectedVersion: 5 }));
    });
    await expect(failing).rejects.toMatchObject({ name: 'VersionConflict', actual: 0 });
    expect(attempts).toBe(6);
  });

  it('are not committed when somebody swallowed the error of a statement', async () => {
    const swallowing = log.work.run(async () => {
      await log.store.append(appendTo('tally-swallowed'));
      await log.work.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toMatchObject({ driverError: { code: '22012' } });
    expect((await log.store.readStream('tally-swallowed')).version).toBe(0);
  });

  it('are retried when somebody swallowed a version conflict', async () => {
    let attempts = 0;
    const swallowing = log.work.run(async () => {
      attempts += 1;
      await log.store
        .append(appendTo('tally-quiet', { expectedVersion: attempts < 3 ? 7 : 'any' }))
        .catch(() => undefined);
    });
    await swallowing;
    expect(attempts).toBe(3);
    expect((await log.store.readStream('tally-quiet')).version).toBe(1);
  });

  it.each(['rolled back', 'committed'])(
    'take nothing more once they are %s: what was not awaited does not become a transaction of its own',
    async (end) => {
      const stream = `tally-late.${end.replace(' ', '-')}`;
      let late: Promise<unknown> = Promise.resolve();
      const work = log.work.run(async () => {
        late = log.work
          .query('SELECT 1')
          .then(() => log.store.append(appendTo(stream)))
          .catch((error: unknown) => error);
        if (end === 'rolled back') throw new RangeError('changed my mind');
      });
      await work.catch(() => undefined);
      expect(await late).toMatchObject({ name: 'WorkEnded' });
      expect((await log.store.readStream(stream)).version).toBe(0);
    },
  );

  it.each(['timeout', 'socket'])(
    'hand on what failed in them as it is, though its text speaks of a %s',
    async (word) => {
      const events = [{ type: 'Added', data: { [word]: '\u0000' } }];
      const refused = log.work.run(() => log.store.append(appendTo('tally-words', { events })));
      await expect(refused).rejects.toMatchObject({ name: 'PayloadRefused' });
      const faulty = log.work.run(async () => {
        throw new TypeError(`Cannot read properties of undefined (reading '${word}')`);
      });
      await expect(faulty).rejects.toThrow(TypeError);
    },
  );

  it('lock several streams in one order, so that crossing writers wait instead of failing', async () => {
    const streams = ['tally-l1', 'tally-l2', 'tally-l3'];
    const cross = async (order: readonly string[]): Promise<void> =>
      log.work.run(async () => {
        await log.work.lockStreams(order);
        for (const stream of order) await log.store.append(appendTo(stream));
      });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => cross(n % 2 === 0 ? streams : [...streams].reverse())),
    );
    for (const stream of streams) expect((await log.store.readStream(stream)).version).toBe(20);
  });

  it('give 40001, and so a retry, to a REPEATABLE READ transaction whose snapshot is too old', async () => {
    const client = await fixture.admin.connect();
    for (const expected of [-1, 0, 5]) {
      const stream = `tally-rr.${expected + 1}`;
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await client.query('SELECT count(*) FROM intake.es_stream');
      await log.store.append(appendTo(stream));
      const late = client.query(
        "SELECT intake.es_append_one('default', $1, 'tally', 'x', $2, $3, $3, NULL, NULL, $3, 'T', 1, '{}', '{}')",
        [stream, expected, randomUUID()],
      );
      await expect(late).rejects.toMatchObject({ code: '40001' });
      await client.query('ROLLBACK');
    }
    client.release();
  });

  it('[DC-3] carry a decider: read, fold, decide, append at the version that was read', async () => {
    await Promise.all(Array.from({ length: 50 }, () => add('tally-many', 1)));
    expect(await tallies.load('tally-many')).toEqual({ state: { total: 50 }, version: 50 });
    expect((await tallies.load('tally-many', { toVersion: 7 })).state.total).toBe(7);
  });

  it('let at most as many concurrent commands through as the rules allow', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => add('tally-limited', 1, 1)));
    const refused = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && outcome.reason instanceof DomainRejection,
    );
    expect(refused).toHaveLength(49);
    expect((await tallies.load('tally-limited')).state.total).toBe(1);
  });

  it('answer a repeated command with the original result, though it would be refused now', async () => {
    const given = metadata();
    const first = await add('tally-again', 5, 5, given);
    await expect(add('tally-again', 5, 5)).rejects.toMatchObject({ code: 'too-much' });
    expect(await add('tally-again', 5, 5, given)).toEqual({ ...first, duplicate: true });
    expect(await add('tally-again', 0)).toMatchObject({ appended: 0, version: 1, recordedAt: null });
  });

  it('refuse an append of a command whose id was used by hand for other events', async () => {
    const commandId = randomUUID();
    await log.work.run(() => log.store.append(appendTo('tally-hand', { commandId })));
    const other = log.work.run(() =>
      log.store.append(appendTo('tally-hand', { commandId, events: [event(2)] })),
    );
    await expect(other).rejects.toMatchObject({ name: 'CommandReused' });
  });
});
