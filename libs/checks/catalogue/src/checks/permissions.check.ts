import { ownObject, pointerOf, type RegisteredPermission } from '@kwanus/checks-kit';
import { memberFix } from '../fixes/fixes.js';
import { declareFix, nextYear, withoutAction, withoutPermission } from '../fixes/permission-fixes.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import { stemOf } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import { checkEscalation, type Permission, resourceOf } from './escalation.js';
import { checkRuntimeUse } from './runtime-use.js';
import { checkTransitivePermissions, transitivePermissions } from './transitive-permissions.js';

const WHY =
  'What an integration may do is what it declares and what SCO has let into the registry, and nothing else.';
const YEAR_MS = 366 * 24 * 3600 * 1000;

/** PM201, PM202, PM204 to PM208 as far as declarations tell, PM209 by the workflows of live releases, PM210 as far as monitoring has told of use without a grant. */
export async function checkPermissionBoundary(run: CheckRun): Promise<string> {
  const declared = run.declared.permissions;
  const registry = new Map(run.context.registry.permissions.map((permission) => [permission.id, permission]));
  const used = usedPermissions(run.manifest);
  for (const { id, pointer, by } of used)
    if (!declared.some((permission) => permission.id === id))
      await run.blocks('PM201', {
        pointer,
        subject: `${by} ${id}`,
        message: `${by} uses ${id}, which is not declared.`,
        why: WHY,
        remedy: `Declare ${id} under permissions, with scope, actions and reason, or don't use it.`,
        fix: declareFix(run, id, usesOf(run.manifest, id)),
      });
  await checkScopesOfContracts(run, registry);
  await checkData(run);
  const reached = transitivePermissions(run);
  for (const [index, permission] of declared.entries()) {
    const pointer = pointerOf('permissions', index);
    const entry = registry.get(permission.id);
    await checkRegistered(run, permission, entry, pointer);
    const isUsed = used.some(({ id }) => id === permission.id) || reached.has(permission.id);
    await checkUse(run, permission, { entry, pointer, isUsed });
    await checkExpiry(run, permission, pointer);
  }
  await checkPairs(run, declared);
  await checkRuntimeUse(run);
  await checkTransitivePermissions(run);
  await checkEscalation(run);
  run.facts['registryVersion'] = run.context.registry.version;
  return `${declared.length} permissions lie within registry version ${run.context.registry.version}.`;
}

interface Use {
  readonly id: string;
  readonly pointer: string;
  readonly by: string;
}

const usedPermissions = (manifest: Manifest): readonly Use[] => [
  ...(manifest.workflows ?? []).flatMap(({ id: workflow, handlers }, place) =>
    (handlers ?? []).flatMap(({ permission, task }, index) =>
      permission === undefined
        ? []
        : [
            {
              id: permission,
              pointer: pointerOf('workflows', place, 'handlers', index, 'permission'),
              by: `workflow ${workflow}, task ${task}`,
            },
          ],
    ),
  ),
  ...(manifest.extensions ?? []).flatMap(({ id: extension, permissions }, place) =>
    (permissions ?? []).map((id, index) => ({
      id,
      pointer: pointerOf('extensions', place, 'permissions', index),
      by: `extension ${extension}`,
    })),
  ),
  ...(manifest.entitlements?.permissions ?? []).flatMap((id, index) =>
    (manifest.permissions ?? []).length === 0
      ? []
      : [{ id, pointer: pointerOf('entitlements', 'permissions', index), by: 'the tier' }],
  ),
];

/** @returns what a permission is used for, as a reason to declare it */
export const usesOf = (manifest: Manifest, id: string): string =>
  `Used by ${usedPermissions(manifest)
    .filter((use) => use.id === id)
    .map(({ by }) => by)
    .join('; ')}.`.slice(0, 2_000);

