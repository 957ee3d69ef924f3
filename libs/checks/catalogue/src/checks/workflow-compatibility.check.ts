import { type Fix, isObject, own, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import { memberFix } from '../fixes/fixes.js';
import { declaredIn } from '../manifest/declared.js';
import type { Manifest } from '../manifest/manifest.schema.js';
import type { CheckRun } from '../run/check-run.js';
import type { Inspection } from '../run/inspection.js';
import { type SubmittedWorkflow, submittedWorkflows } from '../workflow/definitions.js';
import { type Task, taskPath } from '../workflow/workflow.js';
import { weakenedFallbacks } from './weakened-fallback.js';
import { comparePermissions, compareTimeouts, compareVersion } from './workflow-changes.js';
import { schemaBreaks } from './workflow-schemas.js';
import { simulateWorkflows } from './workflow-simulation.js';

/** A live version, and the workflows of both sides. */
export interface Comparison {
  readonly run: CheckRun;
  readonly base: Manifest;
  readonly before: readonly SubmittedWorkflow[];
  readonly after: readonly SubmittedWorkflow[];
  readonly say: (fault: Fault) => Promise<void>;
}

interface Fault {
  readonly rule: string;
  readonly pointer: string;
  readonly subject: string;
  readonly text: string;
  readonly why: string;
  readonly remedy: string;
  readonly warns?: boolean;
  readonly fix?: Fix | null;
}

/** Every path is followed with stubbed outcomes (WF018, WF019), and workflows are held against those of every live version: WC101 to WC110. */
export async function checkWorkflowCompatibility(run: CheckRun): Promise<string> {
  const after = await submittedWorkflows(run.inspection, run.manifest);
  const said = new Set<string>();
  for (const base of run.inputs.bases) await compareWith(run, base, [after, said]);
  if (after.length === 0) return 'No workflow is declared, so there is nothing to simulate.';
  return simulateWorkflows(run, after);
}

async function compareWith(
  run: CheckRun,
  base: Inspection,
  [after, said]: readonly [readonly SubmittedWorkflow[], Set<string>],
): Promise<void> {
  const { release } = base.submission;
  const { manifest } = await base.manifest();
  if (manifest === null) return run.inconclusive(`The manifest of ${release} can’t be read any more.`);
  const before = await submittedWorkflows(base, manifest);
  const unreadable = before.find(({ definition }) => definition === null);
  if (unreadable !== undefined)
    run.inconclusive(`The workflow ${unreadable.declared.id} of ${release} can’t be read any more.`);
  const rules = new Set<string>();
  const say = ({ rule, warns, text, ...remark }: Fault): Promise<void> => {
    rules.add(rule);
    if (said.has(`${rule} ${remark.subject}`)) return Promise.resolve();
    said.add(`${rule} ${remark.subject}`);
    const severity = warns === true ? 'warns' : 'blocks';
    return run.add(severity, rule, { ...remark, message: `${text} (since ${release}).` });
  };
  const comparison: Comparison = { run, base: manifest, before, after, say };
  for (const workflow of before) await compareWorkflow(comparison, workflow, base);
  await compareEvents(comparison);
  if (base === run.inputs.bases[0]) await comparePermissions(comparison);
  for (const { fallback, text } of weakenedFallbacks(manifest, run.manifest))
    await say({
      rule: 'WC107',
      pointer: '/fallback',
      subject: `${fallback} ${text}`,
      text: `The fallback of ${fallback} ${text}`,
      why: 'What users were promised for the day when it fails must still hold.',
      remedy: 'Keep the case and the delay, or let ERC accept it by a waiver.',
    });
  await compareVersion(comparison, [release, rules]);
}

/** Announced in a live version, and the day has come: then it may go. */
function hasRunOut({ run, base }: Comparison, ref: string): boolean {
  const today = run.context.asOf.slice(0, 10);
  return (base.lifecycle.deprecates ?? []).some((entry) => entry.ref === ref && entry.sunset <= today);
}

async function compareWorkflow(
  comparison: Comparison,
  was: SubmittedWorkflow,
  base: Inspection,
): Promise<void> {
  const { id } = was.declared;
  const is = comparison.after.find(({ declared }) => declared.id === id);
  if (is !== undefined) {
    await compareTrigger(comparison, was, is);
    await compareTasks(comparison, was, is);
    await compareTimeouts(comparison, was, is);
    await compareCatches(comparison, was, is);
    return compareSchemas(comparison, base, [was, is]);
  }
  if (hasRunOut(comparison, `workflow:${id}`)) return;
  await comparison.say({
    rule: 'WC101',
    pointer: '/workflows',
    subject: id,
    text: `The workflow ${id} is gone, and its trigger with it`,
    why: WHY_TRIGGER,
    remedy: `Keep it until the sunset that a live version announces under lifecycle.deprecates with ref "workflow:${id}".`,
  });
}

async function compareSchemas(
  { run, say }: Comparison,
  base: Inspection,
  [was, is]: readonly [SubmittedWorkflow, SubmittedWorkflow],
): Promise<void> {
  for (const { rule, pointer, text } of await schemaBreaks(run, base, [was, is]))
    await say({
      rule,
      pointer: pointerOf('workflows', is.index, rule === 'WC102' ? 'input' : 'output'),
      subject: `${is.declared.id} ${pointer} ${text}`,
      text: `${is.declared.id}: ${text}`,
      why:
        rule === 'WC102'
          ? 'The platform’s events of today must still start it.'
          : 'Whoever reads the result was promised more.',
      remedy: 'Ask for no more and give no less than before, or make it another workflow.',
    });
}

const WHY_TRIGGER = 'Whoever sends the trigger waits for what no longer happens.';

type Trigger = SubmittedWorkflow['declared']['trigger'];

/** A schedule has no sender, so that another interval takes nothing from anybody. */
const triggerOf = ({ event, operation, schedule }: Trigger): string =>
  [
    ...(event === undefined ? [] : [`event ${event}`]),
    ...(operation === undefined ? [] : [`operation ${operation}`]),
    ...(schedule === undefined ? [] : ['a schedule']),
  ].join(' and ');

async function compareTrigger(
  { say }: Comparison,
  was: SubmittedWorkflow,
  is: SubmittedWorkflow,
): Promise<void> {
  const [before, now] = [triggerOf(was.declared.trigger), triggerOf(is.declared.trigger)];
  if (before !== now)
    await say({
      rule: 'WC101',
      pointer: pointerOf('workflows', is.index, 'trigger'),
      subject: `${is.declared.id} trigger`,
      text: `${is.declared.id} was triggered by ${before} and is now by ${now}`,
      why: WHY_TRIGGER,
      remedy: 'Keep the trigger, and give the new one to a workflow of its own.',
    });
}

/** Events that somebody may be waiting for: no longer published, or published by nobody. */
async function compareEvents(comparison: Comparison): Promise<void> {
  const { run, base, before, after, say } = comparison;
  const published = new Set(run.declared.publishes.map(({ type }) => type));
  const emitted = emittedBy(after);
  const emittedBefore = emittedBy(before);
  for (const { type } of declaredIn(base).publishes) {
    const silenced = emittedBefore.has(type) && !emitted.has(type);
    if ((published.has(type) && !silenced) || hasRunOut(comparison, `event:${type}`)) continue;
    await say({
      rule: 'WC104',
      pointer: '/events/publishes',
      subject: type,
      text: published.has(type)
        ? `${type} is declared, and no workflow emits it any more`
        : `${type} is no longer published`,
      why: 'Whoever subscribed to it hears nothing, and no error either.',
      remedy: `Go on emitting it until the sunset that a live version announces with ref "event:${type}".`,
    });
  }
}

const emittedBy = (workflows: readonly SubmittedWorkflow[]): ReadonlySet<string> =>
  new Set(
    workflows
      .flatMap(({ definition }) => definition?.tasks ?? [])
      .flatMap(
        ({ value }) => ownText(own(ownObject(ownObject(value, 'emit'), 'event'), 'with'), 'type') ?? [],
      ),
  );

/** Instances that are under way stand at a task that is gone. */
async function compareTasks(
  { run, say }: Comparison,
  was: SubmittedWorkflow,
  is: SubmittedWorkflow,
): Promise<void> {
  const { id, inFlight } = is.declared;
  for (const path of stranded(was, is))
    await say({
      rule: 'WC105',
      pointer: pointerOf('workflows', is.index),
      subject: `${id} ${path}`,
      text: `${id}: the task ${path} is gone, and what becomes of instances that stand at it is not said`,
      why: 'An instance that stands at a task that is gone can’t go on.',
      remedy: `Write inFlight: drain or pin, or inFlight: {migrate: {${path}: <a task that is there>}}.`,
      fix:
        inFlight === undefined
          ? memberFix(run, pointerOf('workflows', is.index), ['inFlight', 'drain'])
          : null,
    });
}

/** @returns the tasks from which an instance has nowhere to go */
function stranded(was: SubmittedWorkflow, { declared, definition }: SubmittedWorkflow): readonly string[] {
  const { inFlight } = declared;
  if (definition === null || inFlight === 'drain' || inFlight === 'pin') return [];
  const now = new Set(definition.tasks.map(({ path }) => path));
  const moved = new Map(
    Object.entries(inFlight?.migrate ?? {}).map(([from, to]) => [taskPath(from), taskPath(to)]),
  );
  return (was.definition?.tasks ?? [])
    .map(({ path }) => path)
    .filter((path) => !now.has(path) && !now.has(moved.get(path) ?? ''));
}

/** WC108: what was caught is caught no longer, or only under a condition. */
async function compareCatches(
  { say }: Comparison,
  was: SubmittedWorkflow,
  is: SubmittedWorkflow,
): Promise<void> {
  const now = new Map((is.definition?.tasks ?? []).map((task) => [task.path, task]));
  for (const task of was.definition?.tasks ?? []) {
    const later = now.get(task.path);
    if (later === undefined || !isNarrower(task, later)) continue;
    await say({
      rule: 'WC108',
      pointer: pointerOf('workflows', is.index),
      subject: `${is.declared.id} ${task.path}`,
      text: `${is.declared.id}: ${task.path} catches less than before`,
      why: 'A failure that was caught ends the workflow now.',
      remedy: 'Catch what was caught, or see that it can’t happen any more.',
      warns: true,
    });
  }
}

const CONDITIONS = ['errors', 'when', 'exceptWhen'] as const;

function isNarrower(was: Task, is: Task): boolean {
  const before = own(was.value, 'catch');
  const now = own(is.value, 'catch');
  if (!isObject(before)) return false;
  return (
    !isObject(now) || CONDITIONS.some((key) => own(before, key) === undefined && own(now, key) !== undefined)
  );
}
