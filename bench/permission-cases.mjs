import { DecisionEngine, grantOf, vocabularyOf } from '@kwanus/checks-permissions';

/** One decision after the other by policies that are parsed once: what a call of a partner waits for, without HTTP and without the log. */
export const permissionCases = [
  { name: 'permission_decision', permissions: 10 },
  { name: 'permission_decision_100', permissions: 100 },
];

const INTEGRATION = 'acme.parcels';
const FIELDS = ['id', 'status', 'total', 'currency'];

/** @returns {{ operations: number, latencies: number[], ms: number }} one run of a case */
export function runPermissionCase({ permissions }, seconds) {
  const engine = new DecisionEngine();
  const declared = Array.from({ length: permissions }, (_, index) => ({
    id: `thing-${index}:read`,
    actions: ['read', 'update'],
    scope: { workspace: 'self', resource: `thing-${index}`, fields: FIELDS },
    expires: '2099-01-01',
  }));
  const grants = declared.map(grantOf);
  engine.prepare('measured', {
    integrationId: INTEGRATION,
    grants,
    policies: [],
    vocabulary: vocabularyOf(grants),
  });
  return repeated((turn) => {
    const allowed = turn % 2 === 0;
    const { decision } = engine.decide('measured', requestOf(turn % permissions, allowed));
    if ((decision === 'allow') !== allowed) throw new Error(`the answer was ${decision}`);
  }, seconds);
}

const requestOf = (index, allowed) => ({
  principal: { type: 'Kwanus::Integration', id: INTEGRATION },
  action: { type: 'Kwanus::Action', id: 'read' },
  resource: { type: `Kwanus::Thing_2d_${index}`, id: '1' },
  resourceWorkspace: 'w-1',
  workspace: allowed ? 'w-1' : 'w-2',
  fields: ['id', 'status'],
  now: Date.UTC(2026, 10, 27),
});

function repeated(operation, seconds) {
  const latencies = [];
  const began = performance.now();
  do {
    const start = performance.now();
    operation(latencies.length);
    latencies.push(performance.now() - start);
  } while (performance.now() - began < seconds * 1000);
  return { operations: latencies.length, latencies, ms: performance.now() - began };
}
