import { randomUUID } from 'node:crypto';
import { type EventLog, openEventLog } from '@kwanus/event-store';
import { systemClock } from '@kwanus/kernel';
import { openPostgresTransport, openRelay, type Relay, type Transport } from '@kwanus/messaging';
import { openKafkaTransport } from '@kwanus/messaging/kafka';
import pg from 'pg';
import { sharedBroker } from './broker.js';
import { noting, publisherTo, SOURCE, TOPIC, WITHDRAWN } from './notes.js';
import { pauseSince } from './pause.js';
import { testDatabase } from './postgres.js';

export { noting, publisherTo, SOURCE, TOPIC, WITHDRAWN };
export const SIGNED_OFF = 'kwanus.integration.release-signed-off.v1';
const PATIENCE = 40_000;

/** A producer's log with its relay, a consumer's log, a transport between them, both logs in one database. */
export interface TwoServices {
  readonly url: string;
  /** Where the producer publishes: on the run's broker a topic of its own. */
  readonly topic: string;
  readonly intake: EventLog;
  readonly rollout: EventLog;
  readonly transport: Transport;
  readonly sql: pg.Client;
  readonly relay: (troubles?: unknown[]) => Relay;
  /** Appends `ReleaseWithdrawn` events (or others) to an integration's stream. */
  readonly append: (integrationId: string, reasons: readonly string[], type?: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function openTransport(over: 'postgres' | 'kafka', url: string): Promise<Transport> {
  if (over === 'postgres') return openPostgresTransport({ url });
  return openKafkaTransport({
    brokers: [await sharedBroker()],
    clientId: 'two-services',
    sessionTimeoutMs: 2_000,
  });
}

/** Opens everything but relays and consumers. */
export async function twoServices(over: 'postgres' | 'kafka' = 'postgres'): Promise<TwoServices> {
  const database = await testDatabase();
  const logs = ['intake', 'rollout'].map((schema) =>
    openEventLog({
      databaseUrl: database.url,
      migrationUrl: database.url,
      schema,
      clock: systemClock,
      pollMs: 20,
    }),
  );
  await Promise.all(logs.map((log) => log.start()));
  const [intake, rollout] = logs as [EventLog, EventLog];
  const transport = await openTransport(over, database.url);
  const topic = over === 'postgres' ? TOPIC : `${database.name}.integration`;
  await transport.ensureTopics([{ name: topic, partitions: 3, retentionMs: -1 }]);
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  return {
    url: database.url,
    topic,
    intake,
    rollout,
    transport,
    sql,
    relay: (troubles) =>
      openRelay({
        service: 'intake',
        topic,
        publisher: publisherTo(topic),
        log: intake,
        transport,
        url: database.url,
        onTrouble: (error) => troubles?.push(error),
      }),
    append: (integrationId, reasons, type = 'ReleaseWithdrawn') =>
      appendTo(intake, integrationId, reasons, type),
    close: async () => {
      await transport.close();
      await Promise.all(logs.map((log) => log.stop()));
      await sql.end();
      await database.drop();
    },
  };
}

async function appendTo(
  log: EventLog,
  integrationId: string,
  reasons: readonly string[],
  type: string,
): Promise<void> {
  for (const reason of reasons)
    await log.store.append({
      streamId: `integration-${integrationId}`,
      streamType: 'integration',
      routingKey: integrationId,
      expectedVersion: 'any',
      events: [{ type, data: { integrationId, release: '1.0.0', reason } }],
      metadata: {
        actor: { id: 'person:a', kind: 'person' },
        correlationId: randomUUID(),
        causationId: null,
        commandId: randomUUID(),
        playbookVersion: '1.0',
      },
    });
}

/** Waits for a condition, with a bound. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > PATIENCE) throw new Error(`Not within ${PATIENCE} ms: ${what}`);
    await pauseSince(begun);
  }
}
