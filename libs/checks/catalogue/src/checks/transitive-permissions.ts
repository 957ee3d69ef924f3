import type { NeighbourWorkflow } from '@kwanus/checks-kit';
import { declareFix } from '../fixes/permission-fixes.js';
import { startsOf } from '../permissions/workflow-links.js';
import type { CheckRun } from '../run/check-run.js';

/** PM209: a permission that is not declared, and is reached by setting a workflow of another integration going. */
export async function checkTransitivePermissions(run: CheckRun): Promise<void> {
  if (run.context.neighbours?.complete === false)
    run.inconclusive('It sets more workflows of other integrations going than can be followed.');
  const declared = new Set(run.declared.permissions.map(({ id }) => id));
  const said = new Set<string>();
  for (const { reached, by } of setGoing(run))
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
        fix: declareFix(run, permission, `Reached by ${by}.`),
      });
    }
}

/** @returns the permissions that workflows of others use which the submission sets going: it uses them by these */
export const transitivePermissions = (run: CheckRun): ReadonlySet<string> =>
  new Set(setGoing(run).flatMap(({ reached }) => reached.permissions));

function setGoing({ context, inputs, declared }: CheckRun): readonly Reached[] {
  const { integrationId } = inputs.submission;
  const others = (context.neighbours?.workflows ?? []).filter(
    (other) => other.integrationId !== integrationId,
  );
  return reachable(startsOf(declared), others);
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
