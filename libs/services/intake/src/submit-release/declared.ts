import type { Manifest } from '@kwanus/checks-catalogue';
import type { Declared } from '@kwanus/domain-integration';
import type { JsonObject } from '@kwanus/kernel';
import { type CheckedSubmission, contactId } from './submission.js';

const SUBJECTS = { Integration: 'integration', Capability: 'capability', Tier: 'tier' } as const;

/**
 * @param operations of the provided OpenAPI documents
 * @returns what of a submission the rules decide by
 */
export function declaredIn(
  { manifest, documents, partner }: CheckedSubmission,
  operations: readonly string[],
): Declared {
  const { metadata, accountable, rollback } = manifest;
  return {
    ...listsIn(manifest),
    subject: SUBJECTS[manifest.kind],
    tier: metadata.tier ?? null,
    supersedes: metadata.supersedes ?? null,
    partnerOnly: manifest.partnerOnly === true,
    operations,
    rollbackTo: rollback?.to ?? null,
    documents: documents.map(({ kind }) => kind),
    accountable: {
      contact: contactId(partner, accountable.contact.email),
      sponsor: contactId(partner, accountable.sponsor),
    },
  };
}

type Lists =
  | 'permissions'
  | 'workflows'
  | 'extensions'
  | 'capabilities'
  | 'entitledPermissions'
  | 'egress'
  | 'slos'
  | 'fallback';

function listsIn(manifest: Manifest): Pick<Declared, Lists> {
  const { permissions = [], workflows = [], extensions = [], fallback = [], slos = [] } = manifest;
  return {
    ...entitled(manifest),
    permissions: permissions.map(({ id, actions }) => ({ id, actions })),
    workflows: idsOf(workflows),
    extensions: idsOf(extensions),
    egress: manifest.network?.egress ?? [],
    slos,
    fallback: fallback.map((entry) => JSON.parse(JSON.stringify(entry)) as JsonObject),
  };
}

const entitled = ({ entitlements: { permissions = [], capabilities = [] } = {} }: Manifest) => ({
  capabilities,
  entitledPermissions: permissions,
});

const idsOf = (entries: readonly { readonly id: string }[]): readonly string[] => entries.map(({ id }) => id);

/** @returns the paths of the contracts that the submission provides */
export const contractPaths = ({ manifest }: Pick<CheckedSubmission, 'manifest'>): readonly string[] =>
  (manifest.api?.provides ?? []).map(({ openapi }) => (typeof openapi === 'string' ? openapi : openapi.path));
