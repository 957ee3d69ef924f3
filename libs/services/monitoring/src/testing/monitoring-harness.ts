import { TOPICS } from '@kwanus/contracts';
import type { BurnRule, MonitoringRule } from '@kwanus/domain-playbook';
import { type EventLog, openEventLog } from '@kwanus/event-store';
import type { Clock } from '@kwanus/kernel';
import {
  openConsumers,
  openPostgresTransport,
  openRelay,
  type PostgresTransport,
  type ReceivedMessage,
} from '@kwanus/messaging';
import { AlertSignals } from '../alerts/alert-signals.js';
import { AlertsQuery } from '../alerts/alerts.query.js';
import type { AlertWebhook } from '../alerts/deliver-alert.job.js';
import { permissionUse } from '../disuse/permission-use.projection.js';
import { PermissionUseQuery } from '../disuse/permission-use.query.js';
import { PermissionReview } from '../disuse/review.due.js';
import { EvidenceQuery } from '../judge/evidence.query.js';
import { GateVerdicts } from '../judge/gate-verdicts.js';
import { JudgeParts, WindowJudge } from '../judge/judge-windows.job.js';
import { Silence } from '../judge/silence.due.js';
import { MonitoringRules } from '../monitoring-rules.js';
import { MonitoringStreams } from '../monitoring-streams.js';
import {
  AlertDelivery,
  MonitoringDuties,
  MonitoringLog,
  MonitoringRegistration,
  TimedDuties,
} from '../monitoring-work.js';
import { monitoringPublisher } from '../publishing/monitoring.publisher.js';
import { sealedWindows } from '../sealed-windows/sealed-windows.projection.js';
import { SealedWindowsQuery } from '../sealed-windows/sealed-windows.query.js';
import { OpenWindowsStore } from '../telemetry/open-windows.store.js';
import { TelemetryConsumer } from '../telemetry/telemetry.consumer.js';
import { FoldTime, TelemetryFolder } from '../telemetry/telemetry-folder.js';
import { TELEMETRY_LOG, TelemetryLog } from '../telemetry/telemetry-log.js';
import { toMessage } from '../telemetry/telemetry-message.js';
import { WINDOW_TABLES } from '../telemetry/window-tables.js';
import { WatchList } from '../watch/watch-list.js';

export { eventually, OtherService, SettableClock } from '@kwanus/testing-infra/service-under-test';

const burn = (
  id: string,
  severity: BurnRule['severity'],
  budget: number,
  long: string,
  short: string,
): BurnRule => ({
  id,
  severity,
  budget,
  long,
  short,
});

/** The figures of playbook 1.0. */
export const RULES: MonitoringRule = {
  window: 'PT1M',
  watermark: 'PT2M',
  silentWindows: 3,
  signals: [
    { id: 'api-errors', title: '', objective: 0.99, period: 'P30D', requirement: 'PB-10.03' },
    { id: 'workflow-reliability', title: '', objective: 0.95, period: 'P30D', requirement: 'PB-10.01' },
  ],
  burn: [
    burn('page-quick', 'page', 0.02, 'PT1H', 'PT5M'),
    burn('page-slow', 'page', 0.05, 'PT6H', 'PT30M'),
    burn('ticket', 'ticket', 0.1, 'P3D', 'PT6H'),
  ],
  probing: { permissions: 3, within: 'PT1H' },
  unused: { after: 'P90D', lookAgain: 'P1D' },
  minFailures: 10,
};

/** One instance of the service without its HTTP side. */
export interface Monitoring {
  readonly transport: PostgresTransport;
  readonly telemetry: EventLog;
  readonly log: EventLog;
  readonly folder: TelemetryFolder;
  readonly consumer: TelemetryConsumer;
  readonly windows: SealedWindowsQuery;
  readonly alerts: AlertsQuery;
  readonly stop: () => Promise<void>;
}