/** Scopes that a contract asks for count as use where they are permissions of the platform; others are the partner's own. */
async function checkScopesOfContracts(
  run: CheckRun,
  registry: ReadonlyMap<string, RegisteredPermission>,
): Promise<void> {
  const declared = new Set(run.declared.permissions.map(({ id }) => id));
  for (const { root, path } of await run.inspection.contracts()) {
    const schemes = ownObject(ownObject(root, 'components'), 'securitySchemes');
    for (const [name, scheme] of Object.entries(schemes))
      for (const [flow, value] of Object.entries(ownObject(scheme, 'flows')))
        for (const scope of Object.keys(ownObject(value, 'scopes')))
          if (registry.has(scope) && !declared.has(scope))
            await run.blocks('PM201', {
              file: path,
              pointer: pointerOf('components', 'securitySchemes', name, 'flows', flow, 'scopes', scope),
              subject: scope,
              message: `The contract asks for the scope ${scope}, a permission of the platform that is not declared.`,
              why: WHY,
              remedy: `Declare ${scope} under permissions.`,
              fix: declareFix(run, scope, `Asked for by the contract ${path}.`),
            });
  }
}

const PLATFORM_STORE = /^kwanus\.(.+)$/;

/** Data of the platform that is fetched is reached by a permission on its resource; what events bring is sent. */
async function checkData(run: CheckRun): Promise<void> {
  for (const [index, { store, via }] of run.declared.dataAccess.entries()) {
    if (via !== 'api' || !PLATFORM_STORE.test(store)) continue;
    if (run.declared.permissions.some((permission) => stemOf(resourceOf(permission)) === stemOf(store)))
      continue;
    await run.blocks('PM201', {
      pointer: pointerOf('dataAccess', index, 'store'),
      subject: `data ${store}`,
      message: `${store} is read over the API, and no permission on it is declared.`,
      why: WHY,
      remedy: 'Declare the permission that lets it be read, or take the access out.',
    });
  }
}

async function checkRegistered(
  run: CheckRun,
  permission: Permission,
  entry: RegisteredPermission | undefined,
  pointer: string,
): Promise<void> {
  if (entry === undefined || entry.status !== 'active')
    return notInRegistry(run, permission.id, entry?.status, pointer);
  for (const action of permission.actions)
    if (!entry.actions.includes(action))
      await run.blocks('PM201', {
        pointer: `${pointer}/actions`,
        subject: `${permission.id} ${action}`,
        message: `${permission.id} is registered for ${entry.actions.join(', ')}; ${action} goes beyond it.`,
        why: WHY,
        remedy: `Take ${action} out, or propose a permission that allows it.`,
        facts: { grant: `${permission.id} ${action} on ${permission.scope?.resource ?? entry.resource}` },
        fix: withoutAction(run, pointer, permission, action),
      });
  await checkResource(run, permission, entry, pointer);
  await checkTier(run, entry, pointer);
}

async function checkResource(
  run: CheckRun,
  permission: Permission,
  entry: RegisteredPermission,
  pointer: string,
): Promise<void> {
  const resource = resourceOf(permission);
  if (permission.scope?.resource === undefined || resource === entry.resource) return;
  await run.blocks('PM201', {
    pointer: `${pointer}/scope/resource`,
    subject: `${permission.id} on ${resource}`,
    message: `${permission.id} is registered for ${entry.resource}; ${resource} goes beyond it.`,
    why: WHY,
    remedy: `Write ${entry.resource}, or declare a permission that is for ${resource}.`,
    facts: { grant: `${permission.id} on ${resource}` },
    fix: memberFix(run, `${pointer}/scope`, ['resource', entry.resource]),
  });
}

async function notInRegistry(
  run: CheckRun,
  id: string,
  status: RegisteredPermission['status'] | undefined,
  pointer: string,
): Promise<void> {
  const where = status === undefined ? 'not in' : `${status} in`;
  await run.blocks('PM205', {
    pointer: `${pointer}/id`,
    subject: id,
    message: `${id} is ${where} the permission registry (version ${run.context.registry.version}).`,
    why: WHY,
    remedy:
      status === 'proposed'
        ? `SCO activates ${id} first.`
        : `Propose ${id} with scope, owner and reason: POST /v1/permissions.`,
  });
}

