import type { PatchFix, RegisteredPermission } from '@kwanus/checks-kit';
import { pointerOf } from '@kwanus/checks-kit';
import type { Manifest } from '../manifest/manifest.schema.js';
import { stemOf } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import { entryFix, manifestFix, memberFix } from './fixes.js';

type Permission = NonNullable<Manifest['permissions']>[number];

const YEAR_MS = 365 * 24 * 3600 * 1000;
const isWildcard = (text: string): boolean => text.includes('*');

/** @returns the day on which a permission ends that begins now */
export const nextYear = ({ context }: CheckRun): string =>
  new Date(Date.parse(context.asOf) + YEAR_MS).toISOString().slice(0, 10);

/** @returns the entry of the registry, where it is active and the partner's tier is entitled to it */
export function entitledTo(run: CheckRun, id: string): RegisteredPermission | null {
  const { permissions, tiers } = run.context.registry;
  const { partner } = run.manifest.metadata;
  const entry = permissions.find((permission) => permission.id === id && permission.status === 'active');
  const tier = Object.hasOwn(tiers, partner) ? tiers[partner] : undefined;
  const entitled = entry?.tiers.length === 0 || (tier !== undefined && entry?.tiers.includes(tier) === true);
  return entry !== undefined && entitled ? entry : null;
}

/** @returns the fields of a resource that the manifest says it touches */
export const declaredFields = ({ declared }: CheckRun, resource: string): readonly string[] => [
  ...new Set(
    declared.dataAccess
      .filter(({ store }) => stemOf(store) === stemOf(resource))
      .flatMap(({ fields }) => fields.filter((field) => !isWildcard(field))),
  ),
];

/** @returns the fields of a store that permissions name */
export const permittedFields = ({ declared }: CheckRun, store: string): readonly string[] => [
  ...new Set(
    declared.permissions
      .filter(({ id, scope }) => stemOf(scope?.resource ?? id.split(':', 1)[0] ?? id) === stemOf(store))
      .flatMap(({ scope }) => scope?.fields ?? [])
      .filter((field) => !isWildcard(field)),
  ),
];

/** @returns the permission declared as the registry holds it; null where somebody must say what for, or let it in first */
export function declareFix(run: CheckRun, id: string, reason: string): PatchFix | null {
  const entry = entitledTo(run, id);
  const fields = entry === null ? [] : declaredFields(run, entry.resource);
  if (entry === null || fields.length === 0) return null;
  const verb = id.split(':').at(-1) ?? '';
  return entryFix(run, '/permissions', {
    id,
    scope: { workspace: 'self', resource: entry.resource, fields: [...fields] },
    actions: entry.actions.includes(verb) ? [verb] : [...entry.actions],
    reason,
    expires: nextYear(run),
  });
}

/** @returns the action taken out, as long as another one is left */
export const withoutAction = (run: CheckRun, pointer: string, { actions }: Permission, action: string) =>
  actions.length === 1
    ? null
    : manifestFix(run, { op: 'remove', path: `${pointer}/actions${pointerOf(actions.indexOf(action))}` });

/** @returns the permission taken out; null where data would be read without it */
export function withoutPermission(
  run: CheckRun,
  pointer: string,
  { id, scope }: Permission,
): PatchFix | null {
  const about = stemOf(scope?.resource ?? id.split(':', 1)[0] ?? id);
  const others = run.declared.permissions.filter((other) => other.id !== id);
  const needed = run.declared.dataAccess.some(
    ({ store, via }) =>
      via === 'api' &&
      stemOf(store) === about &&
      !others.some((other) => stemOf(other.scope?.resource ?? other.id.split(':', 1)[0] ?? '') === about),
  );
  return needed ? null : manifestFix(run, { op: 'remove', path: pointer });
}

/** @returns what has no end bound to what is known to be meant; null where that is not known */
export function boundFix(
  run: CheckRun,
  permission: Permission,
  [pointer, place]: readonly [string, string],
): PatchFix | null {
  const { id, scope } = permission;
  const scopePointer = `${pointer}/scope`;
  switch (place) {
    case '/actions':
      return registered(run, id, ({ actions }) => memberFix(run, pointer, ['actions', [...actions]]));
    case '/scope/resource':
      return registered(run, id, ({ resource }) => memberFix(run, scopePointer, ['resource', resource]));
    case '/scope':
      if (scope === undefined) return memberFix(run, pointer, ['scope', { workspace: 'self' }]);
      return scope.workspace === 'self'
        ? fieldsFix(run, permission, scopePointer)
        : memberFix(run, scopePointer, ['workspace', 'self']);
    case '/scope/fields':
      return fieldsFix(run, permission, scopePointer);
    default:
      return null;
  }
}

function registered(
  run: CheckRun,
  id: string,
  fix: (entry: RegisteredPermission) => PatchFix,
): PatchFix | null {
  const entry = entitledTo(run, id);
  return entry === null ? null : fix(entry);
}

function fieldsFix(run: CheckRun, { id, scope }: Permission, scopePointer: string): PatchFix | null {
  const fields = declaredFields(run, scope?.resource ?? id.split(':', 1)[0] ?? id);
  return fields.length === 0 ? null : memberFix(run, scopePointer, ['fields', [...fields]]);
}
