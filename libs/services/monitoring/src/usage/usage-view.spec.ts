import { describe, expect, it } from '@jest/globals';
import { monitoringHttp } from '@kwanus/contracts';
import { Accumulator, type TelemetryFact, type Watched } from '@kwanus/domain-monitoring';
import { usageView } from './usage-view.js';

const origin = { integration: 'acme.orders', release: '1.3.0', workspace: 'w-1', at: 0 };
const facts: readonly TelemetryFact[] = [
  { ...origin, kind: 'api-call', operation: 'getOrder', status: 200, durationMs: 12 },
  { ...origin, kind: 'api-call', operation: 'getOrder', status: 503, durationMs: 12 },
  { ...origin, kind: 'api-call', operation: 'guessed', status: 404, durationMs: 1 },
  { ...origin, kind: 'permission-use', permission: 'orders:read', resource: 'o', decision: 'allowed' },
  { ...origin, kind: 'permission-use', permission: 'payouts:create', resource: 'p', decision: 'denied' },
  {
    ...origin,
    kind: 'extension',
    extension: 'panel',
    outcome: 'denied',
    durationMs: 5,
    target: 'evil.example',
  },
];
const watched: Watched = {
  operations: ['getOrder'],
  workflows: [],
  permissions: [
    { id: 'orders:read', actions: ['read'] },
    { id: 'orders:write', actions: ['create'] },
  ],
  extensions: ['panel'],
  egress: ['api.acme.example'],
  slos: [],
};
const release = {
  integrationId: 'acme.orders',
  release: '1.3.0',
  sealedTo: 60_000,
  late: 1,
  totals: facts.reduce((accumulator, fact) => accumulator.add(fact), new Accumulator()).totals(),
};

describe('Usage of a release', () => {
  const view = monitoringHttp.UsageView.parse(usageView(release, watched));

  it('[PB-10.03] has the error rate of each operation, and says which were declared', () => {
    expect(
      view.operations.map(({ operation, errorRate, declared }) => [operation, errorRate, declared]),
    ).toEqual([
      ['getOrder', 0.5, true],
      ['guessed', 0, false],
    ]);
  });

  it('[PB-10.02] holds permissions against the grants', () => {
    expect(view.permissions).toMatchObject({
      judged: true,
      granted: ['orders:read', 'orders:write'],
      neverUsed: ['orders:write'],
      used: 1,
      outOfScope: 1,
      bypassed: 0,
    });
    expect(view.permissions.items.map(({ permission, granted }) => [permission, granted])).toEqual([
      ['orders:read', true],
      ['payouts:create', false],
    ]);
  });

  it('[PB-10.04] names calls of an extension outside its declaration', () => {
    expect(view.extensions).toMatchObject([
      { denied: 1, declared: true, targets: [{ target: 'evil.example', declared: false }] },
    ]);
  });

  it('judges nothing while the release is unknown', () => {
    const unknown = usageView(release, null);
    expect(unknown.permissions).toMatchObject({ judged: false, neverUsed: [], outOfScope: 0 });
    expect(unknown.operations.map(({ declared }) => declared)).toEqual([null, null]);
  });
});