/** A manifest can claim any tier; what counts is the one that the platform granted to the partner. */
async function checkTier(run: CheckRun, { id, tiers }: RegisteredPermission, pointer: string): Promise<void> {
  const { partner, tier: claimed } = run.manifest.metadata;
  const granted = Object.hasOwn(run.context.registry.tiers, partner)
    ? run.context.registry.tiers[partner]
    : undefined;
  if (tiers.length === 0 || (granted !== undefined && tiers.includes(granted))) return;
  const said = granted === undefined ? 'of no tier' : `of tier ${granted}`;
  const claim = claimed === undefined || claimed === granted ? '' : ` (the manifest says ${claimed})`;
  await run.blocks('PM206', {
    pointer: `${pointer}/id`,
    subject: `${id} ${said}`,
    message: `${id} is for the tiers ${tiers.join(', ')}; the platform knows ${partner} as ${said}${claim}.`,
    why: 'A tier entitles to permissions; more than it gives needs another tier, which SCO grants.',
    remedy: 'Ask SCO for another tier, or do without the permission.',
  });
}

async function checkUse(
  run: CheckRun,
  permission: Permission,
  {
    entry,
    pointer,
    isUsed,
  }: { readonly entry: RegisteredPermission | undefined; readonly pointer: string; readonly isUsed: boolean },
): Promise<void> {
  if (isUsed) return;
  const { id } = permission;
  const privileged = entry?.privileged === true;
  await run.add(privileged ? 'blocks' : 'warns', 'PM202', {
    pointer: `${pointer}/id`,
    subject: id,
    message: `${id} is declared${privileged ? ', is privileged,' : ''} and nothing uses it.`,
    why: 'A permission that nobody needs is one that somebody else can use (least privilege).',
    remedy: `Name it where it is used (workflows[].handlers[].permission, extensions[].permissions), or take it out.`,
    fix: withoutPermission(run, pointer, permission),
  });
}

async function checkExpiry(run: CheckRun, { id, expires }: Permission, pointer: string): Promise<void> {
  const asOf = Date.parse(run.context.asOf);
  const say = (message: string, remedy: string): Promise<void> =>
    run.warns('PM208', {
      pointer,
      subject: id,
      message,
      why: 'Permissions are reviewed once a year with the integration.',
      remedy,
      fix: memberFix(run, pointer, ['expires', nextYear(run)]),
    });
  if (expires === undefined) return say(`${id} never expires.`, 'Let it expire within twelve months.');
  const end = Date.parse(`${expires}T00:00:00Z`);
  if (end - asOf > YEAR_MS)
    return say(
      `${id} expires on ${expires}, more than twelve months from now.`,
      'Let it expire within twelve months.',
    );
  if (end < asOf)
    await run.blocks('PM208', {
      pointer,
      subject: `${id} expired`,
      message: `${id} expired on ${expires}.`,
      why: 'An expired permission grants nothing.',
      remedy: 'Move the date, or take the permission out.',
    });
}

const MAKES = new Set(['create', 'initiate', 'request', 'submit', 'update', 'write']);
const APPROVES = new Set(['approve', 'authorise', 'authorize', 'release', 'settle']);

/** Whoever makes something does not approve it. */
async function checkPairs(run: CheckRun, declared: readonly Permission[]): Promise<void> {
  for (const [index, approver] of declared.entries()) {
    if (!approver.actions.some((action) => APPROVES.has(action))) continue;
    const maker = declared.find(
      (other) =>
        resourceOf(other) === resourceOf(approver) && other.actions.some((action) => MAKES.has(action)),
    );
    if (maker === undefined) continue;
    await run.blocks('PM207', {
      pointer: pointerOf('permissions', index),
      subject: `${maker.id} ${approver.id}`,
      message: `${maker.id} and ${approver.id} together let one integration make and approve the same ${resourceOf(approver)}.`,
      why: 'Separation of duties: whoever makes something does not approve it.',
      remedy: 'Leave approving to another integration, or to a person.',
    });
  }
}
