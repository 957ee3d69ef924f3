import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, type LogFixture, logFixture } from '@kwanus/testing-infra';
import type { EventLog } from './index.js';
import { logNames } from './schema/names.js';
import { Notifier } from './subscription/notifier.js';

const unreadable = (): unknown => JSON.parse('\u0000');

describe('background work that fails', () => {
  let fixture: LogFixture;
  beforeEach(async () => {
    fixture = await logFixture();
  });
  afterEach(() => fixture.close());

  /** A job whose every attempt fails, and what it came to. */
  async function failing(run: () => unknown): Promise<{ log: EventLog; given: unknown[] }> {
    const given: unknown[] = [];
    const log = await fixture.open({
      background: true,
      pollMs: 20,
      prepare: ({ jobs }) =>
        jobs.register({
          kind: 'work',
          leaseMs: 60_000,
          maxAttempts: 2,
          run: async () => void run(),
          exhausted: async (_, error) => void given.push(error),
        }),
    });
    await log.jobs.enqueue({ id: randomUUID(), kind: 'work', payload: {} });
    await eventually(async () => {
      const [job] = await log.jobs.list('work', 1);
      return job?.state === 'failed';
    });
    return { log, given };
  }

  it('is given up though its error quotes U+0000', async () => {
    const { log, given } = await failing(unreadable);
    expect(given).toEqual([expect.any(SyntaxError)]);
    expect((await log.jobs.list('work', 1))[0]?.error).toContain('\ufffd');
  });

  it('is given up when it is another server than the log’s that can’t be reached', async () => {
    const { given } = await failing(() => {
      throw Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), { code: 'ECONNREFUSED' });
    });
    expect(given).toHaveLength(1);
  });

  it('keeps the error of a due date though it quotes U+0000', async () => {
    const log = await fixture.open({
      background: true,
      pollMs: 20,
      prepare: ({ dueDates }) => dueDates.register({ kind: 'reminder', fall: async () => void unreadable() }),
    });
    await log.dueDates.schedule({ key: 'a', kind: 'reminder', dueAt: '2020-01-01T00:00:00Z', payload: {} });
    await eventually(async () => {
      const [row] = await log.work.query<{ error: string | null }>('SELECT error FROM intake.es_due');
      return row?.error?.includes('\ufffd') === true;
    });
  });

  it('ends no job whose lease was taken, though nobody has noticed yet', async () => {
    let ended = false;
    const log = await fixture.open({
      background: true,
      pollMs: 20,
      prepare: ({ jobs }) =>
        jobs.register({
          kind: 'work',
          leaseMs: 60_000,
          maxAttempts: 2,
          run: async ({ kind }) => {
            if (kind !== 'work') return;
            const taken =
              "UPDATE intake.es_job SET lease = gen_random_uuid(), available_at = now() + interval '1 hour'";
            await fixture.admin.query(taken);
            await log.jobs.enqueue({ id: randomUUID(), kind: 'next', payload: {} });
          },
          exhausted: async () => undefined,
        }),
    });
    log.jobs.register({
      kind: 'next',
      leaseMs: 60_000,
      maxAttempts: 1,
      run: async () => {
        ended = true;
      },
      exhausted: async () => undefined,
    });
    await log.jobs.enqueue({ id: randomUUID(), kind: 'work', payload: {} });
    await eventually(() => ended);
    await log.stop();
    const { rows } = await fixture.admin.query("SELECT state FROM intake.es_job WHERE kind = 'work'");
    expect(rows).toEqual([{ state: 'leased' }]);
  });

  it('lets a due date fall in one process at a time', async () => {
    const fallen: string[] = [];
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const open = (name: string, fall: () => Promise<void>): Promise<EventLog> =>
      fixture.open({
        background: true,
        pollMs: 20,
        prepare: ({ dueDates }) =>
          dueDates.register({
            kind: 'reminder',
            fall: async ({ key }) => {
              fallen.push(`${key} in ${name}`);
              await fall();
            },
          }),
      });
    const first = await open('one', () => gate);
    await first.dueDates.schedule({ key: 'a', kind: 'reminder', dueAt: '2020-01-01T00:00:00Z', payload: {} });
    await eventually(() => fallen.length === 1);
    await first.dueDates.schedule({ key: 'b', kind: 'reminder', dueAt: '2020-01-02T00:00:00Z', payload: {} });
    await open('two', async () => undefined);
    // It comes to b when it has passed a.
    await eventually(() => fallen.includes('b in two'));
    goOn();
    await eventually(async () => (await first.work.query('SELECT 1 FROM intake.es_due')).length === 0);
    expect(fallen).toEqual(['a in one', 'b in two']);
  });

  it('stops a notifier that can not connect', async () => {
    const notifier = new Notifier('postgres://nobody:x@127.0.0.1:1/none', logNames('intake'));
    notifier.notify();
    await new Promise((resolve) => setTimeout(resolve, 11));
    await expect(notifier.stop()).resolves.toBeUndefined();
  });
});
