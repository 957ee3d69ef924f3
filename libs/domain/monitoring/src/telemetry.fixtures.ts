import type { BurnRule, MonitoringRule } from '@kwanus/domain-playbook';
import type { ApiCall, ExtensionRun, PermissionUse, WorkflowRun } from './facts.js';
import type { Watched } from './watched.js';

/** 2026-11-23T10:00:00Z, the beginning of a window. */
export const TEN = Date.UTC(2026, 10, 23, 10);
const origin = { integration: 'acme.orders', release: '1.3.0', workspace: 'w-1', at: TEN };

export const call = (over: Partial<ApiCall> = {}): ApiCall => ({
  ...origin,
  kind: 'api-call',
  operation: 'getOrder',
  status: 200,
  durationMs: 12,
  ...over,
});
export const run = (over: Partial<WorkflowRun> = {}): WorkflowRun => ({
  ...origin,
  kind: 'workflow-run',
  workflow: 'order-sync',
  outcome: 'succeeded',
  durationMs: 900,
  ...over,
});
export const use = (over: Partial<PermissionUse> = {}): PermissionUse => ({
  ...origin,
  kind: 'permission-use',
  permission: 'orders:read',
  resource: 'order/7',
  decision: 'allowed',
  ...over,
});
export const extension = (over: Partial<ExtensionRun> = {}): ExtensionRun => ({
  ...origin,
  kind: 'extension',
  extension: 'acme-panel',
  outcome: 'succeeded',
  durationMs: 30,
  ...over,
});

export const PAGE_QUICK: BurnRule = {
  id: 'page-quick',
  severity: 'page',
  budget: 0.02,
  long: 'PT1H',
  short: 'PT5M',
};
export const PAGE_SLOW: BurnRule = {
  id: 'page-slow',
  severity: 'page',
  budget: 0.05,
  long: 'PT6H',
  short: 'PT30M',
};
export const TICKET: BurnRule = { id: 'ticket', severity: 'ticket', budget: 0.1, long: 'P3D', short: 'PT6H' };

const signal = (id: MonitoringRule['signals'][number]['id'], objective: number) => ({
  id,
  title: id,
  objective,
  period: 'P30D',
  requirement: 'PB-10.01',
});

export const RULES: MonitoringRule = {
  window: 'PT1M',
  watermark: 'PT2M',
  silentWindows: 3,
  signals: [
    signal('api-errors', 0.999),
    signal('workflow-reliability', 0.99),
    signal('permission-usage', 0.999),
    signal('extension-behaviour', 0.99),
  ],
  burn: [PAGE_QUICK, PAGE_SLOW, TICKET],
  probing: { permissions: 3, within: 'PT1H' },
  unused: { after: 'P90D', lookAgain: 'P1D' },
  minFailures: 10,
};

export const WATCHED: Watched = {
  operations: ['getOrder'],
  workflows: ['order-sync'],
  permissions: [
    { id: 'orders:read', actions: ['read'] },
    { id: 'orders:write', actions: ['create'] },
  ],
  extensions: [],
  slos: [],
};
