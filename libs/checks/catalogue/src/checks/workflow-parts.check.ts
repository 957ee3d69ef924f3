import { Contract, operationsOf } from '@kwanus/checks-contract-diff';
import { ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import { parkFix } from '../fixes/fixes.js';
import { declareFix } from '../fixes/permission-fixes.js';
import { handlerFix, operationFix, withoutHandler } from '../fixes/workflow-fixes.js';
import type { CheckRun } from '../run/check-run.js';
import { type SubmittedWorkflow, submittedWorkflows } from '../workflow/definitions.js';
import { type Task, taskPath } from '../workflow/workflow.js';
import { checkCallArguments } from './call-arguments.js';
import { checkFallbackCalls } from './fallback-calls.js';
import { usesOf } from './permissions.check.js';
import { checkRepeatedCalls } from './repeated-calls.js';

const workflowsOf = (run: CheckRun): Promise<readonly SubmittedWorkflow[]> =>
  submittedWorkflows(run.inspection, run.manifest);

const NEEDS_HANDLER = new Set(['call', 'emit', 'listen']);

/** WF007 task without handler or handler without task, WF008 the operation that is called does not exist, or refuses what is sent. */
export async function checkWorkflowHandlers(run: CheckRun): Promise<string> {
  const operations = await knownOperations(run);
  const workflows = await workflowsOf(run);
  let handled = 0;
  for (const workflow of workflows) {
    const { declared, index, definition, path } = workflow;
    if (definition === null) continue;
    const handlers = declared.handlers ?? [];
    const paths = new Map(definition.tasks.map((task) => [task.path, task]));
    const named = new Set(handlers.map(({ task }) => taskPath(task)));
    const bare = definition.tasks.filter(({ kind, path: at }) => NEEDS_HANDLER.has(kind) && !named.has(at));
    for (const [place, { task, uses }] of handlers.entries()) {
      const pointer = pointerOf('workflows', index, 'handlers', place);
      const found = paths.get(taskPath(task));
      if (found === undefined)
        await run.blocks('WF007', {
          pointer,
          subject: `${declared.id} ${taskPath(task)}`,
          message: `${declared.id}: there is no task ${task}.`,
          why: WHY_HANDLERS,
          remedy: `Tasks are: ${[...paths.keys()].slice(0, 10).join(', ')}.`,
          fix: withoutHandler(run, pointer, bare.length === 0),
        });
      else handled += 1;
      await checkUses(run, { workflow: declared.id, uses, pointer, operations, called: found });
    }
    for (const task of bare)
      await run.blocks('WF007', {
        file: path,
        pointer: task.pointer,
        subject: `${declared.id} ${task.path}`,
        message: `${declared.id}: the task ${task.path} (${task.kind}) has no handler.`,
        why: WHY_HANDLERS,
        remedy: `Add {task: ${task.path}, uses: …} to workflows[${index}].handlers.`,
        fix: handlerFix(run, workflow, [task, operations]),
      });
  }
  await checkCallArguments(run, workflows);
  return `${handled} handlers, each for a task that is there and an operation that is in a contract.`;
}

const WHY_HANDLERS = 'Who does the work of a task, and with which permission, must be known before it runs.';

/** Operations by `api:<id>`: all of a provided contract, the listed ones of a consumed one. */
async function knownOperations(run: CheckRun): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const { id, root } of await run.inspection.contracts()) {
    const ids =
      root === null
        ? []
        : [...operationsOf(new Contract(root)).values()].map(({ value }) => ownText(value, 'operationId'));
    found.set(`api:${id}`, new Set(ids.filter((operation) => operation !== undefined)));
  }
  for (const { id, operations } of run.declared.consumes) found.set(`api:${id}`, new Set(operations));
  return found;
}

interface HandlerUse {
  readonly workflow: string;
  readonly uses: string;
  readonly pointer: string;
  readonly operations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly called: Task | undefined;
}

async function checkUses(run: CheckRun, handler: HandlerUse): Promise<void> {
  const fault = handler.uses.startsWith('event:') ? eventFault(run, handler.uses) : operationFault(handler);
  if (fault === null) return;
  const { workflow, uses, pointer, called, operations } = handler;
  await run.blocks('WF008', {
    pointer: `${pointer}/uses`,
    subject: `${workflow} ${uses}`,
    message: `${workflow}: ${fault[0]}.`,
    why: WHY_HANDLERS,
    remedy: fault[1],
    fix: operationFix(run, pointer, [called, operations]),
  });
}

type Fault = readonly [message: string, remedy: string] | null;

function eventFault({ declared }: CheckRun, uses: string): Fault {
  const wanted = uses.slice('event:'.length);
  const known = [...declared.publishes, ...declared.subscribes].some(({ type }) => type === wanted);
  return known ? null : [`the event ${wanted} is declared nowhere`, 'Declare it under events.'];
}

