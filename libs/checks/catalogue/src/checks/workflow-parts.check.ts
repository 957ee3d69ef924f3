import { Contract, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import semver from 'semver';
import type { CheckRun } from '../run/check-run.js';
import { type SubmittedWorkflow, submittedWorkflows } from '../workflow/definitions.js';
import { type Task, taskPath } from '../workflow/workflow.js';

const workflowsOf = (run: CheckRun): Promise<readonly SubmittedWorkflow[]> =>
  submittedWorkflows(run.inputs, run.manifest);

/** WF006 a trigger that never fires, WF015 none or several, WF016 two workflows with one trigger. */
export async function checkWorkflowTriggers(run: CheckRun): Promise<string> {
  const workflows = await workflowsOf(run);
  const seen = new Map<string, string>();
  for (const { declared, index, document } of workflows) {
    const pointer = pointerOf('workflows', index, 'trigger');
    const given = Object.entries(declared.trigger).filter(([, value]) => value !== undefined);
    const say = (rule: string, message: string, remedy: string): Promise<void> =>
      run.blocks(rule, {
        pointer,
        subject: `${declared.id} ${message}`,
        message: `${declared.id}: ${message}.`,
        why: 'A workflow that nothing starts, or that starts twice, does not do what it says.',
        remedy,
      });
    const [only] = given;
    if (only === undefined || given.length > 1) {
      await say('WF015', `it has ${given.length} triggers`, 'Name one of event, schedule, operation.');
      continue;
    }
    const key = only.join(' ');
    const other = seen.get(key);
    if (other !== undefined)
      await say(
        'WF016',
        `it has the same trigger as ${other}: ${key}`,
        'Merge the two, or tell their triggers apart.',
      );
    seen.set(key, declared.id);
    const subscribed = (run.manifest.events?.subscribes ?? []).find(
      ({ type }) => type === declared.trigger.event,
    );
    if (declared.trigger.event !== undefined && subscribed === undefined)
      await say('WF006', `nobody subscribes to ${declared.trigger.event}`, `Add it to events.subscribes.`);
    if (subscribed?.version !== undefined && semver.validRange(subscribed.version) === null)
      await say('WF006', `${subscribed.version} is no range of versions`, 'Write for example ^1.');
    const scheduled = document?.ok === true ? scheduledEvent(document.value) : null;
    if (declared.trigger.event !== undefined && scheduled !== null && scheduled !== declared.trigger.event)
      await say(
        'WF006',
        `the definition waits for ${scheduled}, the manifest says ${declared.trigger.event}`,
        'Let both say the same.',
      );
  }
  return `${workflows.length} workflows, each with one trigger of its own that can fire.`;
}

const scheduledEvent = (definition: Parameters<typeof own>[0]): string | null =>
  ownText(ownObject(ownObject(ownObject(ownObject(definition, 'schedule'), 'on'), 'one'), 'with'), 'type') ??
  null;

const NEEDS_HANDLER = new Set(['call', 'emit', 'listen']);

/** WF007 task without handler or handler without task, WF008 the operation that is called does not exist. */
export async function checkWorkflowHandlers(run: CheckRun): Promise<string> {
  const operations = await knownOperations(run);
  let handled = 0;
  for (const { declared, index, definition, path } of await workflowsOf(run)) {
    if (definition === null) continue;
    const handlers = declared.handlers ?? [];
    const paths = new Map(definition.tasks.map((task) => [task.path, task]));
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
        });
      else handled += 1;
      await checkUses(run, { workflow: declared.id, uses, pointer, operations, called: found });
    }
    const named = new Set(handlers.map(({ task }) => taskPath(task)));
    for (const task of definition.tasks)
      if (NEEDS_HANDLER.has(task.kind) && !named.has(task.path))
        await run.blocks('WF007', {
          file: path,
          pointer: task.pointer,
          subject: `${declared.id} ${task.path}`,
          message: `${declared.id}: the task ${task.path} (${task.kind}) has no handler.`,
          why: WHY_HANDLERS,
          remedy: `Add {task: ${task.path}, uses: …} to workflows[${index}].handlers.`,
        });
  }
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
  for (const { id, operations } of run.manifest.api?.consumes ?? [])
    found.set(`api:${id}`, new Set(operations));
  return found;
}

interface HandlerUse {
  readonly workflow: string;
  readonly uses: string;
  readonly pointer: string;
  readonly operations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly called: Task | undefined;
}

