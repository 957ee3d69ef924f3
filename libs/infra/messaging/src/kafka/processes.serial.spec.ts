import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, sharedBroker, withKafka } from '@kwanus/testing-infra';
import { eventually, type TwoServices, twoServices } from '@kwanus/testing-infra/two-services';
import type { ReceivedMessage, Subscription } from '../transport.port.js';

const PROCESS = fileURLToPath(new URL('../../../../testing/infra/kafka-process.mjs', import.meta.url));
const WRITERS = 6;
const STREAMS = 12;
const PATIENCE_MS = 60_000;

const chance = (share: number): boolean => Math.random() < share;
const RolledBack = class extends Error {};

/** Every key's versions, in the order in which each came first. */
function firstVersions(messages: readonly ReceivedMessage[]): ReadonlyMap<string, number[]> {
  const versions = new Map<string, Set<number>>();
  for (const { headers } of messages) {
    const stream = headers['ce_streamid'] ?? '';
    versions.set(stream, (versions.get(stream) ?? new Set()).add(Number(headers['ce_streamversion'])));
  }
  return new Map([...versions].map(([stream, seen]) => [stream, [...seen]]));
}

withKafka('processes', () =>
  describe('relays and consumers as processes over Apache Kafka', () => {
    let services: TwoServices;
    let brokers: string[];
    const children: ChildProcess[] = [];
    const troubles: string[] = [];
    const relayed: ReceivedMessage[] = [];
    let spy: Subscription;
    let group: string;
    const writing = { done: false };

    beforeAll(async () => {
      const built = spawnSync(
        process.execPath,
        [join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-b', join(ROOT, 'libs/testing/infra')],
        { cwd: ROOT, encoding: 'utf8' },
      );
      if (built.status !== 0) throw new Error(built.stdout);
      services = await twoServices('kafka');
      brokers = [await sharedBroker()];
      group = `rollout.${services.topic}`;
      await services.sql.query('CREATE TABLE scratch (n int)');
      spy = await services.transport.subscribe({
        group: `${services.topic}.spy`,
        topics: [services.topic],
        handler: async (batch) => void relayed.push(...batch),
      });
    }, 240_000);
    afterAll(async () => {
      writing.done = true;
      for (const child of children) child.kill('SIGKILL');
      await spy.stop();
      await services.close();
    }, 60_000);

    const start = async (role: 'relay' | 'consumer'): Promise<ChildProcess> => {
      const options = JSON.stringify({ role, url: services.url, topic: services.topic, brokers, group });
      const child = spawn(process.execPath, [PROCESS, options], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      children.push(child);
      await new Promise<void>((resolve, reject) => {
        child.on('message', (message: { ready?: boolean; trouble?: string }) => {
          if (message.trouble !== undefined) troubles.push(message.trouble);
          if (message.ready === true) resolve();
        });
        child.once('exit', (code) => reject(new Error(`${role} ended with ${code}`)));
      });
      return child;
    };

    /** As services write: hot streams, several events at once, ids taken early, transactions that roll back. */
    const transaction = async (): Promise<void> => {
      const id = `storm.s${Math.floor(Math.random() * STREAMS)}`;
      const reasons = chance(0.3) ? ['x', 'y', 'z'] : ['x'];
      await services.intake.work
        .run(async () => {
          if (chance(0.4)) {
            await services.intake.work.query('INSERT INTO scratch VALUES (1)');
            await delay(Math.random() * 10);
          }
          await services.append(
            id,
            reasons.map((reason) => `${reason} ${randomUUID()}`),
          );
          if (chance(0.1)) throw new RolledBack();
        })
        .catch((error: unknown) => {
          if (!(error instanceof RolledBack)) throw error;
        });
    };
    const storm = async (): Promise<void> => {
      const writer = async (): Promise<void> => {
        while (!writing.done) {
          await transaction();
          await delay(10);
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, writer));
    };
    const within = async (
      what: string,
      ms: number,
      holds: () => boolean | Promise<boolean>,
    ): Promise<void> => {
      for (const end = Date.now() + ms; !(await holds()); await delay(20))
        if (Date.now() > end) throw new Error(`Not within ${ms} ms: ${what}; ${troubles.join('\n')}`);
    };
    const committed = async (): Promise<{ stream_id: string; reasons: string[] }[]> =>
      (
        await services.sql.query(
          `SELECT stream_id, array_agg(data::jsonb->>'reason' ORDER BY version) AS reasons
             FROM intake.es_event WHERE stream_id LIKE 'integration-%' GROUP BY stream_id`,
        )
      ).rows;
    const noted = async (): Promise<{ stream_id: string; reasons: string[]; by: string[] }[]> =>
      (
        await services.sql.query(
          `SELECT stream_id, array_agg(data::jsonb->>'reason' ORDER BY version) AS reasons,
                  array_agg(DISTINCT data::jsonb->>'by') AS by
             FROM rollout.es_event WHERE stream_id LIKE 'notes-%' GROUP BY stream_id`,
        )
      ).rows;

    it('lose nothing, double nothing and keep every stream’s order while their holders and members are killed', async () => {
      const [holder, heir] = [await start('relay'), await start('relay')];
      const [first, second] = [await start('consumer'), await start('consumer')];
      const raging = storm();
      await within('two members at work', PATIENCE_MS, async () => {
        const by = new Set((await noted()).flatMap((row) => row.by));
        return by.has(String(first.pid)) && by.has(String(second.pid));
      });

      holder.kill('SIGKILL');
      const [killedAt, had] = [Date.now(), relayed.length];
      await within('the other relay at work', 10_000, () => relayed.length > had + 50);
      expect(Date.now() - killedAt).toBeLessThan(10_000);

      const third = await start('consumer');
      first.kill('SIGKILL');
      await within('the new member at work', PATIENCE_MS, async () =>
        (await noted()).some(({ by }) => by.includes(String(third.pid))),
      );
      await start('consumer');
      second.kill('SIGTERM');
      await delay(2_000);
      writing.done = true;
      await raging;

      const log = await committed();
      const total = log.reduce((sum, { reasons }) => sum + reasons.length, 0);
      await within('every effect', PATIENCE_MS, async () => {
        const effects = (await noted()).reduce((sum, { reasons }) => sum + reasons.length, 0);
        return effects >= total;
      });
      const effects = new Map((await noted()).map(({ stream_id: stream, reasons }) => [stream, reasons]));
      for (const { stream_id: stream, reasons } of log)
        expect(effects.get(`notes-${group}.${stream.replace('integration-', '')}`)).toEqual(reasons);
      await eventually('the last message', () => {
        const versions = firstVersions(relayed);
        return log.every(({ stream_id: stream, reasons }) => versions.get(stream)?.length === reasons.length);
      });
      for (const { stream_id: stream, reasons } of log)
        expect(firstVersions(relayed).get(stream)).toEqual(reasons.map((_, index) => index + 1));
      expect(heir.exitCode).toBeNull();
      expect(total).toBeGreaterThan(300);
    }, 240_000);
  }),
);
