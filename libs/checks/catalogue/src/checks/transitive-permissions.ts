import type { NeighbourWorkflow } from '@kwanus/checks-kit';
import { startsOf } from '../permissions/workflow-links.js';
import type { CheckRun } from '../run/check-run.js';

/** PM209: a permission that is not declared, and is reached by setting a workflow of another integration going. */
export async function checkTransitivePermissions(run: CheckRun): Promise<void> {
  const { neighbours } = run.context;
  if (neighbours === undefined) return;
  if (!neighbours.complete)
    run.inconclusive('It sets more workflows of other integrations going than can be followed.');
  const declared = new Set(run.declared.permissions.map(({ id }) => id));
  const { integrationId } = run.inputs.submission;
  const others = neighbours.workflows.filter((other) => other.integrationId !== integrationId);
  const said = new Set<string>();
  for (const { reached, by } of reachable(startsOf(run.declared), others))
    for (const permission of reached.permissions) {
      if (declared.has(permission) || said.has(permission)) continue;
      said.add(permission);
      await run.blocks('PM209', {
        pointer: by.startsWith('event:') ? '/events/publishes' : '/api/consumes',
        subject: permission,
        message: `${by} sets ${nameOf(run, reached)} going, which uses ${permission}; it is not declared here.`,
        why: 'What an integration lets others do for it, it does: a detour is no way around a permission.',
        remedy: `Declare ${permission}, so that SCO decides on it, or don’t set that workflow going.`,
        facts: { permission, by },
      });
    }
}

/** A partner sees its own integrations only. */
function nameOf({ inputs }: CheckRun, { integrationId, workflow }: NeighbourWorkflow): string {
  const [partner] = inputs.submission.integrationId.split('.');
  return integrationId.split('.')[0] === partner
    ? `${workflow} of ${integrationId}`
    : 'a workflow of another partner';
}

interface Reached {
  readonly reached: NeighbourWorkflow;
  /** What the submission does that leads there. */
  readonly by: string;
}

/** Follows what is set going through one workflow after the other; each is visited once, so that circles end. */
function reachable(starts: readonly string[], workflows: readonly NeighbourWorkflow[]): readonly Reached[] {
  const found: Reached[] = [];
  const visited = new Set<NeighbourWorkflow>();
  const open = starts.map((start) => ({ start, by: start }));
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { start, by } = next;
    for (const reached of workflows.filter(({ startedBy }) => startedBy === start)) {
      if (visited.has(reached)) continue;
      visited.add(reached);
      found.push({ reached, by });
      open.push(...reached.starts.map((further) => ({ start: further, by })));
    }
  }
  return found;
}