async function checkUses(
  run: CheckRun,
  { workflow, uses, pointer, operations, called }: HandlerUse,
): Promise<void> {
  const say = (message: string, remedy: string): Promise<void> =>
    run.blocks('WF008', {
      pointer: `${pointer}/uses`,
      subject: `${workflow} ${uses}`,
      message: `${workflow}: ${message}.`,
      why: WHY_HANDLERS,
      remedy,
    });
  if (uses.startsWith('event:')) {
    const type = uses.slice('event:'.length);
    const events = [...(run.manifest.events?.publishes ?? []), ...(run.manifest.events?.subscribes ?? [])];
    if (!events.some((event) => event.type === type))
      await say(`the event ${type} is declared nowhere`, 'Declare it under events.');
    return;
  }
  const [api = '', operation] = uses.split('#', 2);
  const known = operations.get(api);
  if (known === undefined || operation === undefined)
    return say(
      `${uses} names no API of the manifest`,
      'Write api:<id of api.provides or api.consumes>#<operationId>.',
    );
  if (!known.has(operation))
    return say(`${operation} is no operation of ${api}`, 'Name an operationId of that contract.');
  const calledId = ownText(ownObject(called?.value, 'with'), 'operationId');
  if (calledId !== undefined && calledId !== operation)
    await say(`the task calls ${calledId}, its handler says ${operation}`, 'Let both say the same.');
}

/** PM201 a handler's permission is not declared; WF017 a call of the platform names none. */
export async function checkWorkflowPermissions(run: CheckRun): Promise<string> {
  const declared = new Set((run.manifest.permissions ?? []).map(({ id }) => id));
  const consumed = new Set((run.manifest.api?.consumes ?? []).map(({ id }) => `api:${id}`));
  let count = 0;
  for (const [place, workflow] of (run.manifest.workflows ?? []).entries())
    for (const [index, { permission, uses, task }] of (workflow.handlers ?? []).entries()) {
      const pointer = pointerOf('workflows', place, 'handlers', index);
      const why =
        'A step that needs more than it was granted fails when it runs, or does what nobody allowed.';
      if (permission !== undefined) count += 1;
      if (permission !== undefined && !declared.has(permission))
        await run.blocks('PM201', {
          pointer,
          subject: `${workflow.id} ${permission}`,
          message: `${workflow.id}: ${task} uses ${permission}, which is not declared.`,
          why,
          remedy: `Declare ${permission} under permissions.`,
        });
      if (permission === undefined && consumed.has(uses.split('#', 1)[0] ?? ''))
        await run.blocks('WF017', {
          pointer,
          subject: `${workflow.id} ${task}`,
          message: `${workflow.id}: ${task} calls the platform and names no permission.`,
          why,
          remedy: 'Name the permission that the operation asks for.',
        });
    }
  return `${count} handlers name a permission, all declared.`;
}

/** WF009 a call that may fail with nothing to fall back to, WF011 a fallback that depends on what failed. */
export async function checkWorkflowFallback(run: CheckRun): Promise<string> {
  let calls = 0;
  const fallbacks = (run.manifest.fallback ?? []).map(({ for: what }) => what);
  for (const { declared, definition, path } of await workflowsOf(run)) {
    for (const task of definition?.tasks ?? []) {
      if (task.kind !== 'call') continue;
      calls += 1;
      const at = `workflow:${declared.id}${task.path}`;
      const covered = fallbacks.some(
        (what) =>
          what === `workflow:${declared.id}` || at === taskPath(what) || at.startsWith(`${taskPath(what)}/`),
      );
      if (!task.guarded && !covered)
        await run.blocks('WF009', {
          file: path,
          pointer: task.pointer,
          subject: at,
          message: `${declared.id}: the call ${task.path} is neither inside a try with a catch nor covered by a fallback.`,
          why: 'Every call fails one day.',
          remedy: `Put it into try/catch, or add a fallback for "${at}".`,
        });
      await checkCatch(run, path, task, definition?.tasks ?? []);
    }
  }
  return `${calls} calls, each guarded by a catch or a fallback that ends.`;
}

async function checkCatch(run: CheckRun, path: string, call: Task, tasks: readonly Task[]): Promise<void> {
  const operation = ownText(ownObject(call.value, 'with'), 'operationId');
  const outer = /^(.*)\/catch\/do\/\d+\/[^/]+$/.exec(call.pointer)?.[1];
  if (outer === undefined || operation === undefined) return;
  const failing = tasks.find(
    ({ pointer, kind, value }) =>
      kind === 'call' &&
      pointer.startsWith(`${outer}/try/`) &&
      ownText(ownObject(value, 'with'), 'operationId') === operation,
  );
  if (failing !== undefined)
    await run.blocks('WF011', {
      file: path,
      pointer: call.pointer,
      subject: `${call.path} ${operation}`,
      message: `${call.path} falls back to ${operation}, the operation that has just failed.`,
      why: 'A fallback that depends on what failed fails with it.',
      remedy: 'Fall back to something else: park, another operation, an event.',
    });
}
