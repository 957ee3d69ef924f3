import { Contract, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, ownText } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import type { Inspection } from '../run/inspection.js';
import type { SubmittedWorkflow } from './definitions.js';
import { type Task, taskPath } from './workflow.js';

/** The operation that a task calls, as far as a contract of the submission describes it. */
export interface CalledOperation {
  /** Upper case. */
  readonly method: string;
  /** Empty where only the method is known. */
  readonly value: JsonObject;
}

type FindOperation = (workflow: SubmittedWorkflow, call: Task) => CalledOperation | null;

const found = new WeakMap<Inspection, Promise<FindOperation>>();

/** @returns how to find the operation of a call: by its handler, else by its operationId; null where no contract tells */
export function calledOperations(inspection: Inspection): Promise<FindOperation> {
  const earlier = found.get(inspection);
  if (earlier !== undefined) return earlier;
  const work = operationsById(inspection).then(finder);
  found.set(inspection, work);
  return work;
}

async function operationsById(inspection: Inspection): Promise<ReadonlyMap<string, CalledOperation>> {
  const known = new Map<string, CalledOperation>();
  for (const { id, root } of await inspection.contracts())
    for (const { method, value } of root === null ? [] : operationsOf(new Contract(root)).values()) {
      const operationId = ownText(value, 'operationId');
      if (operationId === undefined) continue;
      const called = { method: method.toUpperCase(), value };
      known.set(`api:${id}#${operationId}`, called);
      known.set(operationId, called);
    }
  return known;
}

const finder =
  (known: ReadonlyMap<string, CalledOperation>): FindOperation =>
  ({ declared }, { path, value }) => {
    const request = ownObject(value, 'with');
    const method = own(value, 'call') === 'http' ? ownText(request, 'method') : undefined;
    if (method !== undefined) return { method: method.toUpperCase(), value: {} };
    const handler = (declared.handlers ?? []).find(({ task }) => taskPath(task) === path);
    return known.get(handler?.uses ?? ownText(request, 'operationId') ?? '') ?? null;
  };
