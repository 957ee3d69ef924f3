import { Contract, nameOf, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { at, type Fix, own, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { compileErrors, validate } from '@readme/openapi-parser';
import { memberFix } from '../fixes/fixes.js';
import { auditFix } from '../fixes/workflow-fixes.js';
import type { CheckRun } from '../run/check-run.js';
import type { ProvidedContract } from '../run/inspection.js';
import { expandedSize } from './expanded-size.js';

const MAX_EXPANDED = 2_000_000;
const VERSIONS = /^3\.[012]\.\d+$/;

/** CD401 readable, CD402 OpenAPI 3, CD403 valid, CD404 operation ids, CD405 not too entangled to be judged. */
export async function checkContractDefinition(run: CheckRun): Promise<string> {
  const contracts = await run.inspection.contracts();
  let operations = 0;
  for (const contract of contracts) {
    const root = await readable(run, contract);
    if (root === null) continue;
    operations += await checkOperationIds(run, contract, root);
    await checkValid(run, contract, root);
  }
  run.facts['operations'] = operations;
  return contracts.length === 0
    ? 'No contract is provided.'
    : `${contracts.length} contracts with ${operations} operations follow OpenAPI.`;
}

async function readable(
  run: CheckRun,
  { id, path, index, document, root }: ProvidedContract,
): Promise<JsonObject | null> {
  const pointer = `/api/provides/${index}/openapi`;
  const why = 'A contract that can’t be read can’t be compared, nor relied on.';
  if (document === null) return null; // FD405 says that it is missing
  if (!document.ok) {
    await run.blocks('CD401', {
      pointer,
      subject: path,
      message: `${path} ${document.message}.`,
      why,
      remedy: 'Write it as one JSON or YAML document without aliases.',
    });
    return null;
  }
  const version = root === null ? undefined : ownText(root, 'openapi');
  if (root === null || version === undefined || !VERSIONS.test(version)) {
    await run.blocks('CD402', {
      file: path,
      subject: id,
      message: `${path} is no OpenAPI 3.0, 3.1 or 3.2 document${version === undefined ? '' : ` (openapi: ${version})`}.`,
      why,
      remedy: 'Convert it to OpenAPI 3; Swagger 2.0 is not taken.',
    });
    return null;
  }
  return root;
}

async function checkOperationIds(
  run: CheckRun,
  { path }: ProvidedContract,
  root: JsonObject,
): Promise<number> {
  const operations = [...operationsOf(new Contract(root)).values()];
  const seen = new Map<string, Operation>();
  for (const operation of operations) {
    const id = ownText(operation.value, 'operationId');
    const name = nameOf(operation);
    if (id === undefined)
      await run.warns('CD404', {
        file: path,
        pointer: operation.pointer,
        subject: name,
        message: `${name} has no operationId.`,
        why: 'Workflows, audit events and telemetry name operations by it.',
        remedy: 'Give it an operationId that stays the same over all versions.',
      });
    else if (seen.has(id))
      await run.blocks('CD404', {
        file: path,
        pointer: `${operation.pointer}/operationId`,
        subject: id,
        message: `The operationId ${id} is used twice.`,
        why: 'Workflows, audit events and telemetry name operations by it.',
        remedy: 'Give each operation an id of its own.',
      });
    else seen.set(id, operation);
  }
  return operations.length;
}

/** The parser gets a copy (it resolves in place) and is told to follow nothing that leads outside. */
async function checkValid(run: CheckRun, { id, path }: ProvidedContract, root: JsonObject): Promise<void> {
  if (expandedSize(root, MAX_EXPANDED) >= MAX_EXPANDED) {
    run.inconclusive(`${path} leads over its references to more than ${MAX_EXPANDED} parts.`);
    return run.blocks('CD405', {
      file: path,
      subject: id,
      message: `${path} is too entangled: its references lead to more than ${MAX_EXPANDED} parts.`,
      why: 'Whoever reads it would have to hold all of them.',
      remedy: 'Refer to large schemas in fewer places.',
    });
  }
  if (ownText(root, 'openapi')?.startsWith('3.2') === true) return; // the parser knows 3.0 and 3.1
  const digest = run.inspection.submission.files.find((file) => file.path === path)?.digest;
  const messages = await (digest === undefined ? faultsOf(root) : knownFaults(digest, root));
  for (const message of messages)
    await run.blocks('CD403', {
      file: path,
      subject: message.slice(0, 120),
      message: `${path} is not valid OpenAPI: ${message}`,
      why: 'Tools that read it, ours included, would understand different things.',
      remedy: 'Correct it; an OpenAPI linter in your editor shows the place.',
    });
}

const MAX_KNOWN = 100;
/** By the digest of the contract, the latest last: the parser compiles OpenAPI’s own schema anew for each document. */
const known = new Map<string, Promise<readonly string[]>>();

function knownFaults(digest: string, root: JsonObject): Promise<readonly string[]> {
  const faults = known.get(digest) ?? faultsOf(root);
  known.delete(digest);
  known.set(digest, faults);
  for (const eldest of known.keys()) if (known.size > MAX_KNOWN) known.delete(eldest);
  return faults;
}

async function faultsOf(root: JsonObject): Promise<readonly string[]> {
  try {
    const result = await validate(structuredClone(root) as never, {
      resolve: { external: false, file: false },
    });
    if (result.valid) return [];
    return result.errors.length > 0
      ? result.errors.map(({ message }) => message.split('\n')[0] ?? message)
      : [compileErrors(result)];
  } catch (error) {
    return [error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error)];
  }
}

const VERSIONED = /(?:^|\/)v\d+(?:[._]\d+)*(?:[a-z]+\d*)?(?=\/|$)/i;

/** VE101 endpoint without a version, VE102 version changed in silence. */
export async function checkVersionedEndpoints(run: CheckRun): Promise<string> {
  const contracts = await run.inspection.contracts();
  for (const contract of contracts) {
    if (contract.root === null) continue;
    const version = versionOf(contract, contract.root);
    if (version === null)
      await run.blocks('VE101', {
        file: contract.path,
        subject: contract.id,
        message: `${contract.id}: neither basePath, servers nor every path carries a version.`,
        why: 'Without it two versions can’t be served side by side, so every breaking change breaks everybody at once.',
        remedy: 'Put /v1 into api.provides[].basePath, or into the servers of the contract.',
        fix: versionedFix(run, contract),
      });
    else await checkNotRenumbered(run, contract, version);
  }
  return 'Every contract carries its version in its address.';
}

/** Where nobody calls it yet, its address can still be chosen. */
function versionedFix(run: CheckRun, { index, basePath, root }: ProvidedContract): Fix | null {
  if (run.inputs.bases.length > 0) return null;
  const [, major = '1'] = /^([1-9]\d*)\./.exec(ownText(ownObject(root, 'info'), 'version') ?? '') ?? [];
  const versioned = `${(basePath ?? '').replace(/\/+$/, '')}/v${major}`;
  return memberFix(run, pointerOf('api', 'provides', index), ['basePath', versioned]);
}

function versionOf({ basePath }: ProvidedContract, root: JsonObject): string | null {
  const servers = at(root, '/servers');
  const urls = Array.isArray(servers) ? servers.map((server) => ownText(server, 'url') ?? '') : [];
  const paths = [...operationsOf(new Contract(root)).values()].map(({ path }) => path);
  return (
    versionInAll(basePath === null ? [] : [basePath]) ??
    versionInAll(urls.map((url) => url.replace(/^[a-z]+:\/\/[^/]*/i, ''))) ??
    versionInAll(paths)
  );
}

/** @returns the version that the first of them carries, null unless all carry one */
function versionInAll(addresses: readonly string[]): string | null {
  const versions = addresses.map((address) => VERSIONED.exec(address)?.[0].replace('/', ''));
  return versions.every((version) => version !== undefined) ? (versions[0] ?? null) : null;
}

async function checkNotRenumbered(
  run: CheckRun,
  { id, index, path }: ProvidedContract,
  version: string,
): Promise<void> {
  for (const base of run.inputs.bases) {
    const before = (await base.contracts()).find((contract) => contract.id === id);
    if (before?.root === undefined || before.root === null) continue;
    const was = versionOf(before, before.root);
    if (was === null || was === version) continue;
    await run.blocks('VE102', {
      pointer: `/api/provides/${index}`,
      subject: `${id} ${was} ${version}`,
      message: `${id} (${path}) was served under ${was} in ${base.submission.release} and is now under ${version}, with the same id.`,
      why: 'Clients of the old address lose it without a word.',
      remedy: `Provide the new version under an id of its own, beside ${id}.`,
    });
  }
}

/** @returns true when the operation changes something */
export const changesState = ({ method }: Pick<Operation, 'method'>): boolean =>
  ['post', 'put', 'patch', 'delete'].includes(method);

/** AD301: an operation that changes state reports nothing to the audit log. */
export async function checkAuditDeclaration(run: CheckRun): Promise<string> {
  let changing = 0;
  for (const contract of await run.inspection.contracts()) {
    if (contract.root === null) continue;
    const audited = run.declared.provides[contract.index]?.audit?.operations ?? [];
    const operations = [...operationsOf(new Contract(contract.root)).values()].filter(changesState);
    changing += operations.length;
    for (const operation of operations)
      if (!isAudited(operation, audited))
        await run.blocks('AD301', {
          file: contract.path,
          pointer: operation.pointer,
          subject: nameOf(operation),
          message: `${nameOf(operation)} changes state and declares no audit event.`,
          why: 'What was changed on whose behalf must be found again in the audit log.',
          remedy: `Add its operationId to api.provides[${contract.index}].audit.operations, or write "all".`,
          fix: auditFix(run, contract.index, ownText(operation.value, 'operationId')),
        });
  }
  run.facts['changingOperations'] = changing;
  return `${changing} operations change state; all declare their audit event.`;
}

function isAudited({ value }: Operation, audited: 'all' | readonly string[]): boolean {
  const id = own(value, 'operationId');
  return audited === 'all' || (typeof id === 'string' && audited.includes(id));
}
