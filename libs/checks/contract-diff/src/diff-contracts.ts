import type { JsonObject } from '@kwanus/kernel';
import { compareRequestBody, compareResponses } from './bodies.js';
import { Contract, nameOf, type Operation, operationsOf } from './contract.js';
import { compareLifecycle, operationRemoved } from './lifecycle.js';
import { compareParameters } from './parameters.js';
import { Comparison } from './report.js';
import { compareSecurity } from './security.js';
import { compareOwnServers, compareServers, movedPrefixes } from './servers.js';
import type { ContractDiff, DiffOptions } from './types.js';
import { verdictOf } from './verdict.js';
import { compareCallbacks, compareWebhooks } from './webhooks.js';

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
  const { before, after, moved } = operationsOfBoth(comparison);
  if (!moved) compareServers(comparison);
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

interface Operations {
  readonly before: ReadonlyMap<string, Operation>;
  readonly after: ReadonlyMap<string, Operation>;
  /** The servers' path and the paths changed together, so that addresses stayed the same. */
  readonly moved: boolean;
}

function operationsOfBoth({ base, revision }: Comparison): Operations {
  const plain = { before: operationsOf(base.contract), after: operationsOf(revision.contract), moved: false };
  const prefixes = movedPrefixes(base.contract, revision.contract);
  if (prefixes === null) return plain;
  const joined = {
    before: operationsOf(base.contract, prefixes.base),
    after: operationsOf(revision.contract, prefixes.revision),
    moved: true,
  };
  const kept = ({ before, after }: Operations): number =>
    [...before.keys()].filter((key) => after.has(key)).length;
  return kept(joined) > kept(plain) ? joined : plain;
}

function compareOperation(comparison: Comparison, base: Operation, revision: Operation): void {
  compareLifecycle(comparison, base, revision);
  compareOwnServers(comparison, base, revision);
  compareSecurity(comparison, base, revision);
  compareParameters(comparison, base, revision);
  compareRequestBody(comparison, base, revision);
  compareResponses(comparison, base, revision);
  compareCallbacks(comparison, base, revision);
}
