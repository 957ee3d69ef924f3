import { isObject, own, ownList, ownText, pointerOf } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { compareRequestBody, compareResponses } from './bodies.js';
import { Contract, nameOf, type Operation, operationsOf } from './contract.js';
import { compareParameters } from './parameters.js';
import { Comparison } from './report.js';
import { compareSecurity } from './security.js';
import type { ContractDiff, ContractFinding, DiffOptions } from './types.js';

/**
 * Compares two OpenAPI 3.0, 3.1 or 3.2 documents: what can a client notice that kept to the base?
 * Pure: no I/O, no clock; the same input gives the same bytes. References outside the document are not followed.
 * @param base the contract that clients know
 * @param revision the contract that is to come
 * @throws ContractTooComplex when the documents lead to too many pairs of schemas: then nothing is known
 */
export function diffContracts(
  base: JsonObject,
  revision: JsonObject,
  options: DiffOptions = {},
): ContractDiff {
  const comparison = new Comparison(new Contract(base), new Contract(revision), options);
  const before = operationsOf(comparison.base.contract);
  const after = operationsOf(comparison.revision.contract);
  compareServers(comparison);
  for (const [key, operation] of before) {
    const later = after.get(key);
    comparison.operation = nameOf(later ?? operation);
    if (later === undefined) operationRemoved(comparison, operation, after);
    else compareOperation(comparison, operation, later);
  }
  for (const [key, operation] of after) {
    if (before.has(key)) continue;
    comparison.operation = nameOf(operation);
    comparison.report('endpoint-added', 'info', {
      pointer: operation.pointer,
      subject: 'operation',
      text: 'is a new operation',
    });
  }
  comparison.operation = '';
  compareWebhooks(comparison);
  return verdictOf(comparison.findings);
}

function verdictOf(found: readonly ContractFinding[]): ContractDiff {
  const key = ({ operation, id, subject, pointer }: ContractFinding): string =>
    [operation, id, subject, pointer].join('\n');
  const unique = new Map(found.map((finding) => [key(finding), finding]));
  const findings = [...unique].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, finding]) => finding);
  const breaking = findings.some(({ level }) => level === 'error');
  return { breaking, findings, semver: breaking ? 'major' : findings.length > 0 ? 'minor' : 'patch' };
}

function compareOperation(comparison: Comparison, base: Operation, revision: Operation): void {
  compareLifecycle(comparison, base, revision);
  compareSecurity(comparison, base, revision);
  compareParameters(comparison, base, revision);
  compareRequestBody(comparison, base, revision);
  compareResponses(comparison, base, revision);
}

function compareLifecycle(comparison: Comparison, base: Operation, revision: Operation): void {
  const was = own(base.value, 'deprecated') === true;
  const is = own(revision.value, 'deprecated') === true;
  const remark = { pointer: revision.pointer, subject: 'operation' };
  if (!was && is) comparison.report('endpoint-deprecated', 'info', { ...remark, text: 'is deprecated' });
  if (was && !is)
    comparison.report('endpoint-reactivated', 'info', { ...remark, text: 'is no longer deprecated' });
  if (was && is) compareSunset(comparison, base, revision);
  compareOperationId(comparison, base, revision);
}

function compareOperationId(comparison: Comparison, base: Operation, revision: Operation): void {
  const was = ownText(base.value, 'operationId');
  const is = ownText(revision.value, 'operationId');
  if (was === undefined || was === is) return;
  const what = is === undefined ? 'removed' : `replaced by ${is}`;
  comparison.report('api-operation-id-removed', 'warning', {
    pointer: revision.pointer,
    subject: 'operation',
    text: `the operation id ${was} was ${what}: generated clients and workflows use it`,
  });
}

function compareSunset(comparison: Comparison, base: Operation, revision: Operation): void {
  const was = sunsetOf(base);
  const is = sunsetOf(revision);
  if (was === null) return;
  const remark = { pointer: revision.pointer, subject: 'operation' };
  if (is === null)
    comparison.report('sunset-deleted', 'warning', { ...remark, text: 'its sunset date was taken back' });
  else if (is < was)
    comparison.report('api-sunset-date-changed-too-small', 'error', {
      ...remark,
      text: `its sunset date was moved from ${was} to the earlier ${is}`,
    });
}

const sunsetOf = ({ value }: Operation): string | null => {
  const sunset = ownText(value, 'x-sunset') ?? ownText(value, 'sunset');
  return sunset !== undefined && /^\d{4}-\d\d-\d\d/.test(sunset) ? sunset.slice(0, 10) : null;
};

function operationRemoved(
  comparison: Comparison,
  operation: Operation,
  after: ReadonlyMap<string, Operation>,
): void {
  const pathGone = ![...after.values()].some(({ path }) => path === operation.path);
  const what = pathGone ? 'api-path-removed' : 'api-removed';
  const remark = { pointer: operation.pointer, side: 'base' as const, subject: 'operation' };
  if (own(operation.value, 'deprecated') !== true)
    return comparison.report(`${what}-without-deprecation`, 'error', {
      ...remark,
      text: 'was removed without having been deprecated',
    });
  const sunset = sunsetOf(operation);
  const today = comparison.options.asOf?.slice(0, 10);
  if (sunset === null)
    return comparison.report(`${what}-with-deprecation`, 'warning', {
      ...remark,
      text: 'was removed after having been deprecated without a date',
    });
  if (today === undefined || sunset > today)
    return comparison.report(`${what}-before-sunset`, 'error', {
      ...remark,
      text: `was removed before its sunset date ${sunset}`,
    });
  comparison.report(`${what}-with-deprecation`, 'info', {
    ...remark,
    text: `was removed after its sunset date ${sunset}`,
  });
}

/** Only the top of the document is looked at; a contract without servers is served from `/`. */
function compareServers(comparison: Comparison): void {
  const urls = (contract: Contract): readonly string[] => {
    const listed = ownList(contract.root, 'servers').map((server) =>
      (ownText(server, 'url') ?? '/').replace(/(?<=.)\/$/, ''),
    );
    return listed.length === 0 ? ['/'] : listed;
  };
  const after = urls(comparison.revision.contract);
  const before = urls(comparison.base.contract);
  const kept = before.some((url) => after.includes(url));
  for (const url of before)
    if (!after.includes(url))
      comparison.report('api-server-removed', kept ? 'warning' : 'error', {
        pointer: '/servers',
        side: 'base',
        subject: url,
        text: `the server ${url} was removed`,
      });
}

function compareWebhooks(comparison: Comparison): void {
  const before = own(comparison.base.contract.root, 'webhooks');
  const after = own(comparison.revision.contract.root, 'webhooks');
  if (!isObject(before)) return;
  for (const name of Object.keys(before))
    if (!isObject(after) || !Object.hasOwn(after, name))
      comparison.report('webhook-removed', 'error', {
        pointer: pointerOf('webhooks', name),
        side: 'base',
        subject: name,
        text: `the webhook ${name} was removed`,
      });
}
