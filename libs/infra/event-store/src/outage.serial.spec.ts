import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  appendTo,
  eventually,
  type LogFixture,
  logFixture,
  startTestCluster,
  type TestCluster,
} from '@kwanus/testing-infra';
import { Unavailable } from './index.js';

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a database that is gone', () => {
  let cluster: TestCluster;
  let fixture: LogFixture;
  beforeAll(async () => {
    cluster = await startTestCluster({ max_connections: '60' });
    fixture = await logFixture(cluster.url);
  }, 60_000);
  afterAll(async () => {
    await fixture.close();
    await cluster.stop();
  }, 60_000);

  it('is said to be so in time, and everything goes on when it is back', async () => {
    const done: string[] = [];
    const projected: string[] = [];
    const log = await fixture.open({
      background: true,
      pollMs: 50,
      prepare: ({ jobs, reactions }) => {
        reactions.register({ name: 'heard', handle: async ({ eventId }) => void projected.push(eventId) });
        jobs.register({
          kind: 'work',
          leaseMs: 30_000,
          maxAttempts: 1,
          run: async ({ id }) => {
            await log.store.append(appendTo('integration-jobs', { commandId: id }));
            done.push(id);
          },
          exhausted: async ({ id }) => void done.push(`given up ${id}`),
        });
      },
    });
    await log.store.append(appendTo('integration-a.b'));
    // Killed before its checkpoint is committed, the reaction would rightly hear the event a second time.
    await eventually(async () => {
      const behind = await log.work.query(
        "SELECT 1 FROM intake.es_event e, intake.es_checkpoint c WHERE c.subscriber = 'reaction:heard' AND (e.epoch, e.xid, e.global_position) > (c.epoch, c.xid, c.global_position)",
      );
      return projected.length === 1 && behind.length === 0;
    });

    const backends = await log.work.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
    process.kill(cluster.pid, 'SIGKILL');
    // Its children finish what they are at, and a commit among that counts.
    await eventually(() => !backends.some(({ pid }) => alive(pid)));
    const gone = performance.now();
    const refusals: unknown[] = [];
    while (performance.now() - gone < 10_000) {
      const error = await log.work
        .run(() => log.store.append(appendTo('integration-a.b')))
        .catch((caught: unknown) => caught);
      refusals.push(error);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(refusals.length).toBeGreaterThan(1);
    expect(refusals.filter((error) => !(error instanceof Unavailable))).toEqual([]);

    await cluster.start();
    const request = appendTo('integration-a.b');
    await eventually(async () => (await log.store.append(request).catch(() => null)) !== null, 20_000);
    const job = randomUUID();
    await log.jobs.enqueue({ id: job, kind: 'work', payload: {} });
    await eventually(() => done.length > 0, 20_000);
    expect(done).toEqual([job]);
    await eventually(async () => {
      const { events: all } = await log.store.readAll(null, 100);
      return all.length === projected.length && all.every(({ eventId }) => projected.includes(eventId));
    });
    expect(new Set(projected).size).toBe(projected.length);
    expect((await log.store.readStream('integration-a.b')).events.length).toBeGreaterThanOrEqual(2);
    expect(await log.verifyStream('integration-a.b')).toMatchObject({ ok: true });
  }, 90_000);

  it('holds no stop when it has frozen, and says nothing any more', async () => {
    const log = await fixture.open({ background: true, pollMs: 50 });
    await log.store.append(appendTo('integration-a.frozen'));
    const backends = await log.work.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const [own] = await log.work.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pids = [...backends, ...(own === undefined ? [] : [own])].map(({ pid }) => pid);
    for (const pid of new Set(pids)) process.kill(pid, 'SIGSTOP');
    process.kill(cluster.pid, 'SIGSTOP'); // nobody is let in either
    try {
      await log.stop();
    } finally {
      process.kill(cluster.pid, 'SIGCONT');
      for (const pid of new Set(pids)) process.kill(pid, 'SIGCONT');
    }
  }, 90_000);
});
