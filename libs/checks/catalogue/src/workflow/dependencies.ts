import { Contract, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownList, ownObject, ownText } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { serverUrls } from '../hosts/declared-hosts.js';
import { normaliseHost } from '../hosts/host.js';
import type { CheckRun } from '../run/check-run.js';
import type { SubmittedWorkflow } from './definitions.js';
import { type Task, taskPath } from './workflow.js';

/** @returns what the call fails with: a host, an API; null where nobody can tell */
export type FindDependency = (call: Task) => string | null;

/**
 * What a call depends on: the one host that its operation is served from, whichever API it belongs to; the API itself where there are
 * several hosts or none that is written out; of the platform, the API that is consumed.
 */
export async function dependencies(run: CheckRun): Promise<(workflow: SubmittedWorkflow) => FindDependency> {
  const known = await dependenciesOfOperations(run);
  const platform = new Map(run.declared.consumes.map(({ id, api }) => [`api:${id}`, api]));
  const dependencyOf = (uses: string): string | null =>
    known.get(uses) ?? platform.get(uses.split('#', 1)[0] ?? '') ?? null;
  return ({ declared }) => {
    const handled = new Map((declared.handlers ?? []).map(({ task, uses }) => [taskPath(task), uses]));
    return (call) =>
      hostOfCall(call) ??
      dependencyOf(handled.get(call.path) ?? ownText(ownObject(call.value, 'with'), 'operationId') ?? '');
  };
}

function hostOfCall({ value }: Task): string | null {
  if (own(value, 'call') !== 'http') return null;
  const endpoint = own(ownObject(value, 'with'), 'endpoint');
  const address = typeof endpoint === 'string' ? endpoint : ownText(endpoint, 'uri');
  return address === undefined ? null : hostOf(address);
}

/** By `api:<id>#<operationId>`, and by an operationId that only one contract has. */
async function dependenciesOfOperations(run: CheckRun): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  const twice = new Set<string>();
  for (const { id, root } of await run.inspection.contracts())
    for (const operation of root === null ? [] : operationsOf(new Contract(root)).values()) {
      const operationId = ownText(operation.value, 'operationId');
      if (operationId === undefined || root === null) continue;
      const dependency = hostOfOperation(root, operation) ?? `api:${id}`;
      known.set(`api:${id}#${operationId}`, dependency);
      if (known.has(operationId)) twice.add(operationId);
      known.set(operationId, dependency);
    }
  for (const operationId of twice) known.delete(operationId);
  return known;
}

/** Servers of an operation take the place of its path's, and those of the contract's. */
function hostOfOperation(root: JsonObject, { value, item }: Operation): string | null {
  const servers = [value, item.value, root]
    .map((each) => ownList(each, 'servers'))
    .find((list) => list.length > 0);
  const hosts = new Set((servers ?? []).flatMap(serverUrls).map(hostOf));
  const [host] = hosts;
  return hosts.size === 1 ? (host ?? null) : null;
}

function hostOf(address: string): string | null {
  if (!/^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(address)) return null;
  const { host, reach } = normaliseHost(address);
  return reach === 'public' || reach === 'internal' ? host : null;
}
