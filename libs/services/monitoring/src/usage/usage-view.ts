import type { monitoringHttp } from '@kwanus/contracts';
import {
  countDistinct,
  type ExtensionTotals,
  judgePermissions,
  type Latency,
  type OperationTotals,
  OTHER,
  percentile,
  type Watched,
  type WorkflowTotals,
} from '@kwanus/domain-monitoring';
import type { z } from 'zod';
import type { ReleaseTotals } from '../sealed-windows/sealed-windows.query.js';

/** Usage of a release, as it is answered. */
export type UsageView = z.infer<typeof monitoringHttp.UsageView>;

/**
 * @param release totals over all sealed windows
 * @param watched what it declared; null while monitoring has not heard of it
 */
export function usageView(release: ReleaseTotals, watched: Watched | null): UsageView {
  const { totals } = release;
  return {
    integrationId: release.integrationId,
    release: release.release,
    sealedTo: new Date(release.sealedTo).toISOString(),
    observations: totals.observations,
    overflowed: totals.overflowed,
    late: release.late,
    workspaces: countDistinct(totals.workspaces),
    operations: totals.operations.map((entry) => operationView(entry, watched)),
    workflows: totals.workflows.map((entry) => workflowView(entry, watched)),
    permissions: permissionsView(release, watched),
    extensions: totals.extensions.map((entry) => extensionView(entry, watched)),
  };
}

const operationView = (
  { name, requests, failures, rejected, latency }: OperationTotals,
  watched: Watched | null,
): UsageView['operations'][number] => ({
  operation: name,
  declared: isDeclared(name, watched?.operations),
  requests,
  failures,
  rejected,
  errorRate: requests === 0 ? 0 : failures / requests,
  latency: latencyView(latency),
});

const workflowView = (
  { name, latency, ...outcomes }: WorkflowTotals,
  watched: Watched | null,
): UsageView['workflows'][number] => ({
  workflow: name,
  declared: isDeclared(name, watched?.workflows),
  ...outcomes,
  latency: latencyView(latency),
});

const extensionView = (
  { name, latency, targets, ...outcomes }: ExtensionTotals,
  watched: Watched | null,
): UsageView['extensions'][number] => ({
  extension: name,
  declared: isDeclared(name, watched?.extensions),
  ...outcomes,
  latency: latencyView(latency),
  targets: targets.map((target) => ({
    target: target.name,
    count: target.count,
    declared: isDeclared(target.name, watched?.egress),
  })),
});

function permissionsView({ totals }: ReleaseTotals, watched: Watched | null): UsageView['permissions'] {
  const counts = totals.permissions.map(({ name, allowed, denied }) => ({
    permission: name,
    allowed,
    denied,
    deniedLately: 0,
  }));
  const usage = judgePermissions(counts, watched?.permissions ?? null);
  const granted = watched?.permissions.map(({ id }) => id);
  const { judged, neverUsed, used, denied, outOfScope, bypassed } = usage;
  return {
    judged,
    granted: granted ?? [],
    neverUsed: [...neverUsed],
    used,
    denied,
    outOfScope,
    bypassed,
    items: counts.map(({ permission, allowed, denied: refused }) => ({
      permission,
      granted: isDeclared(permission, granted),
      allowed,
      denied: refused,
    })),
  };
}

const isDeclared = (name: string, declared: readonly string[] | undefined): boolean | null =>
  declared === undefined || name === OTHER ? null : declared.includes(name);

const latencyView = (latency: Latency): UsageView['operations'][number]['latency'] => ({
  p50: percentile(latency, 0.5),
  p95: percentile(latency, 0.95),
  p99: percentile(latency, 0.99),
  maxMs: latency.maxMicros / 1_000,
});
