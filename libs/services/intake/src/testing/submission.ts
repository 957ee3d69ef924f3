import type { intakeHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import type { Intake, UploadedFile } from './intake-harness.js';

type SubmitBody = z.infer<typeof intakeHttp.SubmitRelease>;

const OPENAPI = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1.0.0' },
  paths: { '/orders': { get: { operationId: 'listOrders', responses: {} }, post: { responses: {} } } },
});
const PROPOSAL = [
  'expansionProposal',
  'compatibilityPlan',
  'lifecyclePlan',
  'riskMitigationPlan',
  'governanceAlignment',
];
const DOCS = ['apiReference', 'workflow', 'integrationGuide', 'migrationGuide', 'lifecycle', 'governance'];

/** What a submission differs in from the usual one. */
export interface SubmissionChanges {
  readonly partner?: string;
  readonly name?: string;
  readonly version?: string;
  /** Documents that are left out. */
  readonly without?: readonly string[];
  /** Another text of a document. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Lines added to the manifest. */
  readonly more?: string;
}

/** @returns the files of a submission by path */
export function submissionFiles(changes: SubmissionChanges = {}): Readonly<Record<string, string>> {
  const {
    partner = 'acme',
    name = 'orders',
    version = '1.0.0',
    without = [],
    texts = {},
    more = '',
  } = changes;
  const section = (ids: readonly string[], folder: string): string =>
    ids
      .filter((id) => !without.includes(id))
      .map((id) => `  ${id}: ${folder}/${id}.md`)
      .join('\n');
  const manifest = `apiVersion: kwanus.integration/v1
kind: Integration
metadata: { partner: ${partner}, name: ${name}, version: ${version} }
lifecycle: { stability: stable }
compatibility: { platform: ">=4.2 <6" }
api:
  provides: [{ id: orders-v1, openapi: api/orders.json }]
permissions: [{ id: "orders:read", actions: [read], reason: show }]
fallback: [{ for: "api:orders-v1", on: [5xx], do: serve-cached }]
accountable: { contact: { name: Ann Example, email: ann@${partner}.example }, sponsor: Platform Team }
proposal:
${section(PROPOSAL, 'proposal')}
docs:
${section(DOCS, 'docs')}
${more}`;
  const documents = [
    ...PROPOSAL.map((id) => [`proposal/${id}.md`, id]),
    ...DOCS.map((id) => [`docs/${id}.md`, id]),
  ]
    .filter(([, id = '']) => !without.includes(id))
    .map(([path = '', id = '']) => [path, texts[id] ?? `# ${id} of ${name}\n`]);
  return Object.fromEntries([['kwanus.yaml', manifest], ['api/orders.json', OPENAPI], ...documents]);
}

/** Uploads the files. @returns the body that submits them */
export async function uploaded(
  intake: Pick<Intake, 'upload'>,
  as: string,
  files: Readonly<Record<string, string>> = submissionFiles(),
): Promise<SubmitBody> {
  const references: (UploadedFile & { path: string })[] = [];
  for (const [path, text] of Object.entries(files))
    references.push({ path, ...(await intake.upload(as, text)) });
  return { manifest: 'kwanus.yaml', files: references };
}
