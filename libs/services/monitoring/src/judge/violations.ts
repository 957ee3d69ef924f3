import {
  judgePermissions,
  type PermissionUsage,
  type ReleaseWindow,
  type Watched,
} from '@kwanus/domain-monitoring';
import type { EventStore, NewEvent } from '@kwanus/event-store';
import { becauseOf } from '../monitoring-streams.js';

/** Use of permissions in the events of one window, held against the grants of its release (PB-7.01 at run time). */
export const usageIn = (
  { totals }: Pick<ReleaseWindow, 'totals'>,
  watched: Watched | undefined,
): PermissionUsage =>
  judgePermissions(
    totals.permissions.map(({ name, allowed, denied }) => ({
      permission: name,
      allowed,
      denied,
      deniedLately: denied,
    })),
    watched?.permissions ?? null,
  );

/** Appends `PermissionViolated` for what was used or tried without a grant; the same event of the telemetry log never twice. */
export async function reportViolations(
  store: EventStore,
  usage: PermissionUsage,
  {
    integration,
    release,
    eventId,
  }: Pick<ReleaseWindow, 'integration' | 'release'> & { readonly eventId: string },
): Promise<void> {
  const violation =
    (kind: 'out-of-scope' | 'bypassed') =>
    ({ name, count }: { readonly name: string; readonly count: number }): NewEvent => ({
      type: 'PermissionViolated',
      data: { integrationId: integration, release, permission: name, kind, count },
    });
  const events = [
    ...usage.bypassedBy.map(violation('bypassed')),
    ...usage.outOfScopeBy.map(violation('out-of-scope')),
  ];
  if (events.length === 0) return;
  await store.append({
    streamId: `violations-${integration}@${release}`,
    streamType: 'violations',
    routingKey: integration,
    expectedVersion: 'any',
    events,
    metadata: becauseOf(`violations ${eventId}`, eventId),
  });
}
