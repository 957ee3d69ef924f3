import { Manifest } from '@kwanus/checks-catalogue';
import { isObject, ownText, parseDocument } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { apiReference, DOCS, PROPOSAL, scaffolding, workflowDocument } from './documents.js';
import { ScaffoldRefused } from './errors.js';
import { contactIn, hostsOf, identityOf } from './identity.js';
import { type ManifestParts, manifestText, workflowPath } from './manifest.js';
import { toWrite } from './to-write.js';
import { firstWorkflow } from './workflow.js';

/** A file of the submission. */
export interface ScaffoldedFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** What the contract does not say. */
export interface ScaffoldOptions {
  /** `<partner>.<name>`; default: from the contract's server and title. */
  readonly id?: string | undefined;
  readonly release: string;
  /** A range of platform versions. */
  readonly platform: string;
  /** Ids of permissions that it needs. */
  readonly permissions: readonly string[];
  readonly contactName?: string | undefined;
  readonly contactEmail?: string | undefined;
  readonly sponsor?: string | undefined;
  /** The day of today, YYYY-MM-DD: permissions end a year after it. */
  readonly today: string;
}

/** A contract as it was read. */
export interface ContractFile {
  /** Its name, without folders; the ending tells JSON from YAML. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Makes a submission to begin with: all that a machine can tell from the contract is there, what only a person can write is marked.
 * @throws ScaffoldRefused no OpenAPI 3 document, one that is not read, or options of another form
 */
export function scaffold(
  { name: fileName, bytes }: ContractFile,
  options: ScaffoldOptions,
): { readonly integrationId: string; readonly files: readonly ScaffoldedFile[] } {
  const contract = contractOf(fileName, bytes);
  const { partner, name } = identityOf(contract, options.id);
  const contractPath = `api/${fileName.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '')}`;
  const parts: ManifestParts = {
    partner,
    name,
    release: options.release,
    platform: options.platform,
    contractPath,
    hosts: hostsOf(contract),
    permissions: options.permissions,
    expires: yearAfter(options.today),
    workflow: firstWorkflow(contract, { partner, contractPath }),
    contact: contactOf(contract, options),
    sponsor: options.sponsor,
  };
  const manifest = manifestText(parts);
  refuseFaults(manifest);
  const files = [
    { path: 'kwanus.yaml', content: manifest },
    { path: contractPath, content: bytes },
    ...workflowFiles(parts),
    ...preparation(parts, contract),
    { path: 'docs/api-reference.md', content: apiReference(contract) },
    { path: 'docs/workflow.md', content: workflowDocument(parts.workflow?.id ?? null) },
    ...Object.entries({ ...PROPOSAL, ...DOCS }).map(([path, content]) => ({ path, content })),
  ];
  return { integrationId: `${partner}.${name}`, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

const VERSIONS = /^3\.[012]\.\d+$/;

function contractOf(name: string, bytes: Uint8Array): JsonObject {
  const read = parseDocument(bytes, name);
  if (!read.ok)
    throw new ScaffoldRefused(
      `${name}${read.line === null ? '' : `:${read.line}`} ${read.message}: a contract is one JSON or YAML document, without aliases.`,
    );
  const version = ownText(read.value, 'openapi');
  if (!isObject(read.value) || version === undefined || !VERSIONS.test(version))
    throw new ScaffoldRefused(
      `${name} is no OpenAPI 3.0, 3.1 or 3.2 document${version === undefined ? '' : ` (openapi: ${version})`}. Swagger 2.0 is not taken: convert it to OpenAPI 3 first.`,
    );
  return read.value;
}

const contactOf = (contract: JsonObject, options: ScaffoldOptions): ManifestParts['contact'] => {
  const said = contactIn(contract);
  const email = options.contactEmail ?? said.email;
  return {
    name: options.contactName ?? said.name,
    // What stands in a contract may be anything; what a person gave is theirs to mend.
    email: options.contactEmail === undefined && !z.email().safeParse(email).success ? undefined : email,
  };
};

const yearAfter = (today: string): string => {
  const day = new Date(`${today}T00:00:00Z`);
  day.setUTCFullYear(day.getUTCFullYear() + 1);
  return day.toISOString().slice(0, 10);
};

/** What a person gave stands in the manifest by now, so that its schema judges it. */
function refuseFaults(manifest: string): void {
  const { success, error } = Manifest.safeParse(parse(manifest));
  if (!success)
    throw new ScaffoldRefused(
      error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
}

const yamlFile = (path: string, content: object): ScaffoldedFile => ({
  path,
  content: stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }),
});

const workflowFiles = ({ workflow }: ManifestParts): readonly ScaffoldedFile[] =>
  workflow === null ? [] : [yamlFile(workflowPath(workflow), workflow.definition)];

function preparation(
  { partner, workflow, permissions, hosts }: ManifestParts,
  contract: JsonObject,
): readonly ScaffoldedFile[] {
  return [
    yamlFile('preparation/scaffolding.yaml', scaffolding(contract)),
    yamlFile('preparation/workflow.yaml', { workflows: workflow === null ? [] : [{ id: workflow.id }] }),
    yamlFile('preparation/permission-mapping.yaml', {
      permissions: permissions.map((permission) => ({
        permission,
        usedBy: workflow === null ? [] : [`workflow:${workflow.id}/do/call/try/send`],
        reason: toWrite(`what ${permission} is needed for`),
      })),
    }),
    yamlFile('preparation/sandbox.yaml', { workspace: `${partner}-sandbox`, permissions, network: hosts }),
  ];
}
