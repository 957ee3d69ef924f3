import { isObject, own, ownList, ownObject, ownText, type PatchFix, pointerOf } from '@kwanus/checks-kit';
import type { CheckRun } from '../run/check-run.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { switchCases, type Task } from '../workflow/workflow.js';
import { entryFix, manifestFix, patchOf } from './fixes.js';

const ATTEMPTS = 3;

/** @returns a branch without condition that goes on where the switch went on before */
export function defaultBranchFix(path: string, task: Task, isLast: boolean): PatchFix | null {
  const cases = switchCases(task);
  const name = ['default', 'otherwise'].find((each) => !cases.some((branch) => branch.name === each));
  if (name === undefined) return null;
  const branches = `${task.pointer}/switch`;
  return patchOf(
    path,
    { op: 'add', path: `${branches}/-`, value: { [name]: {} } },
    {
      op: 'add',
      path: `${branches}/${ownList(task.value, 'switch').length}/${name}/then`,
      value: ownText(task.value, 'then') ?? (isLast ? 'end' : 'continue'),
    },
  );
}

/** @returns the retry with a limit; null where it is only named */
export function retryLimitFix(path: string, task: Task): PatchFix | null {
  const retry = own(ownObject(task.value, 'catch'), 'retry');
  if (!isObject(retry)) return null;
  const place = `${task.pointer}/catch/retry/limit`;
  const attempt = { count: ATTEMPTS };
  return isObject(own(retry, 'limit'))
    ? patchOf(path, { op: 'add', path: `${place}/attempt`, value: attempt })
    : patchOf(path, { op: 'add', path: place, value: { attempt } });
}

type Operations = ReadonlyMap<string, ReadonlySet<string>>;

/** @returns the only API that the submission provides with that operation */
function providedWith(run: CheckRun, operations: Operations, operation: string): string | null {
  const apis = run.declared.provides
    .map(({ id }) => `api:${id}`)
    .filter((api) => operations.get(api)?.has(operation) === true);
  return apis.length === 1 ? (apis[0] ?? null) : null;
}

/** @returns what does the work of a task, as far as the task itself tells */
function usedBy(run: CheckRun, task: Task, operations: Operations): string | null {
  if (task.kind === 'emit') {
    const type = ownText(own(ownObject(ownObject(task.value, 'emit'), 'event'), 'with'), 'type');
    return type === undefined ? null : `event:${type}`;
  }
  if (task.kind === 'listen') {
    const to = ownObject(ownObject(task.value, 'listen'), 'to');
    const type = ownText(ownObject(ownObject(to, 'one'), 'with'), 'type');
    return run.declared.subscribes.some((event) => event.type === type) ? `event:${type ?? ''}` : null;
  }
  const operation = ownText(ownObject(task.value, 'with'), 'operationId');
  const api = operation === undefined ? null : providedWith(run, operations, operation);
  return api === null ? null : `${api}#${operation ?? ''}`;
}

/** @returns the handler of a task; null where the task does not tell it */
export function handlerFix(
  run: CheckRun,
  { index }: SubmittedWorkflow,
  [task, operations]: readonly [Task, Operations],
): PatchFix | null {
  const uses = usedBy(run, task, operations);
  return uses === null
    ? null
    : entryFix(run, pointerOf('workflows', index, 'handlers'), { task: task.path, uses });
}

/** @returns the handler taken out that has no task; null where a task may be meant that has none */
export function withoutHandler(run: CheckRun, pointer: string, everyTaskHandled: boolean): PatchFix | null {
  return everyTaskHandled ? manifestFix(run, { op: 'remove', path: pointer }) : null;
}

/** @returns the handler's operation set to the one that the task calls */
export function operationFix(
  run: CheckRun,
  pointer: string,
  [called, operations]: readonly [Task | undefined, Operations],
): PatchFix | null {
  const uses = called?.kind === 'call' ? usedBy(run, called, operations) : null;
  return uses === null ? null : manifestFix(run, { op: 'replace', path: `${pointer}/uses`, value: uses });
}

/** @returns the operation named as one that reports to the audit log */
export function auditFix(run: CheckRun, index: number, operationId: string | undefined): PatchFix | null {
  const audit = ownObject(
    ownList(ownObject(run.inputs.submission.manifest, 'api'), 'provides')[index],
    'audit',
  );
  const place = pointerOf('api', 'provides', index, 'audit');
  if (Object.keys(audit).length === 0)
    return manifestFix(run, { op: 'add', path: place, value: { operations: 'all' } });
  return operationId === undefined ? null : entryFix(run, `${place}/operations`, operationId);
}
