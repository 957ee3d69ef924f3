import { own, ownObject } from '@kwanus/checks-kit';
import type { CheckRun } from '../run/check-run.js';
import { calledOperations } from '../workflow/called-operations.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { type Task, taskPath, triesAround } from '../workflow/workflow.js';

/** Carried out twice, they do twice what they do. */
const NOT_IDEMPOTENT = new Set(['POST', 'PATCH']);

/** WF014 a call that is tried again and does twice what was asked once, for want of an idempotency key. */
export async function checkRepeatedCalls(
  run: CheckRun,
  workflows: readonly SubmittedWorkflow[],
): Promise<void> {
  const operationOf = await calledOperations(run.inspection);
  for (const workflow of workflows) {
    const isRetried = retriedIn(run, workflow);
    for (const task of (workflow.definition?.tasks ?? []).filter(({ kind }) => kind === 'call')) {
      const method = operationOf(workflow, task)?.method ?? '';
      if (NOT_IDEMPOTENT.has(method) && isRetried(task) && !hasKey(task))
        await report(run, workflow, [task, method]);
    }
  }
}

const report = (
  run: CheckRun,
  { declared, path }: SubmittedWorkflow,
  [task, method]: readonly [Task, string],
): Promise<void> =>
  run.warns('WF014', {
    file: path,
    pointer: task.pointer,
    subject: `${declared.id} ${task.path}`,
    message: `${declared.id}: the call ${task.path} is a ${method} that is tried again without an idempotency key.`,
    why: 'An answer that is lost on its way is no work that was not done: what is sent again is done again.',
    remedy:
      'Send a header Idempotency-Key that stays the same for the same event, if the operation takes one; else don’t try again.',
  });

/** By a `retry` of a try around it, or by a fallback that tries again. */
function retriedIn(
  { declared: { fallback } }: CheckRun,
  { declared, definition }: SubmittedWorkflow,
): (task: Task) => boolean {
  const retrying = new Set(
    (definition?.tasks ?? [])
      .filter(({ kind, value }) => kind === 'try' && own(ownObject(value, 'catch'), 'retry') !== undefined)
      .map(({ pointer }) => pointer),
  );
  const again = fallback
    .filter((entry) => entry.do === 'retry')
    .map((entry) => `${taskPath(entry.for)}/`)
    .filter((covers) => covers.startsWith(`workflow:${declared.id}/`));
  return ({ pointer, path }) => {
    const at = `workflow:${declared.id}${path}/`;
    return (
      triesAround(pointer).some((around) => retrying.has(around)) ||
      again.some((covers) => at.startsWith(covers))
    );
  };
}

function hasKey({ value }: Task): boolean {
  const request = ownObject(value, 'with');
  return ['headers', 'parameters']
    .flatMap((part) => Object.keys(ownObject(request, part)))
    .some((name) => /^(?:x-?)?idempotency-?key$/i.test(name.replaceAll('_', '-')));
}
