import { alert } from '@kwanus/domain-monitoring';
import type { JobHandler, Jobs, Projections, Reaction } from '@kwanus/event-store';
import { Logger } from '@nestjs/common';
import { becauseOf, type MonitoringStreams } from '../monitoring-streams.js';
import { alertStream } from './alert-signals.js';
import type { AlertFilter, AlertsQuery, AlertView } from './alerts.query.js';

/** What ended alerts are resolved with. */
export interface ResolveParts {
  readonly projections: Projections;
  readonly query: AlertsQuery;
  readonly streams: MonitoringStreams;
}

const KIND = 'resolve-ended-alerts';
const PAGE = 200;
const CATCH_UP_MS = 5_000;
const OPEN = ['open', 'acknowledged'] as const;
const log = new Logger('ResolveEndedAlerts');

interface Payload {
  readonly integrationId: string;
  /** Null: all releases. */
  readonly release: string | null;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly reason: string;
}

/** Asks for it when a release was rolled back, withdrawn, suspended or retired: nobody is meant to meet it any more. */
export const endedReleases = (jobs: Jobs): Reaction => ({
  name: 'monitoring.ended-releases',
  handle: async ({ type, data, eventId, streamId, version }) => {
    const cause = causeOf(type, data);
    if (cause === null) return;
    const { integrationId, release = null } = data as { integrationId: string; release?: string | null };
    const reason = `the release was ${cause}: nobody is meant to meet it any more`;
    await jobs.enqueue({
      id: eventId,
      kind: KIND,
      payload: { integrationId, release, streamId, version, eventId, reason },
    });
  },
});

function causeOf(type: string, data: { readonly [key: string]: unknown }): string | null {
  if (type === 'ReleaseEnded') return String(data['cause']);
  return type === 'ExposureEnded' && data['outcome'] === 'rolled-back' ? 'rolled back' : null;
}

/** Resolves the burn alerts of a release that ended; alerts about permissions stay until a person resolves them. */
export const resolveEnded = ({ projections, query, streams }: ResolveParts): JobHandler => ({
  kind: KIND,
  leaseMs: 30_000,
  maxAttempts: 10,
  run: async ({ payload }) => {
    const { integrationId, release, streamId, version, eventId, reason } = payload as unknown as Payload;
    await projections.waitFor(streamId, version, CATCH_UP_MS);
    for (const status of OPEN)
      for await (const { alertId } of burns(query, { integrationId, release: release ?? undefined, status }))
        await streams.handle({
          decider: alert,
          streamId: alertStream(alertId),
          routingKey: integrationId,
          command: { type: 'ResolveAlert', reason },
          metadata: becauseOf(`ended ${alertId} ${eventId}`, eventId),
        });
  },
  exhausted: async ({ payload }, error) =>
    log.error(
      `Alerts of ${(payload as unknown as Payload).integrationId} stay open though their release ended.`,
      error,
    ),
});

/** Alerts about burn rates, page by page: one of them that is resolved meanwhile moves no page, since pages go by time raised. */
async function* burns(
  query: AlertsQuery,
  filter: Pick<AlertFilter, 'integrationId' | 'release' | 'status'>,
): AsyncGenerator<AlertView> {
  let after: AlertFilter['after'] = null;
  for (;;) {
    const page: readonly AlertView[] = await query.list({ ...filter, partner: null, after, limit: PAGE });
    yield* page.filter(({ signal }) => signal !== 'permission-usage');
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = [last.raisedAt, last.alertId];
  }
}
