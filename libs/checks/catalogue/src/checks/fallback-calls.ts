import { own, ownObject, ownText } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { CheckRun } from '../run/check-run.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { dependencies, type FindDependency } from '../workflow/dependencies.js';
import { catches, failureOf } from '../workflow/outcomes.js';
import { type Task, triesAround } from '../workflow/workflow.js';

const WHY = 'A fallback that depends on what failed fails with it.';

/**
 * WF011 a catch calls the operation that has just failed, or another one of the dependency that has just failed. The latter only where it
 * takes nothing but outages (timeouts, 5xx), or all of them, and has no try of its own: what answers 409 is there, and may be asked again.
 */
export async function checkFallbackCalls(
  run: CheckRun,
  workflows: readonly SubmittedWorkflow[],
): Promise<void> {
  const dependenciesOf = await dependencies(run);
  for (const workflow of workflows) {
    const dependencyOf = dependenciesOf(workflow);
    const calls = (workflow.definition?.tasks ?? []).filter(({ kind }) => kind === 'call');
    const tried = triedIn(workflow, calls, dependencyOf);
    for (const call of calls) await checkCall(run, workflow, { call, tried, dependencyOf });
  }
}

/** What each try tries, by its pointer. */
interface Tried {
  /** Anywhere inside. */
  readonly operations: ReadonlySet<string>;
  /** By calls whose failures come to its own catch first. */
  readonly dependencies: ReadonlyMap<string, Task>;
  /** The catch of each try. */
  readonly clauses: ReadonlyMap<string, Json | undefined>;
}

function triedIn(workflow: SubmittedWorkflow, calls: readonly Task[], dependencyOf: FindDependency): Tried {
  const inner = calls.flatMap((call) => {
    const around = triesAround(call.pointer).at(-1);
    const dependency = around === undefined ? null : dependencyOf(call);
    return dependency === null ? [] : [[`${around} ${dependency}`, call] as const];
  });
  return {
    operations: new Set(
      calls.flatMap((call) => {
        const operation = operationOf(call);
        return operation === undefined
          ? []
          : triesAround(call.pointer).map((around) => `${around} ${operation}`);
      }),
    ),
    dependencies: new Map(inner),
    clauses: new Map(
      (workflow.definition?.tasks ?? [])
        .filter(({ kind }) => kind === 'try')
        .map(({ pointer, value }) => [pointer, own(value, 'catch')]),
    ),
  };
}

const operationOf = ({ value }: Task): string | undefined => ownText(ownObject(value, 'with'), 'operationId');

interface FallbackCall {
  readonly call: Task;
  readonly tried: Tried;
  readonly dependencyOf: FindDependency;
}

async function checkCall(run: CheckRun, workflow: SubmittedWorkflow, fallback: FallbackCall): Promise<void> {
  const { call, tried, dependencyOf } = fallback;
  const catchers = [...call.pointer.matchAll(/\/catch\/do\//g)].map(({ index }) =>
    call.pointer.slice(0, index),
  );
  if (catchers.length === 0) return;
  const operation = operationOf(call);
  const report = (subject: string, message: string, remedy: string): Promise<void> =>
    run.blocks('WF011', {
      file: workflow.path,
      pointer: call.pointer,
      subject: `${call.path} ${subject}`,
      message: `${call.path} ${message}.`,
      why: WHY,
      remedy,
    });
  if (operation !== undefined && catchers.some((outer) => tried.operations.has(`${outer} ${operation}`)))
    return report(
      operation,
      `falls back to ${operation}, the operation that has just failed`,
      'Fall back to something else: park, another operation, an event.',
    );
  const dependency = dependencyOf(call);
  if (dependency === null || call.guarded) return;
  const failed = catchers
    .filter((outer) => takesOutages(tried.clauses.get(outer)))
    .map((outer) => tried.dependencies.get(`${outer} ${dependency}`))
    .find((task) => task !== undefined);
  if (failed !== undefined)
    await report(
      dependency,
      `falls back to ${dependency}, which has just failed with ${failed.path}`,
      'Fall back to what does not need it: park, an event, another service. Or let the catch take answers only (errors.with.status: 409), or put the call into a try of its own.',
    );
}

/** @returns whether a catch takes failures of what is called, for certain: of what perhaps only answered no, nothing is said */
function takesOutages(clause: Json | undefined): boolean {
  const status = own(ownObject(ownObject(clause, 'errors'), 'with'), 'status');
  if (typeof status === 'number') return status === 408 || status >= 500;
  return (['timeout', '5xx'] as const).some((outcome) => catches(clause, failureOf(outcome)) === 'yes');
}
