import { DueDates, EventStore, Jobs, Projections, Reactions } from '@kwanus/event-store';
import type { Clock } from '@kwanus/kernel';
import { Consumers } from '@kwanus/messaging';
import { CLOCK, SERVICE_OPTIONS, type ServiceOptions } from '@kwanus/service';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { alerts } from './alerts/alerts.projection.js';
import { AlertsQuery } from './alerts/alerts.query.js';
import { type AlertWebhook, alertNews, deliverAlert } from './alerts/deliver-alert.job.js';
import { endedReleases, resolveEnded } from './alerts/resolve-ended.job.js';
import { PermissionReview } from './disuse/review.due.js';
import { WindowJudge } from './judge/judge-windows.job.js';
import { Silence } from './judge/silence.due.js';
import { MonitoringStreams } from './monitoring-streams.js';
import { TelemetryConsumer } from './telemetry/telemetry.consumer.js';
import { TelemetryLog } from './telemetry/telemetry-log.js';
import { integrationConsumer } from './watch/integration.consumer.js';
import { rolloutConsumer } from './watch/rollout.consumer.js';
import { validationConsumer } from './watch/validation.consumer.js';
import { WatchList } from './watch/watch-list.js';

/** The ports of the service's own log. */
@Injectable()
export class MonitoringLog {
  constructor(
    readonly store: EventStore,
    readonly projections: Projections,
    readonly reactions: Reactions,
    readonly jobs: Jobs,
    readonly dueDates: DueDates,
  ) {}
}

/** What the service does when a moment has come. */
@Injectable()
export class TimedDuties {
  constructor(
    readonly silence: Silence,
    readonly review: PermissionReview,
  ) {}
}

/** What the service does by itself. */
@Injectable()
export class MonitoringDuties {
  constructor(
    readonly judge: WindowJudge,
    readonly timed: TimedDuties,
    readonly watchList: WatchList,
    readonly streams: MonitoringStreams,
    readonly alerts: AlertsQuery,
  ) {}
}

/** Where alerts go; null: nowhere. */
export const ALERT_WEBHOOK = Symbol('kwanus alert webhook');

/** Delivers alerts where an address for them is configured. */
@Injectable()
export class AlertDelivery {
  constructor(
    @Inject(ALERT_WEBHOOK) private readonly webhook: AlertWebhook | null,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Registers reaction and job. */
  register({ reactions, jobs, store }: MonitoringLog): void {
    if (this.webhook === null) return;
    reactions.register(alertNews(jobs));
    jobs.register(deliverAlert(this.webhook, store, this.clock));
  }
}

/** Registers everything that monitoring does without being asked. */
@Injectable()
export class MonitoringRegistration {
  readonly #log = new Logger('Monitoring');

  constructor(
    log: MonitoringLog,
    telemetry: TelemetryLog,
    consumers: Consumers,
    duties: MonitoringDuties,
    delivery: AlertDelivery,
  ) {
    const { projections, reactions, jobs, dueDates } = log;
    const { judge, timed, watchList, streams, alerts: query } = duties;
    projections.register(alerts);
    consumers.register(integrationConsumer(watchList));
    consumers.register(rolloutConsumer(watchList));
    consumers.register(validationConsumer(watchList, streams));
    for (const duty of [timed.silence, timed.review]) {
      reactions.register(duty.reaction());
      dueDates.register(duty.handler());
    }
    telemetry.jobs.register(
      judge.handler((integrationId, error) =>
        this.#log.error(
          `Windows of ${integrationId} could not be judged; its rollout gets an inconclusive verdict.`,
          error,
        ),
      ),
    );
    reactions.register(endedReleases(jobs));
    jobs.register(resolveEnded({ projections, query, streams }));
    delivery.register(log);
  }
}

/** Reads telemetry while the service runs. */
@Injectable()
export class TelemetryReading implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly consumer: TelemetryConsumer,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.options.background !== false) await this.consumer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.consumer.stop();
  }
}
