import { describe, expect, it } from '@jest/globals';
import type { NeighbourWorkflow } from '@kwanus/checks-kit';
import { runChecks, submissionStarts, workflowLinks } from './index.js';
import {
  context,
  type Edits,
  edited,
  findingsOf,
  manifest,
  put,
  REGISTERED,
} from './testing/edited-submission.js';

const REFUND: NeighbourWorkflow = {
  integrationId: 'globex.payments',
  release: '2.0.0',
  workflow: 'refund',
  startedBy: 'event:acme.parcel.lost',
  starts: ['event:globex.refund.made'],
  permissions: ['payouts:create'],
};
const BOOK: NeighbourWorkflow = {
  ...REFUND,
  integrationId: 'acme.books',
  workflow: 'book',
  startedBy: 'event:globex.refund.made',
  starts: ['event:acme.parcel.lost'],
  permissions: ['ledger:write', 'orders:read'],
};
const publishes = manifest((m) =>
  put(m['events'], { publishes: [{ type: 'acme.parcel.lost', version: '1.0.0' }] }),
);
const calls = (api: string): Edits =>
  manifest((m) => put(m['api'], { consumes: [{ id: 'other', api, version: '^1', operations: ['refund'] }] }));

const found = async (edits: Edits, workflows: readonly NeighbourWorkflow[], complete = true) => {
  const submission = await edited(edits);
  const more = context({ neighbours: { workflows, complete } });
  const verdict = await runChecks(submission, more, { checks: ['permission-boundary'] });
  return { result: verdict.results[0], findings: findingsOf(verdict, 'PM209') };
};

describe('permissions that are reached through others', () => {
  it('[PB-7.01] [PB-6.07] PM209 blocks what a workflow does that an event sets going, however far away', async () => {
    const { result, findings } = await found(publishes, [BOOK, REFUND]);
    expect(result?.outcome).toBe('failed');
    expect(findings.map(({ severity, message }) => `${severity} ${message}`).sort()).toEqual([
      'blocks event:acme.parcel.lost sets a workflow of another partner going, which uses payouts:create; it is not declared here.',
      'blocks event:acme.parcel.lost sets book of acme.books going, which uses ledger:write; it is not declared here.',
    ]);
    expect(findings[0]).toMatchObject({ pointer: '/events/publishes', line: expect.any(Number) });
  });

  it('PM209 is mended by declaring what is reached, where the registry holds it', async () => {
    const { mend } = await import('./index.js');
    const held = { ...REGISTERED, id: 'orders:list', actions: ['list'] };
    const more = context({
      neighbours: { workflows: [{ ...REFUND, permissions: ['orders:list'] }], complete: true },
      registry: { version: 4, permissions: [REGISTERED, held], tiers: { acme: 'silver' } },
    });
    const { verdict, mended } = await mend(await edited(publishes), more);
    expect(mended.map(({ ruleId }) => ruleId)).toEqual(['PM209']);
    expect(findingsOf(verdict, 'PM209')).toEqual([]);
  });

  it('[PB-7.01] PM209 blocks what an operation of another integration sets going', async () => {
    const started = { ...REFUND, startedBy: 'operation:globex.payments#refund' };
    expect((await found(calls('globex.payments'), [started])).findings).toMatchObject([
      { pointer: '/api/consumes' },
    ]);
  });

  it.each<readonly [string, Edits, readonly NeighbourWorkflow[]]>([
    ['no event is published', {}, [REFUND]],
    ['another event starts it', publishes, [{ ...REFUND, startedBy: 'event:acme.parcel.found' }]],
    ['it runs by the clock', publishes, [{ ...REFUND, startedBy: null }]],
    ['every permission is declared', publishes, [{ ...REFUND, permissions: ['orders:read'] }]],
    ['it is its own workflow', publishes, [{ ...REFUND, integrationId: 'acme.parcels' }]],
    [
      'the operation is of the platform',
      calls('kwanus.payments'),
      [{ ...REFUND, startedBy: 'operation:kwanus.payments#refund' }],
    ],
  ])('[PB-7.01] PM209 is silent where %s', async (_, edits, workflows) => {
    const { result, findings } = await found(edits, workflows);
    expect([result?.outcome, findings]).toEqual(['passed', []]);
  });

  it('[PB-7.01] PM209 says so where not everything could be followed', async () => {
    expect((await found(publishes, [], false)).result?.outcome).toBe('inconclusive');
  });

  it('are followed by what a manifest says of its workflows', async () => {
    const edits = manifest((m) => {
      put(m['events'], { publishes: [{ type: 'acme.parcel.lost' }] });
      put(m['api'], {
        consumes: [{ id: 'pay', api: 'globex.payments', version: '^2', operations: ['refund'] }],
      });
      const handlers = [
        { task: '/do/a', uses: 'api:pay#refund', permission: 'orders:read' },
        { task: '/do/b', uses: 'event:acme.parcel.lost' },
        { task: '/do/c', uses: 'event:kwanus.order.shipped' },
      ];
      put(m['workflows']?.[0], { handlers, trigger: { operation: 'api:parcels-v1#registerParcel' } });
    });
    const submission = await edited(edits);
    expect(workflowLinks(submission)).toEqual([
      {
        workflow: 'register-parcel',
        startedBy: 'operation:acme.parcels#registerParcel',
        starts: ['event:acme.parcel.lost', 'operation:globex.payments#refund'],
        permissions: ['orders:read'],
      },
    ]);
    expect(submissionStarts(submission)).toEqual([
      'event:acme.parcel.lost',
      'operation:globex.payments#refund',
    ]);
    expect(workflowLinks(await edited({ 'kwanus.yaml': 'a: 1' }))).toEqual([]);
  });
});
