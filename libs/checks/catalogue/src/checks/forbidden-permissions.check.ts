import { pointerOf } from '@kwanus/checks-kit';
import type { Declared } from '../manifest/declared.js';
import type { CheckRun } from '../run/check-run.js';

type Permission = Declared['permissions'][number];

const WHY =
  'An unbounded permission (PM203) reaches what nobody has looked at. This is forbidden and can’t be waived.';
const UNBOUNDED = new Set(['any', 'all']);
const isUnbounded = (text: string): boolean =>
  UNBOUNDED.has(text.trim().toLowerCase()) || /\*|\.\+/.test(text);

/** FB303 (PM203): a permission without an end. */
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
      });
  await checkEntitlements(run);
  return `${permissions.length} permissions, all bounded in workspace, resource, actions and fields, as far as declarations tell.`;
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

const PERSONAL = new Set(['personal', 'sensitive', 'payment']);
const stem = (name: string): string => name.replace(/s$/, '');

function touchesPersons({ declared }: CheckRun, { id, scope }: Permission): boolean {
  const resource = stem((scope?.resource ?? id).split(':', 1)[0] ?? '');
  return declared.dataAccess.some(
    ({ store, class: kind }) => PERSONAL.has(kind) && stem(store.split('.').at(-1) ?? '') === resource,
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
