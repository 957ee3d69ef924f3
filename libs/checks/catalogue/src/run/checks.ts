import type { CheckResult } from '@kwanus/checks-kit';
import { CATALOGUE, type CatalogueEntry } from '../check-ids.js';
import {
  checkAuditDeclaration,
  checkContractDefinition,
  checkVersionedEndpoints,
} from '../checks/contract.check.js';
import { checkContractDiff, checkSemanticVersion } from '../checks/contract-diff.check.js';
import { checkDataAccess } from '../checks/data-access.check.js';
import {
  checkApiReference,
  checkGovernanceUpdate,
  checkIntegrationGuide,
  checkOptionalDocuments,
} from '../checks/documents.check.js';
import { checkFallback } from '../checks/fallback.check.js';
import { checkForbiddenInternalApi } from '../checks/forbidden.check.js';
import { checkForbiddenDatabase } from '../checks/forbidden-database.check.js';
import { checkForbiddenPermissions } from '../checks/forbidden-permissions.check.js';
import { checkLifecycleDocumentation } from '../checks/lifecycle.check.js';
import { checkManifest } from '../checks/manifest.check.js';
import { checkMigrationGuide } from '../checks/migration-guide.check.js';
import { checkPermissionAnalysis } from '../checks/permission-analysis.check.js';
import { checkPermissionBoundary } from '../checks/permissions.check.js';
import { checkPlatformCompatibility } from '../checks/platform.check.js';
import { checkDocumentDigests, checkProposalDocuments } from '../checks/proposal.check.js';
import { checkSandboxIntegrity } from '../checks/sandbox-integrity.check.js';
import { checkValidationSchemas } from '../checks/validation-schemas.check.js';
import { checkVulnerabilityScan } from '../checks/vulnerability-scan.check.js';
import { checkWorkflowCompatibility } from '../checks/workflow-compatibility.check.js';
import { checkWorkflowDefinition } from '../checks/workflow-definition.check.js';
import { checkWorkflowDocumentation } from '../checks/workflow-documentation.check.js';
import {
  checkWorkflowFallback,
  checkWorkflowHandlers,
  checkWorkflowPermissions,
} from '../checks/workflow-parts.check.js';
import { checkWorkflowTriggers } from '../checks/workflow-triggers.check.js';
import { type CheckBody, CheckRun, type RunInputs } from './check-run.js';

/** How each check is carried out; `manifest` is carried out by itself, before the others. */
const BODIES: Readonly<Record<string, CheckBody>> = {
  'contract-definition': checkContractDefinition,
  'versioned-endpoints': checkVersionedEndpoints,
  'validation-schemas': checkValidationSchemas,
  'audit-declaration': checkAuditDeclaration,
  'contract-diff': checkContractDiff,
  'semantic-version': checkSemanticVersion,
  fallback: checkFallback,
  'platform-compatibility': checkPlatformCompatibility,
  'permission-boundary': checkPermissionBoundary,
  'forbidden-permissions': checkForbiddenPermissions,
  'forbidden-database': checkForbiddenDatabase,
  'forbidden-internal-api': checkForbiddenInternalApi,
  'data-access': checkDataAccess,
  'sandbox-integrity': checkSandboxIntegrity,
  'vulnerability-scan': checkVulnerabilityScan,
  'permission-analysis': checkPermissionAnalysis,
  'workflow-definition': checkWorkflowDefinition,
  'workflow-triggers': checkWorkflowTriggers,
  'workflow-handlers': checkWorkflowHandlers,
  'workflow-permissions': checkWorkflowPermissions,
  'workflow-fallback': checkWorkflowFallback,
  'workflow-compatibility': checkWorkflowCompatibility,
  'document-digests': checkDocumentDigests,
  'proposal-documents': checkProposalDocuments,
  'api-reference': checkApiReference,
  'workflow-documentation': checkWorkflowDocumentation,
  'integration-guide': checkIntegrationGuide,
  'migration-guide': checkMigrationGuide,
  'lifecycle-documentation': checkLifecycleDocumentation,
  'governance-update': checkGovernanceUpdate,
  'optional-documents': checkOptionalDocuments,
};

/** @returns the entries of the catalogue with the ids, in its order; ids that nobody knows are left out */
export const entriesOf = (ids: readonly string[] | undefined): readonly CatalogueEntry[] =>
  ids === undefined ? CATALOGUE : CATALOGUE.filter(({ id }) => ids.includes(id));

/** Carries out one check; a manifest that can't be read leaves every other check without an answer. */
export async function carryOut(entry: CatalogueEntry, inputs: RunInputs): Promise<CheckResult> {
  if (entry.id === 'manifest') return checkManifest(inputs, inputs.context);
  const { manifest } = await inputs.inspection.manifest();
  if (manifest === null)
    return {
      check: entry.id,
      outcome: 'inconclusive',
      findings: [],
      summary: 'The manifest can’t be read, so nothing can be said.',
      facts: {},
    };
  const run = new CheckRun(entry.id, inputs, manifest);
  const summary = await BODIES[entry.id]?.(run);
  return run.result(summary ?? '');
}
