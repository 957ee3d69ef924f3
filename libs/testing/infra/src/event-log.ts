import { randomUUID } from 'node:crypto';
import {
  type AppendRequest,
  type EventLog,
  type EventLogOptions,
  type NewEvent,
  openEventLog,
  type StoredEvent,
} from '@kwanus/event-store';
import { systemClock } from '@kwanus/kernel';
import pg from 'pg';
import { pauseSince } from './pause.js';
import { type TestDatabase, testDatabase } from './postgres.js';

/** What differs from a log without background work in schema `intake`. */
export type OpenOptions = Partial<EventLogOptions> & { readonly prepare?: (log: EventLog) => void };

/** A database of its own with an owner's connection, and logs opened in it. */
export interface LogFixture {
  readonly database: TestDatabase;
  /** Superuser connection, for looking and for tampering. */
  readonly admin: pg.Pool;
  /** Opens and starts a log; `prepare` registers what it feeds. */
  open(options?: OpenOptions): Promise<EventLog>;
  close(): Promise<void>;
}

/** @param clusterUrl superuser URL; by default the cluster of this test run */
export async function logFixture(clusterUrl?: string): Promise<LogFixture> {
  const database = await testDatabase(clusterUrl);
  const admin = new pg.Pool({ connectionString: database.url, max: 4 });
  admin.on('error', () => undefined);
  const role = `app_${database.name}`;
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'app'`);
  const appUrl = new URL(database.url);
  appUrl.username = role;
  appUrl.password = 'app';
  const logs: EventLog[] = [];
  return {
    database,
    admin,
    open: async ({ prepare, ...options } = {}) => {
      const log = openEventLog({
        databaseUrl: appUrl.href,
        migrationUrl: database.url,
        schema: 'intake',
        clock: systemClock,
        background: false,
        ...options,
      });
      logs.push(log);
      prepare?.(log);
      await log.start();
      return log;
    },
    close: async () => {
      for (const log of logs) await log.stop();
      await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`).catch(() => undefined);
      await admin.end();
      await database.drop();
    },
  };
}

/** @returns an event that counts */
export const event = (n: number): NewEvent => ({ type: 'Counted', data: { n } });

/** @returns an append to the stream, with a command id of its own unless one is given */
export function appendTo(
  streamId: string,
  changes: Partial<AppendRequest> & { commandId?: string } = {},
): AppendRequest {
  const { commandId = randomUUID(), ...rest } = changes;
  return {
    streamId,
    streamType: streamId.split('-')[0] ?? streamId,
    routingKey: streamId,
    expectedVersion: 'any',
    events: [event(1)],
    metadata: {
      actor: { id: 'person:ada', kind: 'person' },
      correlationId: commandId,
      causationId: null,
      commandId,
    },
    ...rest,
  };
}

/**
 * Waits until the gap-safe read gives as many events, and returns them. An open transaction in any database of the cluster holds
 * them back (a neighbour's, while specs run side by side).
 */
export async function readable(log: EventLog, count: number): Promise<readonly StoredEvent[]> {
  let events: readonly StoredEvent[] = [];
  await eventually(async () => {
    ({ events } = await log.store.readAll(null, count + 1));
    return events.length >= count;
  });
  return events;
}

/** Waits for a condition, with a bound. */
export async function eventually(condition: () => Promise<boolean> | boolean, ms = 10_000): Promise<void> {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > ms) throw new Error(`Not within ${ms} ms: ${condition.toString()}`);
    await pauseSince(begun);
  }
}