function operationFault({ uses, operations, called }: HandlerUse): Fault {
  const [api = '', operation] = uses.split('#', 2);
  const known = operations.get(api);
  if (known === undefined || operation === undefined)
    return [
      `${uses} names no API of the manifest`,
      'Write api:<id of api.provides or api.consumes>#<operationId>.',
    ];
  if (!known.has(operation))
    return [`${operation} is no operation of ${api}`, 'Name an operationId of that contract.'];
  const calledId = ownText(ownObject(called?.value, 'with'), 'operationId');
  if (calledId === undefined || calledId === operation) return null;
  return [`the task calls ${calledId}, its handler says ${operation}`, 'Let both say the same.'];
}

/** PM201 a handler's permission is not declared; WF017 a call of the platform names none. */
export async function checkWorkflowPermissions(run: CheckRun): Promise<string> {
  const named = run.declared.workflows.flatMap(({ id: workflow, handlers }, place) =>
    (handlers ?? []).map((handler, index) => ({
      ...handler,
      workflow,
      pointer: pointerOf('workflows', place, 'handlers', index),
    })),
  );
  const declared = new Set(run.declared.permissions.map(({ id }) => id));
  const consumed = new Set(run.declared.consumes.map(({ id }) => `api:${id}`));
  for (const { workflow, permission, uses, task, pointer } of named) {
    const [api = ''] = uses.split('#', 1);
    const fault = permissionFault({ permission, declared, ofPlatform: consumed.has(api) });
    if (fault === null) continue;
    await run.blocks(fault.rule, {
      pointer,
      subject: `${workflow} ${task} ${permission ?? ''}`,
      message: `${workflow}: ${task} ${fault.message}.`,
      why: 'A step that needs more than it was granted fails when it runs, or does what nobody allowed.',
      remedy: fault.remedy,
      fix:
        fault.rule === 'PM201' && permission !== undefined
          ? declareFix(run, permission, usesOf(run.manifest, permission))
          : null,
    });
  }
  const count = named.filter(({ permission }) => permission !== undefined).length;
  return `${count} handlers name a permission, all declared.`;
}

function permissionFault({
  permission,
  declared,
  ofPlatform,
}: {
  readonly permission: string | undefined;
  readonly declared: ReadonlySet<string>;
  readonly ofPlatform: boolean;
}): { readonly rule: string; readonly message: string; readonly remedy: string } | null {
  if (permission === undefined)
    return ofPlatform
      ? {
          rule: 'WF017',
          message: 'calls the platform and names no permission',
          remedy: 'Name the permission that the operation asks for.',
        }
      : null;
  return declared.has(permission)
    ? null
    : {
        rule: 'PM201',
        message: `uses ${permission}, which is not declared`,
        remedy: `Declare ${permission} under permissions.`,
      };
}

/** WF009 a call that may fail with nothing to fall back to, WF011 a fallback that depends on what failed, WF014 a call that is repeated. */
export async function checkWorkflowFallback(run: CheckRun): Promise<string> {
  let calls = 0;
  const workflows = await workflowsOf(run);
  for (const workflow of workflows) {
    const tasks = workflow.definition?.tasks ?? [];
    const covers = coversOf(run, workflow);
    for (const task of tasks.filter(({ kind }) => kind === 'call')) {
      calls += 1;
      await checkGuarded(run, workflow, [task, covers]);
    }
  }
  await checkFallbackCalls(run, workflows);
  await checkRepeatedCalls(run, workflows);
  return `${calls} calls, each guarded by a catch or a fallback that ends.`;
}

/** @returns the fallbacks that are for a workflow or a part of it, each as what the places that it covers begin with */
const coversOf = (run: CheckRun, { declared }: SubmittedWorkflow): readonly string[] =>
  run.declared.fallback
    .map(({ for: what }) => `${taskPath(what)}/`)
    .filter((covers) => covers.startsWith(`workflow:${declared.id}/`));

async function checkGuarded(
  run: CheckRun,
  { declared, path }: SubmittedWorkflow,
  [task, covers]: readonly [Task, readonly string[]],
): Promise<void> {
  const at = `workflow:${declared.id}${task.path}`;
  const covered = covers.some((begin) => `${at}/`.startsWith(begin));
  if (task.guarded || covered) return;
  await run.blocks('WF009', {
    file: path,
    pointer: task.pointer,
    subject: at,
    message: `${declared.id}: the call ${task.path} is neither inside a try with a catch nor covered by a fallback.`,
    why: 'Every call fails one day.',
    remedy: `Put it into try/catch, or add a fallback for "${at}".`,
    fix: parkFix(run, at, ['error']),
  });
}
