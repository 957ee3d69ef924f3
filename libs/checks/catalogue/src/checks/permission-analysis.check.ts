import { pointerOf } from '@kwanus/checks-kit';
import { type Direction, describeRequest, type Escape } from '@kwanus/checks-permissions';
import type { JsonObject } from '@kwanus/kernel';
import type { CheckRun } from '../run/check-run.js';
import { policiesIn } from './policy-reading.js';

const WHY =
  'A policy is let in when it is shown what it permits: over requests that stand for all there are, not by its looks.';

/** PM211 unreadable, PM212 not in the registry's words, PM213 aimed at others, PM214 undecided, PM201 beyond what is declared: the policies of a submission, all together. */
export async function checkPermissionAnalysis(run: CheckRun): Promise<string> {
  const { count, unusable, analysis } = await policiesIn(run);
  for (const { ruleId, permission, path, pointer, why } of unusable)
    await run.blocks(ruleId, {
      pointer,
      subject: `${permission} ${path}`,
      message:
        ruleId === 'PM211'
          ? `The policy of ${permission} (${path}) ${why}.`
          : `The policy of ${permission} (${path}) does not fit the permission registry: ${why}`,
      why: WHY,
      remedy:
        ruleId === 'PM211'
          ? 'Write one or more Cedar policies, short and without templates, or leave `policy` out: the permission alone is a policy.'
          : 'Use the actions and resources of the registry, and the attributes resource.workspace, context.workspace, context.fields and context.now.',
    });
  if (analysis === null)
    return count === 0
      ? 'No permission names a policy, so there is nothing to analyse.'
      : 'Nothing was analysed.';
  for (const policy of analysis.aimedAtOthers)
    await run.blocks('PM213', {
      pointer: pointerTo(run, policy.permission),
      subject: policy.id,
      message: `${policy.id} forbids something to other integrations than this one.`,
      why: 'A partner restricts itself, never others.',
      remedy: `Write principal == Kwanus::Integration::"${run.inputs.submission.integrationId}" in its scope.`,
    });
  if (analysis.undecided !== null) await sayUndecided(run, analysis.undecided);
  for (const escape of analysis.escapes.filter(({ unbounded }) => !unbounded)) await sayBeyond(run, escape);
  run.facts['requestsTried'] = analysis.requests;
  return `${count} policies were held against the declared permissions over ${analysis.requests} requests that stand for all.`;
}

const sayUndecided = (run: CheckRun, reason: string): Promise<void> =>
  run.blocks('PM214', {
    pointer: '/permissions',
    subject: 'policies',
    message: `The policies can’t be shown to be bounded: they use ${reason}.`,
    why: WHY,
    remedy:
      'Write them more simply: compare workspaces, list fields, compare context.now with moments that are written out.',
  });

const sayBeyond = (run: CheckRun, escape: Escape): Promise<void> =>
  run.blocks('PM201', {
    pointer: pointerTo(run, escape.policy.permission),
    subject: `${escape.policy.id} ${escape.direction}`,
    message: `${escape.policy.id} permits ${WORDS[escape.direction]} that no declared permission covers, for example ${describeRequest(escape.witness)}.`,
    why: 'What an integration may do is what it declares and what SCO has let into the registry, and nothing else.',
    remedy: 'Declare it under permissions, or take it out of the policy.',
    facts: witnessOf(escape),
  });

const WORDS: Readonly<Record<Direction, string>> = {
  principal: 'an integration',
  resource: 'a resource',
  action: 'an action',
  workspace: 'a workspace',
  fields: 'fields',
};

/** @returns where the manifest names the policy of the permission */
export const pointerTo = (run: CheckRun, permission: string): string =>
  pointerOf(
    'permissions',
    run.declared.permissions.findIndex(({ id }) => id === permission),
    'policy',
  );

/** @returns the request that gets through, as data */
export const witnessOf = ({ witness, direction, policy }: Escape): JsonObject => ({
  grant: policy.permission,
  policy: policy.id,
  direction,
  witness: {
    integration: witness.principal.id,
    action: witness.action.id,
    resource: { type: witness.resource.type, id: witness.resource.id, workspace: witness.resourceWorkspace },
    workspace: witness.workspace,
    fields: [...witness.fields],
    at: new Date(witness.now).toISOString(),
  },
});
