import { stringify } from 'yaml';
import { ADDRESS_TO_WRITE, toWrite } from './to-write.js';
import type { FirstWorkflow } from './workflow.js';

/** What the manifest is made of. */
export interface ManifestParts {
  readonly partner: string;
  readonly name: string;
  readonly release: string;
  readonly platform: string;
  readonly contractPath: string;
  readonly hosts: readonly string[];
  readonly permissions: readonly string[];
  /** The day on which permissions end. */
  readonly expires: string;
  readonly workflow: FirstWorkflow | null;
  readonly contact: { readonly name?: string | undefined; readonly email?: string | undefined };
  readonly sponsor: string | undefined;
}

const FIELDS = toWrite('the fields that are read or written, one by one');

/** @returns `kwanus.yaml`, each part with a line about it */
export function manifestText(parts: ManifestParts): string {
  const { partner, name, release, platform } = parts;
  const sections: readonly (readonly [comment: string, section: object])[] = [
    [
      'What stands in {{…}} only you can write; `kwanus check` names what is left.',
      {
        apiVersion: 'kwanus.integration/v1',
        kind: 'Integration',
        metadata: { partner, name, version: release },
      },
    ],
    ['experimental, beta or stable: what users may rely on.', { lifecycle: { stability: 'beta' } }],
    [
      'The platform versions that you tested with.',
      {
        compatibility: { platform, mode: 'BACKWARD_TRANSITIVE', profile: 'strict-partner' },
      },
    ],
    ['The contract; every operation that changes state reports to the audit log.', apiSection(parts)],
    [
      'What it may do on the platform: ids of `kwanus permissions`, no more than is needed.',
      {
        permissions: parts.permissions.map((id) => permission(id, parts.expires)),
      },
    ],
    [
      'What happens on its own. Change trigger and steps to what you mean.',
      { workflows: workflowSection(parts) },
    ],
    [
      'Data of the platform that is touched, and what for; confidential until you know better. Add retentionDays where you keep it.',
      {
        dataAccess: parts.permissions.map(dataAccess),
      },
    ],
    ['Hosts of yours that are called.', { network: { egress: parts.hosts } }],
    ['What happens when a part fails.', { fallback: fallbackSection(parts) }],
    ['Who answers for it: at the partner, and at the platform.', { accountable: accountable(parts) }],
    ['What the bodies decide on, and what users read.', NAMED_FILES],
  ];
  return sections
    .map(([comment, section]) => `# ${comment}\n${stringify(section, { lineWidth: 0 })}`)
    .join('\n');
}

/** @returns the id under which the contract is provided */
export const apiId = (name: string): string => `${name}-v1`;

const apiSection = ({ partner, name, contractPath }: ManifestParts): object => ({
  api: {
    provides: [
      {
        id: apiId(name),
        openapi: contractPath,
        basePath: `/partners/${partner}/v1`,
        audit: { operations: 'all' },
      },
    ],
  },
});

/** `orders:read` reads the resource `order`. */
function permission(id: string, expires: string): object {
  const [resource = id, action] = id.split(':');
  return {
    id,
    scope: { workspace: 'self', resource: resource.replace(/s$/, ''), fields: [FIELDS] },
    actions: [action ?? 'read'],
    reason: toWrite(`what ${id} is needed for`),
    expires,
  };
}

const dataAccess = (id: string): object => ({
  store: `kwanus.${id.split(':')[0] ?? id}`,
  via: 'api',
  class: 'confidential',
  purpose: toWrite(`what the data that ${id} reaches is used for`),
  fields: [FIELDS],
});

const workflowSection = ({ name, workflow, permissions }: ManifestParts): readonly object[] =>
  workflow === null
    ? []
    : [
        {
          id: workflow.id,
          definition: workflowPath(workflow),
          trigger: { schedule: 'every PT1H' },
          handlers: [
            {
              task: '/do/call/try/send',
              uses: `api:${apiId(name)}#${workflow.operationId}`,
              ...(permissions[0] === undefined ? {} : { permission: permissions[0] }),
            },
          ],
          inFlight: 'drain',
        },
      ];

/** @returns where the definition of a workflow stands */
export const workflowPath = ({ id }: FirstWorkflow): string => `workflows/${id}.yaml`;

const fallbackSection = ({ name, workflow }: ManifestParts): readonly object[] => [
  { for: `api:${apiId(name)}`, on: ['timeout', '5xx'], do: 'park' },
  ...(workflow === null
    ? []
    : [
        {
          for: `workflow:${workflow.id}`,
          on: ['timeout', '5xx', 'permission-denied'],
          do: 'park',
          maxDelay: 'PT1H',
        },
      ]),
];

const accountable = ({ contact, sponsor }: ManifestParts): object => ({
  contact: {
    name: contact.name ?? toWrite('the people at the partner who answer for it'),
    email: contact.email ?? ADDRESS_TO_WRITE,
  },
  sponsor: sponsor ?? toWrite('the group at the platform that wants it and answers for it'),
});

const NAMED_FILES = {
  proposal: {
    expansionProposal: 'proposal/expansion-proposal.md',
    compatibilityPlan: 'proposal/compatibility-plan.md',
    lifecyclePlan: 'proposal/lifecycle-plan.md',
    riskMitigationPlan: 'proposal/risk-mitigation-plan.md',
    governanceAlignment: 'proposal/governance-alignment.md',
  },
  preparation: {
    scaffolding: 'preparation/scaffolding.yaml',
    workflow: 'preparation/workflow.yaml',
    permissionMapping: 'preparation/permission-mapping.yaml',
    sandbox: 'preparation/sandbox.yaml',
  },
  docs: {
    apiReference: 'docs/api-reference.md',
    workflow: 'docs/workflow.md',
    integrationGuide: 'docs/integration-guide.md',
    migrationGuide: 'docs/migration-guide.md',
    lifecycle: 'docs/lifecycle.md',
    governance: 'docs/governance.md',
  },
};
