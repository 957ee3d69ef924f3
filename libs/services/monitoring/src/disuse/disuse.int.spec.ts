import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MESSAGE_TYPES, TOPICS } from '@kwanus/contracts';
import type { StoredEvent } from '@kwanus/event-store';
import type { JsonObject } from '@kwanus/kernel';
import { type TestDatabase, testDatabase } from '@kwanus/testing-infra';
import { monitoringPublisher } from '../publishing/monitoring.publisher.js';
import { type TelemetryEvent, toMessage } from '../telemetry/telemetry-message.js';
import {
  eventually,
  type Monitoring,
  OtherService,
  SettableClock,
  startMonitoring,
} from '../testing/monitoring-harness.js';
import { disuseStream } from './review.due.js';

const DAY_MS = 86_400_000;
const BEGAN = Date.UTC(2027, 0, 1);
const day = (n: number): number => BEGAN + n * DAY_MS;
const instant = (n: number): string => new Date(day(n)).toISOString();

describe('Permissions that live releases hold and nobody uses', () => {
  const clock = new SettableClock(BEGAN);
  let database: TestDatabase;
  let monitoring: Monitoring;
  let intake: OtherService;
  let rollout: OtherService;
  let validation: OtherService;

  const start = async (): Promise<void> => {
    monitoring = await startMonitoring(database.url, clock);
    const transport = () => monitoring.transport;
    intake = new OtherService(transport, TOPICS.integration);
    rollout = new OtherService(transport, TOPICS.rollout);
    validation = new OtherService(transport, TOPICS.validation);
  };
  beforeAll(async () => {
    database = await testDatabase();
    await start();
  });
  afterAll(async () => {
    await monitoring?.stop();
    await database?.drop();
  });

  const events = async (streamId: string): Promise<readonly StoredEvent[]> =>
    (await monitoring.log.store.readStream(streamId)).events;
  const told = async (integrationId: string, type = 'PermissionUnused') =>
    (await events(disuseStream(integrationId))).filter((event) => event.type === type);

  async function live(integrationId: string): Promise<void> {
    const ofRollout = { integrationId, release: '1.3.0', rolloutId: `rollout-${integrationId}` };
    const permissions = ['orders:read', 'orders:write'].map((id) => ({ id, actions: ['read'] }));
    await intake.tell({
      type: 'rollout-requested',
      streamId: `integration-${integrationId}`,
      data: {
        ...ofRollout,
        previous: null,
        type: 'staged',
        risk: { level: 'medium', reasons: [] },
        subject: 'integration',
        record: {},
        fallback: [],
        allowList: { internal: [], partners: [] },
        partnerOnly: false,
        watched: { operations: [], workflows: [], permissions, extensions: [], slos: [] },
        accountable: { contact: 'person:contact', sponsor: 'person:sponsor' },
        requestedAt: instant(0),
      },
    });
    await rollout.tell({
      type: 'step-started',
      streamId: ofRollout.rolloutId,
      data: { ...ofRollout, step: 'canary-1', stepIndex: 0, percent: 1, at: instant(0) },
    });
    await eventually(async () => ((await events(`watch-${integrationId}`)).length === 2 ? true : undefined));
    await eventually(async () => dueAt(integrationId));
  }

  const use = (integration: string, at: number, permission: string): TelemetryEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'kwanus/gateway',
    type: 'kwanus.telemetry.permission-use.v1',
    data: {
      integration,
      release: '1.3.0',
      workspace: 'w-1',
      at: new Date(at).toISOString(),
      permission,
      resource: 'order/7',
      decision: 'allowed',
    },
  });
  const send = (...telemetry: readonly TelemetryEvent[]) =>
    monitoring.transport.send(TOPICS.telemetry.name, telemetry.map(toMessage));
  /** Telemetry that is sealed as soon as it is read, by the next event. */
  async function heard(integration: string, at: number, permission: string): Promise<void> {
    const before = (await windows(integration)).length;
    await send(use(integration, at, permission), use(integration, at + 600_000, permission));
    await eventually(async () => ((await windows(integration)).length > before ? true : undefined));
  }
  const windows = async (integration: string) =>
    (await monitoring.telemetry.store.readStream(`windows-${integration}@1.3.0`)).events;
  const dueAt = async (integration: string): Promise<string | undefined> =>
    (
      await monitoring.log.work.query<{ due: string }>(
        `SELECT (due_at AT TIME ZONE 'UTC')::text AS due FROM monitoring.es_due WHERE key = $1`,
        [`permission review ${integration}@1.3.0`],
      )
    )[0]?.due;
  /** @returns once everything that is due at the moment has been looked at */
  async function at(moment: number, integration: string): Promise<void> {
    clock.value = moment;
    await eventually(async () => {
      const due = await dueAt(integration);
      return due === undefined || Date.parse(`${due}Z`.replace(' ', 'T')) > moment ? true : undefined;
    });
  }

  it('[PB-10.02] are told of after 90 days, with what was looked at, and survive the process', async () => {
    await live('acme.orders');
    clock.value = day(89);
    await heard('acme.orders', day(88), 'orders:read');
    await at(day(89), 'acme.orders');
    expect(await told('acme.orders')).toEqual([]);
    await monitoring.stop();
    await start();
    clock.value = day(91.5);
    await heard('acme.orders', day(91), 'orders:read');
    await at(day(93), 'acme.orders');
    const [unused, ...more] = await told('acme.orders');
    expect(more).toEqual([]);
    expect(unused?.data).toEqual({
      integrationId: 'acme.orders',
      release: '1.3.0',
      permission: 'orders:write',
      grantedAt: instant(0),
      lastUsedAt: null,
      window: { from: expect.any(String), to: expect.any(String) },
    });
    const published = monitoringPublisher({
      type: 'PermissionUnused',
      schemaVersion: 1,
      data: unused?.data as JsonObject,
    });
    const schema = MESSAGE_TYPES['kwanus.monitoring.permission-unused.v1']?.schema;
    expect(published?.type).toBe('kwanus.monitoring.permission-unused.v1');
    expect(schema?.parse(published?.data)).toEqual(unused?.data);
  });

  it('are not told of where nothing was heard of the release', async () => {
    clock.value = BEGAN;
    await live('acme.silent');
    await at(day(120), 'acme.silent');
    expect(await events(disuseStream('acme.silent'))).toEqual([]);
    expect(await dueAt('acme.silent')).toBeDefined();
  });

  it('[PB-7.01] are used again when telemetry that comes late says so', async () => {
    clock.value = day(150);
    await heard('acme.orders', day(70), 'orders:write');
    await at(day(152), 'acme.orders');
    const again = await eventually(async () => (await told('acme.orders', 'PermissionUsedAgain'))[0]);
    expect(again.data).toMatchObject({ permission: 'orders:write', release: '1.3.0' });
  });

  it('[PB-7.01] are asked about again 90 days after they were kept, and never when they were taken away', async () => {
    clock.value = BEGAN;
    await live('acme.kept');
    clock.value = day(91);
    await heard('acme.kept', day(90.5), 'orders:read');
    await at(day(93), 'acme.kept');
    expect(await told('acme.kept')).toHaveLength(1);
    const decided = (decision: string, releases: string[], on: number) => ({
      type: 'revocation-decided',
      streamId: 'grants-acme.kept',
      data: {
        integrationId: 'acme.kept',
        release: '1.3.0',
        permission: 'orders:write',
        ground: 'unused',
        decision,
        releases,
        reason: 'r',
        by: 'sco',
        at: instant(on),
      },
    });
    const message = await validation.tell(decided('rejected', [], 95));
    await validation.again(message);
    await eventually(async () => (await told('acme.kept', 'DisuseSettled'))[0]);
    clock.value = day(184);
    await heard('acme.kept', day(183), 'orders:read');
    await at(day(184), 'acme.kept');
    expect(await told('acme.kept')).toHaveLength(1);
    clock.value = day(187);
    await heard('acme.kept', day(186), 'orders:read');
    await at(day(188.5), 'acme.kept');
    expect(await told('acme.kept')).toHaveLength(2);
    expect(await told('acme.kept', 'DisuseSettled')).toHaveLength(1);
    await validation.tell(decided('accepted', ['1.3.0'], 188));
    await eventually(async () =>
      (await events('watch-acme.kept')).find(({ type }) => type === 'GrantRevoked'),
    );
    clock.value = day(290);
    await heard('acme.kept', day(289), 'orders:write');
    const violated = await eventually(async () => (await events('violations-acme.kept@1.3.0'))[0]);
    expect(violated.data).toMatchObject({ permission: 'orders:write', kind: 'bypassed' });
    await at(day(291.5), 'acme.kept');
    const permissions = (await told('acme.kept')).map(({ data }) => data['permission']);
    expect(permissions).toEqual(['orders:write', 'orders:write', 'orders:read']);
  });
});
