import { pointerOf } from '@kwanus/checks-kit';
import { type Direction, describeRequest, type Escape } from '@kwanus/checks-permissions';
import { boundFix } from '../fixes/permission-fixes.js';
import type { Declared } from '../manifest/declared.js';
import { PERSONAL, stemOf } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import { pointerTo, witnessOf } from './permission-analysis.check.js';
import { policiesIn } from './policy-reading.js';

type Permission = Declared['permissions'][number];

const WHY =
  'An unbounded permission (PM203) reaches what nobody has looked at. This is forbidden and can’t be waived.';
const UNBOUNDED = new Set(['any', 'all']);
const isUnbounded = (text: string): boolean =>
  UNBOUNDED.has(text.trim().toLowerCase()) || /\*|\.\+/.test(text);

/** FB303 (PM203): a permission without an end, by its words or by what its policies let through. */
export async function checkForbiddenPermissions(run: CheckRun): Promise<string> {
  const permissions = run.declared.permissions;
  for (const [index, permission] of permissions.entries())
    for (const { place, message, remedy } of unboundedIn(permission, touchesPersons(run, permission)))
      await run.blocks('FB303', {
        pointer: pointerOf('permissions', index) + place,
        subject: `${permission.id} ${place}`,
        message: `${permission.id}: ${message}`,
        why: WHY,
        remedy,
        facts: { rule: 'PM203', grant: permission.id },
        fix: boundFix(run, permission, [pointerOf('permissions', index), place]),
      });
  await checkEntitlements(run);
  await checkPolicies(run);
  return `${permissions.length} permissions and their policies are bounded in workspace, resource, actions and fields.`;
}

/** What can't be shown to be bounded is not let through: here nobody can waive it. */
async function checkPolicies(run: CheckRun): Promise<void> {
  const { analysis, unusable } = await policiesIn(run);
  if (unusable.length > 0 || (analysis !== null && analysis.undecided !== null))
    run.inconclusive('The policies could not be analysed: see permission-analysis.');
  const byPolicy = new Map<string, Escape[]>();
  for (const escape of analysis?.escapes.filter(({ unbounded }) => unbounded) ?? [])
    byPolicy.set(escape.policy.id, [...(byPolicy.get(escape.policy.id) ?? []), escape]);
  for (const [id, escapes] of byPolicy) await sayUnbounded(run, id, escapes);
}

const ENDLESS: Readonly<Record<Direction, string>> = {
  principal: 'any integration',
  resource: 'any resource',
  action: 'any action',
  workspace: 'any workspace',
  fields: 'any fields',
};

async function sayUnbounded(run: CheckRun, id: string, escapes: readonly Escape[]): Promise<void> {
  const [first] = escapes;
  if (first === undefined) return;
  const directions = escapes.map(({ direction }) => ENDLESS[direction]).join(', ');
  const held = first.policy.policy.conditions.length === 0 ? '' : ', whatever its conditions say';
  await run.blocks('FB303', {
    pointer: pointerTo(run, first.policy.permission),
    subject: `${id} ${escapes.map(({ direction }) => direction).join()}`,
    message: `${id} permits ${directions}${held}. For example ${describeRequest(first.witness)} gets through.`,
    why: WHY,
    remedy:
      'Bind principal, action and resource in the scope, and require resource.workspace == context.workspace and a list of fields, each in a condition of its own.',
    facts: { rule: 'PM203', ...witnessOf(first) },
  });
}

interface Unbounded {
  readonly place: string;
  readonly message: string;
  readonly remedy: string;
}

const unbounded = (place: string, message: string, remedy: string): Unbounded => ({ place, message, remedy });

function unboundedIn({ id, actions, scope }: Permission, personal: boolean): readonly Unbounded[] {
  const found = actions
    .filter(isUnbounded)
    .map((action) => unbounded('/actions', `the action ${action} is any action.`, 'List the actions.'));
  if (isUnbounded(id))
    found.push(unbounded('/id', 'the id is a wildcard.', 'Name one permission of the registry.'));
  return [...found, ...unboundedScope(scope ?? {}, personal)];
}

function unboundedScope(
  { workspace, resource, fields }: NonNullable<Permission['scope']>,
  personal: boolean,
): readonly Unbounded[] {
  const found: Unbounded[] = [];
  if (workspace === undefined || isUnbounded(workspace))
    found.push(unbounded('/scope', 'the scope is bound to no workspace.', 'Write scope.workspace: self.'));
  if (resource !== undefined && isUnbounded(resource))
    found.push(unbounded('/scope/resource', 'the resource is any resource.', 'Name one resource.'));
  if (fields?.some(isUnbounded) === true)
    found.push(unbounded('/scope/fields', 'the fields are any fields.', 'List the fields.'));
  if (fields === undefined && personal)
    found.push(
      unbounded('/scope', 'no fields are named, on a resource with personal data.', 'List the fields.'),
    );
  return found;
}

function touchesPersons({ declared }: CheckRun, { id, scope }: Permission): boolean {
  const resource = stemOf((scope?.resource ?? id).split(':', 1)[0] ?? '');
  return declared.dataAccess.some(
    ({ store, class: kind }) => PERSONAL.has(kind) && stemOf(store) === resource,
  );
}

async function checkEntitlements(run: CheckRun): Promise<void> {
  for (const [index, id] of (run.manifest.entitlements?.permissions ?? []).entries())
    if (isUnbounded(id))
      await run.blocks('FB303', {
        pointer: pointerOf('entitlements', 'permissions', index),
        subject: id,
        message: `The tier entitles to ${id}.`,
        why: WHY,
        remedy: 'List the permissions.',
      });
}
