import type { CheckContext, RegisteredPermission, Submission } from '@kwanus/checks-kit';
import {
  type Grant,
  grantOf,
  misfits,
  type PartnerPolicy,
  type PermissionSet,
  readPolicies,
  vocabularyOf,
} from '@kwanus/checks-permissions';
import type { Manifest } from '../manifest/manifest.schema.js';
import { fileRefOf } from '../manifest/named-files.js';
import { Inspection } from '../run/inspection.js';

type Declared = NonNullable<Manifest['permissions']>[number];
type Registry = CheckContext['registry'];

/**
 * @returns what the submission may do by the registry: each declared permission that is active, that the partner's tier is entitled to,
 * and only as far as it is registered. A permission whose policy can't be used grants nothing.
 */
export async function permissionSetOf(submission: Submission, registry: Registry): Promise<PermissionSet> {
  const inspection = new Inspection(submission);
  const { manifest } = await inspection.manifest();
  const vocabulary = vocabularyOf(registry.permissions.filter(({ status }) => status === 'active'));
  const entitled = (manifest?.permissions ?? []).flatMap((permission) => {
    const grant = registeredGrant(permission, registry, manifest?.metadata.partner ?? '');
    return grant === null ? [] : [{ permission, grant }];
  });
  const grants: Grant[] = [];
  const policies: PartnerPolicy[] = [];
  for (const { permission, grant } of entitled) {
    const own = await policiesFor(permission, inspection);
    if (own === null || misfits(own, vocabulary).length > 0) continue;
    grants.push(grant);
    policies.push(...own);
  }
  return { integrationId: submission.integrationId, grants, policies, vocabulary };
}

function registeredGrant(
  permission: Declared,
  { permissions, tiers }: Registry,
  partner: string,
): Grant | null {
  const entry = permissions.find(({ id, status }) => id === permission.id && status === 'active');
  if (entry === undefined || !isEntitled(entry, tierOf(tiers, partner))) return null;
  return withinEntry(permission, entry);
}

/** A permission that is bound to no workspace grants nothing, nor does one for another resource than it is registered for. */
function withinEntry({ scope, ...permission }: Declared, entry: RegisteredPermission): Grant | null {
  if (scope?.workspace === undefined || (scope.resource ?? entry.resource) !== entry.resource) return null;
  const grant = grantOf({ ...permission, scope: { ...scope, resource: entry.resource } });
  const actions = grant.actions.filter((action) => entry.actions.includes(action));
  return actions.length > 0 ? { ...grant, actions } : null;
}

const tierOf = (tiers: Registry['tiers'], partner: string): string | undefined =>
  Object.hasOwn(tiers, partner) ? tiers[partner] : undefined;

const isEntitled = ({ tiers }: RegisteredPermission, tier: string | undefined): boolean =>
  tiers.length === 0 || (tier !== undefined && tiers.includes(tier));

async function policiesFor(
  { id, policy }: Declared,
  inspection: Inspection,
): Promise<readonly PartnerPolicy[] | null> {
  const path = fileRefOf(policy, '')?.path;
  if (path === undefined) return [];
  const text = await inspection.text(path);
  const read = text === null ? null : readPolicies(text, { path, permission: id });
  return read === null || 'refused' in read ? null : read;
}
