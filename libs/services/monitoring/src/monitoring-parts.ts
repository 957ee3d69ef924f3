import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import type { ModuleMetadata } from '@nestjs/common';
import { AlertSignals } from './alerts/alert-signals.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { AlertsQuery } from './alerts/alerts.query.js';
import type { AlertWebhook } from './alerts/deliver-alert.job.js';
import { PermissionUseQuery } from './disuse/permission-use.query.js';
import { PermissionReview } from './disuse/review.due.js';
import { EvidenceQuery } from './judge/evidence.query.js';
import { GateVerdicts } from './judge/gate-verdicts.js';
import { JudgeParts, WindowJudge } from './judge/judge-windows.job.js';
import { Silence } from './judge/silence.due.js';
import { MonitoringRules } from './monitoring-rules.js';
import { MonitoringStreams } from './monitoring-streams.js';
import {
  ALERT_WEBHOOK,
  AlertDelivery,
  MonitoringDuties,
  MonitoringLog,
  MonitoringRegistration,
  TelemetryReading,
  TimedDuties,
} from './monitoring-work.js';
import { monitoringPublisher } from './publishing/monitoring.publisher.js';
import { ReleasePages } from './sealed-windows/release-pages.js';
import { SealedWindowsQuery } from './sealed-windows/sealed-windows.query.js';
import { SlosController } from './slos/slos.controller.js';
import { SlosQuery } from './slos/slos.query.js';
import { OpenWindowsStore } from './telemetry/open-windows.store.js';
import { TelemetryConsumer } from './telemetry/telemetry.consumer.js';
import { TelemetryController } from './telemetry/telemetry.controller.js';
import { FoldTime, TelemetryFolder } from './telemetry/telemetry-folder.js';
import { TelemetryLogModule } from './telemetry/telemetry-log.module.js';
import { UsageController } from './usage/usage.controller.js';
import { WatchList } from './watch/watch-list.js';

/** What monitoring is given besides what every service gets. */
export interface MonitoringOptions extends ServiceOptions {
  /** Where alerts are delivered, signed; absent: they are only shown. */
  readonly alertWebhook?: AlertWebhook;
}

/** Everything that the module is made of, under the rules given. */
export const monitoringParts = (options: MonitoringOptions, rules: MonitoringRules): ModuleMetadata => ({
  imports: [
    ServiceModule.forService({ name: 'monitoring', publisher: monitoringPublisher, options }),
    TelemetryLogModule.register(options),
  ],
  controllers: [TelemetryController, SlosController, UsageController, AlertsController],
  providers: [
    { provide: MonitoringRules, useValue: rules },
    { provide: ALERT_WEBHOOK, useValue: options.alertWebhook ?? null },
    MonitoringStreams,
    WatchList,
    OpenWindowsStore,
    SealedWindowsQuery,
    ReleasePages,
    FoldTime,
    TelemetryFolder,
    TelemetryConsumer,
    EvidenceQuery,
    GateVerdicts,
    Silence,
    JudgeParts,
    WindowJudge,
    AlertSignals,
    AlertsQuery,
    SlosQuery,
    PermissionUseQuery,
    PermissionReview,
    TimedDuties,
    MonitoringLog,
    MonitoringDuties,
    AlertDelivery,
    MonitoringRegistration,
    TelemetryReading,
  ],
});
