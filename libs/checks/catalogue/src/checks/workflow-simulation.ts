import { presentable } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { parkFix } from '../fixes/fixes.js';
import type { CheckRun } from '../run/check-run.js';
import { ControlGraph, STARTS } from '../workflow/control-graph.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { type FailingPath, type Simulation, simulate } from '../workflow/simulate.js';
import { shownTrace, traceMermaid } from '../workflow/trace.js';
import { MAX_TASKS } from '../workflow/workflow.js';

const MAX_TRANSITIONS = 200_000;

/** WF018 a path that neither ends nor falls back, WF019 one that never ends. @returns what was followed, in words */
export async function simulateWorkflows(
  run: CheckRun,
  workflows: readonly SubmittedWorkflow[],
): Promise<string> {
  const records: JsonObject[] = [];
  let [explored, all] = [0, 0];
  for (const workflow of workflows) {
    const simulation = await followed(run, workflow);
    if (simulation === null) continue;
    records.push(recordOf(run, workflow, simulation));
    explored += simulation.transitions.explored;
    all += simulation.transitions.all;
    await reportAll(run, workflow, simulation);
  }
  run.facts['simulation'] = records;
  return `${workflows.length} workflows simulated: ${explored} of ${all} transitions, every path ends or falls back.`;
}

async function followed(run: CheckRun, workflow: SubmittedWorkflow): Promise<Simulation | null> {
  const { declared, definition } = workflow;
  if (definition === null) {
    run.inconclusive(`${declared.id} can’t be read, so it was not simulated.`);
    return null;
  }
  const graph = new ControlGraph({ id: declared.id, definition, fallbacks: run.declared.fallback });
  const starts = declared.trigger.event === undefined ? (['start'] as const) : STARTS;
  const { signal } = run.context;
  const simulation = await simulate(graph, starts, { transitions: MAX_TRANSITIONS, signal });
  const { explored, all } = simulation.transitions;
  if (definition.truncated)
    run.inconclusive(`${declared.id} has more than ${MAX_TASKS} tasks; the others were not simulated.`);
  else if (!simulation.complete)
    run.inconclusive(
      `The simulation of ${declared.id} was given up after ${MAX_TRANSITIONS} transitions: ${explored} of at least ${all} branches were followed.`,
    );
  return simulation;
}

/** What the verdict keeps: how much was followed, and which fallbacks were exercised by it. */
const recordOf = (
  run: CheckRun,
  { declared, definition }: SubmittedWorkflow,
  { transitions, complete, ends, caught, fallbacks, failingTasks }: Simulation,
): JsonObject => ({
  workflow: declared.id,
  transitions: { ...transitions },
  complete: complete && definition?.truncated === false,
  ends,
  caught,
  failing: failingTasks,
  fallbacks: run.declared.fallback.flatMap(({ for: what, on, do: action, serve }, index) =>
    what === `workflow:${declared.id}` || what.startsWith(`workflow:${declared.id}/`)
      ? [
          {
            for: presentable(what),
            on: on.map(presentable),
            does: presentable(action ?? serve ?? 'nothing'),
            reached: fallbacks.get(index) ?? 0,
          },
        ]
      : [],
  ),
});

async function reportAll(
  run: CheckRun,
  workflow: SubmittedWorkflow,
  { failing, failingTasks }: Simulation,
): Promise<void> {
  for (const path of failing) await report(run, workflow, path);
  const more = failingTasks - failing.length;
  if (more > 0)
    await run.informs('WF018', {
      file: workflow.path,
      pointer: '/do',
      subject: `${workflow.declared.id} more`,
      message: `${workflow.declared.id}: at ${more} more tasks paths fail in the same way.`,
      why: WHY,
      remedy: 'Mend those that are listed, and check again.',
    });
}

const WHY = 'A workflow that stops in the middle, or never stops, leaves work half done and nobody knows.';

/** As `fallback.on` calls them. */
const casesOf = (outcomes: readonly string[]): readonly string[] =>
  outcomes.length === 0
    ? ['error']
    : [...new Set(outcomes.map((outcome) => outcome.toLowerCase().replaceAll(/[ _]/g, '-')))];

async function report(
  run: CheckRun,
  { declared, path }: SubmittedWorkflow,
  { kind, task, outcomes, trace }: FailingPath,
): Promise<void> {
  const named = outcomes.map((outcome) => outcome.replace(/, .*$/, '')).filter((outcome) => outcome !== '');
  const when = named.length === 0 ? '' : ` on ${[...new Set(named)].join(', ')}`;
  const shown = shownTrace(trace);
  await run.blocks(kind === 'lost' ? 'WF018' : 'WF019', {
    file: path,
    pointer: task.pointer,
    subject: `${declared.id} ${task.path} ${trace.end}`,
    message: `${declared.id}: a path ${kind === 'lost' ? 'is lost' : 'never ends'} at ${task.path}${when}: ${trace.end}.`,
    why: WHY,
    remedy:
      kind === 'lost'
        ? `Catch it, or let a fallback for "workflow:${declared.id}${task.path}" name these cases under \`on\`.`
        : 'Give the wait a timeout, the retry a limit, the fallback a maxDelay, or the loop a way out.',
    facts: { trace: { ...shown, steps: [...shown.steps] }, mermaid: traceMermaid(shown) },
    fix: kind === 'lost' ? parkFix(run, `workflow:${declared.id}${task.path}`, casesOf(named)) : null,
  });
}
