/** A check of the catalogue, as the playbook names it. */
export interface CatalogueEntry {
  /** The same id in the playbook's `checks`, in results, in messages. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'compatibility' | 'security' | 'workflow' | 'documentation';
  /** Row of the playbook's requirements that it answers for. */
  readonly requirement: string;
  /** The body that may accept a finding of it by a waiver; null: nobody may. */
  readonly waivableBy: 'TSC' | 'SCO' | 'ERC' | 'CGB' | null;
  /** False: it, or a part of it, reports `not-performed` wherever it would have something to do. */
  readonly built: boolean;
}

const entry = (
  id: string,
  title: string,
  [kind, requirement, waivableBy]: readonly [CatalogueEntry['kind'], string, CatalogueEntry['waivableBy']],
  built = true,
): CatalogueEntry => ({ id, title, kind, requirement, waivableBy, built });

/** Every check, in the order in which results are listed. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  entry('manifest', 'Manifest follows kwanus.integration/v1', ['compatibility', 'PB-2.4', null]),
  entry('contract-definition', 'Contracts parse and follow OpenAPI', ['compatibility', 'PB-4.02', 'TSC']),
  entry('versioned-endpoints', 'Endpoints carry their version', ['compatibility', 'PB-4.01', 'TSC']),
  entry('validation-schemas', 'Every body has a schema, and samples fit theirs', [
    'compatibility',
    'PB-4.03',
    'TSC',
  ]),
  entry('audit-declaration', 'Operations that change state declare their audit event', [
    'compatibility',
    'PB-4.04',
    'SCO',
  ]),
  entry('contract-diff', 'Changes of the contract against every live version', [
    'compatibility',
    'PB-6.05',
    'TSC',
  ]),
  entry('semantic-version', 'The step of the version fits the changes', ['compatibility', 'PB-6.04', 'TSC']),
  entry('fallback', 'Everything provided has a fallback that can be reached', [
    'compatibility',
    'PB-6.02',
    'TSC',
  ]),
  entry('platform-compatibility', 'The platform versions that it is said to work with', [
    'compatibility',
    'PB-6.01',
    'TSC',
  ]),
  entry('permission-boundary', 'Nothing is used beyond the declared and registered permissions', [
    'security',
    'PB-7.01',
    'SCO',
  ]),
  entry('forbidden-permissions', 'No unbounded permission', ['security', 'PB-7.05', null]),
  entry('forbidden-database', 'No direct database access', ['security', 'PB-7.06', null]),
  entry('forbidden-internal-api', 'No access to internal APIs', ['security', 'PB-7.07', null]),
  entry('data-access', 'Data access is declared, classed, and goes through API or event', [
    'security',
    'PB-7.04',
    'SCO',
  ]),
  entry('sandbox-integrity', 'Extensions run confined, and reach only what they declare', [
    'security',
    'PB-7.02',
    'SCO',
  ]),
  entry('vulnerability-scan', 'No known vulnerability in the bill of materials', [
    'security',
    'PB-7.03',
    'SCO',
  ]),
  entry('permission-analysis', 'Policies are shown to be bounded by analysis', [
    'security',
    'PB-4.11',
    'SCO',
  ]),
  entry('workflow-definition', 'Workflows parse, and their structure holds', ['workflow', 'PB-2.4', 'ERC']),
  entry('workflow-triggers', 'Triggers are declared, reachable, and don’t collide', [
    'workflow',
    'PB-4.05',
    'ERC',
  ]),
  entry('workflow-handlers', 'Every call has a handler that exists', ['workflow', 'PB-4.06', 'ERC']),
  entry('workflow-permissions', 'Every handler’s permission is declared', ['workflow', 'PB-4.07', 'ERC']),
  entry('workflow-fallback', 'Every step that can fail has a fallback', ['workflow', 'PB-4.08', 'ERC']),
  entry(
    'workflow-compatibility',
    'Every path of a workflow ends or falls back, also against the last version',
    ['workflow', 'PB-6.06', 'ERC'],
  ),
  entry('document-digests', 'Every file that is named is there, and is the one that was named', [
    'documentation',
    'PB-2.4',
    'CGB',
  ]),
  entry('proposal-documents', 'The five documents of the proposal', ['documentation', 'PB-3.01', 'CGB']),
  entry('api-reference', 'The API reference covers every operation', ['documentation', 'PB-8.01', 'TSC']),
  entry('workflow-documentation', 'The documentation covers every workflow and its fallback', [
    'documentation',
    'PB-8.02',
    'ERC',
  ]),
  entry('integration-guide', 'The integration guide is there and its links resolve', [
    'documentation',
    'PB-8.03',
    'TSC',
  ]),
  entry('migration-guide', 'The migration guide names every breaking change', [
    'documentation',
    'PB-6.03',
    'TSC',
  ]),
  entry('lifecycle-documentation', 'Support window, deprecation and retirement dates', [
    'documentation',
    'PB-8.05',
    'CGB',
  ]),
  entry('governance-update', 'What governance must change, or that nothing does', [
    'documentation',
    'PB-8.06',
    'CGB',
  ]),
  entry('optional-documents', 'Tutorials and onboarding guides', ['documentation', 'PB-8.07', 'CGB']),
];

/** Version of the rule set: raised when a check's meaning changes, cited in every verdict. */
export const RULESET = 'kwanus-checks/1.9.0';
