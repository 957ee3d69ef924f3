import { type Fix, isObject, own, ownObject, ownText } from '@kwanus/checks-kit';
import { entryFix, patchOf } from '../fixes/fixes.js';
import { defaultBranchFix, retryLimitFix } from '../fixes/workflow-fixes.js';
import type { CheckRun } from '../run/check-run.js';
import { textsOf } from '../run/strings.js';
import { type SubmittedWorkflow, submittedWorkflows } from '../workflow/definitions.js';
import { flowFaults } from '../workflow/flow.js';
import {
  hasEndlessRetry,
  MAX_TASKS,
  switchCases,
  type Task,
  type WorkflowDefinition,
} from '../workflow/workflow.js';

const WHY = 'A workflow that stops in the middle leaves work half done.';
const SECRET = /\$secrets?\b|\$env\b|\benv\.|\$runtime\b|\bprocess\.env\b|\$ENV\b/;

/** WF000 readable and of the profile, WF001 to WF005, WF010, WF012, WF013. */
export async function checkWorkflowDefinition(run: CheckRun): Promise<string> {
  const workflows = await submittedWorkflows(run.inspection, run.manifest);
  for (const workflow of workflows) {
    if (workflow.definition === null || workflow.document?.ok !== true) await unreadable(run, workflow);
    else {
      if (workflow.definition.truncated)
        run.inconclusive(
          `${workflow.declared.id} has more than ${MAX_TASKS} tasks; the others were not looked at.`,
        );
      await checkProfile(run, workflow, workflow.definition);
      await checkFlow(run, workflow, workflow.definition);
      await checkTasks(run, workflow, workflow.definition);
      for (const { text, pointer } of textsOf(workflow.document.value))
        if (/\$\{/.test(text) && SECRET.test(text))
          await report(run, workflow, {
            rule: 'WF012',
            pointer,
            text: 'an expression reaches the environment or a secret',
            remedy: 'Take it from the input, or from a connection that the platform holds.',
          });
    }
  }
  return `${workflows.length} workflows parse, and every path through them leads on.`;
}

interface Fault {
  readonly rule: string;
  readonly pointer: string;
  readonly text: string;
  readonly remedy: string;
  readonly warns?: boolean;
  readonly fix?: Fix | null;
}

const report = (
  run: CheckRun,
  { path, declared }: SubmittedWorkflow,
  { rule, pointer, text, remedy, warns, fix = null }: Fault,
): Promise<void> =>
  run.add(warns === true ? 'warns' : 'blocks', rule, {
    file: path,
    pointer,
    subject: `${declared.id} ${text}`,
    message: `${declared.id}: ${text}.`,
    why: WHY,
    remedy,
    fix,
  });

async function unreadable(run: CheckRun, workflow: SubmittedWorkflow): Promise<void> {
  const { document, declared, index } = workflow;
  if (document === null || document.ok) return; // FD405 says that it is missing
  await run.blocks('WF000', {
    pointer: `/workflows/${index}/definition`,
    subject: declared.id,
    message: `${workflow.path} ${document.message}.`,
    why: WHY,
    remedy: 'Write it as one YAML or JSON document of Serverless Workflow 1.0.',
  });
}

async function checkProfile(
  run: CheckRun,
  workflow: SubmittedWorkflow,
  { dsl, malformed, tasks }: WorkflowDefinition,
): Promise<void> {
  if (dsl === null || !/^1\.\d+\.\d+/.test(dsl))
    await report(run, workflow, {
      rule: 'WF000',
      pointer: '/document/dsl',
      text: `it is no Serverless Workflow 1.x (document.dsl: ${dsl ?? 'missing'})`,
      remedy: 'Write document.dsl: 1.0.0.',
      fix: dsl === null ? dslFix(workflow) : null,
    });
  for (const pointer of malformed)
    await report(run, workflow, {
      rule: 'WF000',
      pointer,
      text: `at ${pointer} stands no task`,
      remedy: 'Each entry of a task list is one name with one task under it.',
    });
  for (const { kind, name, pointer } of tasks) {
    if (kind === 'unknown')
      await report(run, workflow, {
        rule: 'WF000',
        pointer,
        text: `${name} is no kind of task that partners may use`,
        remedy: 'Use call, do, try, switch, fork, emit, listen, set, wait, for or raise.',
      });
    if (kind === 'run')
      await report(run, workflow, {
        rule: 'WF012',
        pointer,
        text: `${name} runs a script, shell, container or workflow of its own`,
        remedy: 'Call an operation instead.',
      });
  }
}

function dslFix({ path, document }: SubmittedWorkflow): Fix | null {
  const held = document?.ok === true ? own(document.value, 'document') : undefined;
  return isObject(held) && own(held, 'dsl') === undefined
    ? patchOf(path, { op: 'add', path: '/document/dsl', value: '1.0.0' })
    : null;
}

const REMEDIES = {
  WF001: 'Name a task of the same list, or end, exit or continue.',
  WF002: 'Let a task lead to it, or take it out.',
  WF003: 'Let one of the tasks end or exit.',
  WF004: 'Give the loop a way out, a wait, or a limit.',
} as const;

async function checkFlow(
  run: CheckRun,
  workflow: SubmittedWorkflow,
  { lists }: WorkflowDefinition,
): Promise<void> {
  for (const list of lists) {
    if (list.pointer.endsWith('/fork/branches')) continue; // branches run beside each other
    for (const { rule, task, detail } of flowFaults(list))
      await report(run, workflow, { rule, pointer: task.pointer, text: detail, remedy: REMEDIES[rule] });
    const last = list.tasks.at(-1);
    for (const task of list.tasks)
      if (task.kind === 'switch') await checkSwitch(run, workflow, task, task === last);
  }
}

async function checkSwitch(
  run: CheckRun,
  workflow: SubmittedWorkflow,
  task: Task,
  isLast: boolean,
): Promise<void> {
  if (switchCases(task).some(({ when }) => when === undefined)) return;
  await report(run, workflow, {
    rule: 'WF005',
    pointer: task.pointer,
    text: `${task.name} has no default branch${isLast ? ', and nothing follows it' : ''}`,
    remedy: 'Add a branch without `when`.',
    fix: defaultBranchFix(workflow.path, task, isLast),
    warns: !isLast,
  });
}

async function checkTasks(
  run: CheckRun,
  workflow: SubmittedWorkflow,
  { tasks }: WorkflowDefinition,
): Promise<void> {
  const published = new Set(run.declared.publishes.map(({ type }) => type));
  for (const task of tasks) {
    if (task.kind === 'emit') {
      const type = ownText(own(ownObject(ownObject(task.value, 'emit'), 'event'), 'with'), 'type');
      if (type === undefined || !published.has(type))
        await report(run, workflow, {
          rule: 'WF013',
          pointer: task.pointer,
          text: `${task.name} emits ${type ?? 'an event without a type'}, which events.publishes does not name`,
          remedy: 'Declare it under events.publishes.',
          fix: type === undefined ? null : entryFix(run, '/events/publishes', { type }),
        });
    }
    if (task.kind === 'try' && hasEndlessRetry(task))
      await report(run, workflow, {
        rule: 'WF010',
        pointer: `${task.pointer}/catch/retry`,
        text: `${task.name} retries without a limit`,
        remedy: 'Write catch.retry.limit with attempt.count or duration.',
        fix: retryLimitFix(workflow.path, task),
      });
  }
}
