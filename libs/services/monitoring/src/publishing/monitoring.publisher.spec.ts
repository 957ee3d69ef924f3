import { describe, expect, it } from '@jest/globals';
import { MESSAGE_TYPES } from '@kwanus/contracts';
import { type GateVerdict, judgeGate, judgePermissions, milliseconds } from '@kwanus/domain-monitoring';
import type { MonitoringRule } from '@kwanus/domain-playbook';
import { monitoringPublisher } from './monitoring.publisher.js';

const RULES: MonitoringRule = {
  window: 'PT1M',
  watermark: 'PT2M',
  silentWindows: 3,
  signals: [],
  burn: [{ id: 'page-quick', severity: 'page', budget: 0.02, long: 'PT1H', short: 'PT5M' }],
  probing: { permissions: 3, within: 'PT1H' },
  unused: { after: 'P90D', lookAgain: 'P1D' },
  minFailures: 10,
};
const counts = { requests: 100, failures: 20 };
const judgement = judgeGate(
  {
    series: [
      {
        signal: 'api-errors',
        of: null,
        canary: counts,
        stable: counts,
        canaryWindow: counts,
        stableWindow: counts,
        spans: new Map([
          [milliseconds('PT1H'), counts],
          [milliseconds('PT5M'), counts],
        ]),
      },
    ],
    permissions: judgePermissions([], []),
    silentWindows: 0,
  },
  { operations: ['getOrder'], workflows: [], permissions: [], extensions: [], slos: [] },
  RULES,
);
const { type: _type, ...verdict }: GateVerdict = {
  type: 'GateVerdict',
  integrationId: 'acme.orders',
  release: '1.3.0',
  rolloutId: 'r-1',
  window: { from: '2026-11-23T10:00:00.000Z', to: '2026-11-23T10:01:00.000Z' },
  permissions: { used: 0, denied: 0, outOfScope: 0, bypassed: 0, neverUsed: [], judged: true },
  silentWindows: 0,
  ...judgement,
};
const ofAlert = { integrationId: 'acme.orders', release: '1.3.0', alertId: 'a-1', reason: 'burns' };

describe('What monitoring tells the other services', () => {
  it.each([
    ['GateVerdict', JSON.parse(JSON.stringify(verdict))],
    ['AlertRaised', { ...ofAlert, severity: 'page', signal: 'api-errors', numbers: { burn: [] } }],
    ['AlertResolved', ofAlert],
    [
      'PermissionViolated',
      {
        integrationId: 'acme.orders',
        release: '1.3.0',
        permission: 'payouts:create',
        kind: 'bypassed',
        count: 1,
      },
    ],
  ])('[PB-2.6] keeps the contract: %s', (type, data) => {
    const published = monitoringPublisher({ type, schemaVersion: 1, data });
    expect(published?.topic).toBe('kwanus.monitoring');
    const schema = MESSAGE_TYPES[published?.type ?? '']?.schema;
    expect(schema?.parse(published?.data)).toEqual(data);
  });

  it.each(['AlertAcknowledged', 'AlertDelivered', 'ReleaseWatched', 'ExposureStarted'])(
    'keeps %s to itself',
    (type) => {
      expect(monitoringPublisher({ type, schemaVersion: 1, data: {} })).toBeNull();
    },
  );
});