/** Starts an instance; `consuming: false` leaves telemetry to the caller. */
export async function startMonitoring(
  url: string,
  clock: Clock,
  {
    webhook = null,
    consuming = true,
  }: { readonly webhook?: AlertWebhook | null; readonly consuming?: boolean } = {},
): Promise<Monitoring> {
  const transport = await openPostgresTransport({ url, leaseMs: 2_000 });
  await transport.ensureTopics(Object.values(TOPICS));
  const ofLog = { databaseUrl: url, migrationUrl: url, clock, pollMs: 50 };
  const telemetry = openEventLog({ ...ofLog, schema: TELEMETRY_LOG, tables: WINDOW_TABLES });
  const log = openEventLog({ ...ofLog, schema: 'monitoring' });
  for (const projection of [sealedWindows, permissionUse]) telemetry.projections.register(projection);
  const parts = partsOf(telemetry, log, transport, clock);
  const consumers = openConsumers({ service: 'monitoring', log, transport });
  new MonitoringRegistration(
    new MonitoringLog(log.store, log.projections, log.reactions, log.jobs, log.dueDates),
    parts.telemetryLog,
    consumers,
    dutiesOf(parts),
    new AlertDelivery(webhook, clock),
  );
  await telemetry.start();
  await log.start();
  const relay = openRelay({
    service: 'monitoring',
    topic: TOPICS.monitoring.name,
    publisher: monitoringPublisher,
    log,
    transport,
    url,
  });
  relay.start();
  await consumers.start();
  if (consuming) await parts.consumer.start();
  const stop = async (): Promise<void> => {
    await parts.consumer.stop();
    await consumers.stop();
    await relay.stop();
    await log.stop();
    await telemetry.stop();
    await transport.close();
  };
  return { transport, telemetry, log, stop, ...parts };
}

const dutiesOf = ({
  judge,
  silence,
  review,
  watchList,
  streams,
  alerts,
}: ReturnType<typeof partsOf>): MonitoringDuties =>
  new MonitoringDuties(judge, new TimedDuties(silence, review), watchList, streams, alerts);

function partsOf(telemetry: EventLog, log: EventLog, transport: PostgresTransport, clock: Clock) {
  const rules = new MonitoringRules({ monitoring: RULES, version: '1.0' });
  const telemetryLog = new TelemetryLog(
    telemetry.store,
    telemetry.work,
    telemetry.projections,
    telemetry.jobs,
  );
  const streams = new MonitoringStreams(log.store, log.work, rules);
  const watchList = new WatchList(streams);
  const open = new OpenWindowsStore(telemetryLog);
  const folder = new TelemetryFolder(telemetryLog, open, watchList, transport, new FoldTime(rules, clock));
  const consumer = new TelemetryConsumer(transport, folder, open, rules, clock);
  const windows = new SealedWindowsQuery(telemetryLog);
  const evidence = new EvidenceQuery(windows, rules);
  const verdicts = new GateVerdicts(evidence, streams, rules);
  const silence = new Silence(log.dueDates, watchList, verdicts, rules);
  const review = new PermissionReview(
    log.dueDates,
    watchList,
    new PermissionUseQuery(telemetryLog),
    streams,
    new FoldTime(rules, clock),
  );
  const judgeParts = new JudgeParts(watchList, evidence, verdicts, new AlertSignals(streams, rules), silence);
  const judge = new WindowJudge(telemetryLog, log.store, rules, judgeParts);
  const alerts = new AlertsQuery(log.work);
  return { telemetryLog, streams, watchList, folder, consumer, windows, silence, review, judge, alerts };
}

/** A call as the topic holds it; `position` as a transport would give it. */
export function receivedCall(
  position: number,
  over: {
    readonly integration: string;
    readonly at: number;
    readonly release?: string;
    readonly status?: number;
  },
): ReceivedMessage {
  const { integration, at, release = '1.3.0', status = 200 } = over;
  const message = toMessage({
    specversion: '1.0',
    id: `t-${position}`,
    source: 'kwanus/gateway',
    type: 'kwanus.telemetry.api-call.v1',
    data: {
      integration,
      release,
      workspace: 'w-1',
      at: new Date(at).toISOString(),
      operation: 'getOrder',
      status,
      durationMs: 12,
    },
  });
  return { ...message, topic: TOPICS.telemetry.name, partition: 0, position: String(position) };
}
