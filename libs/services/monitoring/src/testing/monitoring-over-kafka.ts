import type { Role } from '@kwanus/auth';
import { monitoringHttp, TOPICS } from '@kwanus/contracts';
import { openKafkaTransport } from '@kwanus/messaging/kafka';
import { applicationOf, eventually, optionsOf, TestIssuer } from '@kwanus/testing-infra/service-under-test';
import { monitoringParts } from '../monitoring-parts.js';
import { MonitoringRules } from '../monitoring-rules.js';
import { OpenWindowsStore } from '../telemetry/open-windows.store.js';
import { RULES } from './monitoring-harness.js';

const SEALED_MS = 60_000;

class MonitoringOverKafka {}

/** The monitoring service with HTTP on one side and a real Apache Kafka on the other; its windows are a second long. */
export interface KafkaMonitoring {
  readonly url: string;
  readonly token: (role: Role) => Promise<string>;
  /** @returns what the sealed windows of the integration have counted, as soon as it is as much as asked for */
  readonly counted: (integration: string, atLeast: number) => Promise<number>;
  /** @returns how many messages were not taken, by reason */
  readonly refused: () => Promise<Readonly<Record<string, number>>>;
  readonly stop: () => Promise<void>;
}

/** Starts the service on a broker and a database. */
export async function startMonitoringOverKafka(broker: string, database: string): Promise<KafkaMonitoring> {
  const issuer = new TestIssuer();
  const transport = await openKafkaTransport({ brokers: [broker], clientId: 'monitoring' });
  await transport.ensureTopics(Object.values(TOPICS));
  const rules = new MonitoringRules({
    monitoring: { ...RULES, window: 'PT1S', watermark: 'PT1S' },
    version: '1.0',
  });
  const parts = monitoringParts(optionsOf(database, transport), rules);
  const application = await applicationOf({ module: MonitoringOverKafka, ...parts }, issuer);
  const url = await application.listen();
  const token = (role: Role): Promise<string> => issuer.tokenOf({ subject: role, roles: [role] });
  return {
    url,
    token,
    counted: async (integration, atLeast) =>
      counted(`${url}/v1/usage/${integration}`, await token('operator'), atLeast),
    refused: () => application.app.get(OpenWindowsStore, { strict: false }).refused(),
    stop: async () => {
      await application.stop();
      await transport.close();
    },
  };
}

function counted(url: string, token: string, atLeast: number): Promise<number> {
  return eventually(async () => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (response.status === 404) return undefined;
    const { items } = monitoringHttp.UsagePage.parse(await response.json());
    const sum = items.reduce((total, { observations }) => total + observations, 0);
    return sum >= atLeast ? sum : undefined;
  }, SEALED_MS);
}
