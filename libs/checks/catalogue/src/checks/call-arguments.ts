import { nameOf } from '@kwanus/checks-contract-diff';
import { own, ownObject, ownText } from '@kwanus/checks-kit';
import {
  type ExpectedRequest,
  expectedRequest,
  type JudgedContract,
  judgedContract,
  operationsById,
} from '../calls/expected.js';
import { requestFaults } from '../calls/request-faults.js';
import { sentBy } from '../calls/sent.js';
import type { CheckRun } from '../run/check-run.js';
import { type Fault, TooEntangled } from '../samples/sample.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { type Task, taskPath } from '../workflow/workflow.js';

/** More of one call say no more. */
const MOST_OF_A_CALL = 5;

/**
 * WF008 a call sends what the operation of its handler refuses: parameters and body, as far as the workflow writes them out, against the
 * schemas of the contract. What an expression comes to fits whatever is asked for.
 */
export async function checkCallArguments(
  run: CheckRun,
  workflows: readonly SubmittedWorkflow[],
): Promise<void> {
  const expectedOf = await expectedRequests(run);
  const contracts = new Set<JudgedContract>();
  for (const workflow of workflows) {
    const usesOf = handledBy(workflow);
    for (const task of (workflow.definition?.tasks ?? []).filter(({ kind }) => kind === 'call')) {
      const expected = expectedOf(usesOf(task));
      if (expected === null) continue;
      contracts.add(expected.by);
      await checkCall(run, workflow, [task, expected]);
    }
  }
  for (const { judge, path } of contracts) await reportPatterns(run, path, judge.unjudged);
}

/** @returns how to find what the handler of a call uses; null where there is none, or where the task names another operation */
function handledBy({ declared }: SubmittedWorkflow): (call: Task) => string | null {
  const handlers = declared.handlers ?? [];
  const known = new Map(handlers.map(({ task, uses }) => [taskPath(task), uses]));
  return ({ path, value }) => {
    const uses = known.get(path) ?? null;
    const named = ownText(ownObject(value, 'with'), 'operationId');
    return named === undefined || uses?.endsWith(`#${named}`) === true ? uses : null;
  };
}

async function expectedRequests(run: CheckRun): Promise<(uses: string | null) => ExpectedRequest | null> {
  const known = new Map<string, () => ExpectedRequest>();
  for (const { id, root, path } of await run.inspection.contracts()) {
    if (root === null) continue;
    const by = judgedContract(root, path);
    for (const [operationId, operation] of operationsById(by)) {
      let expected: ExpectedRequest | undefined;
      known.set(`api:${id}#${operationId}`, () => (expected ??= expectedRequest(by, operation)));
    }
  }
  return (uses) => (uses === null ? null : (known.get(uses)?.() ?? null));
}

async function checkCall(
  run: CheckRun,
  { declared, path, document }: SubmittedWorkflow,
  [task, expected]: readonly [Task, ExpectedRequest],
): Promise<void> {
  const sent = sentBy(task);
  if (sent === null) return;
  const isLoose = document?.ok === true && own(ownObject(document.value, 'evaluate'), 'mode') === 'loose';
  const operation = nameOf(expected.operation);
  const faults = faultsIn(() => requestFaults(sent, expected, isLoose));
  if (faults instanceof TooEntangled)
    return run.inconclusive(
      `What ${declared.id}${task.path} sends to ${operation} can’t be judged: ${faults.message}.`,
    );
  for (const { at, text } of faults.slice(0, MOST_OF_A_CALL))
    await run.blocks('WF008', {
      file: path,
      pointer: task.pointer + at,
      subject: `${declared.id} ${task.path} ${(at + text).replace(/\/\d+(?=\/|$)/g, '/*')}`,
      message: `${declared.id}: ${operation} refuses what ${task.path} sends: ${at.replace(/^\/with\/?/, '') || 'it'} ${text}.`,
      why: 'A call that its operation refuses never does its work, whatever starts the workflow.',
      remedy: `Send what ${operation} asks for in ${expected.by.path}; correct the contract where that is what is wrong.`,
    });
}

function faultsIn(judge: () => readonly Fault[]): readonly Fault[] | TooEntangled {
  try {
    return judge();
  } catch (error) {
    if (error instanceof TooEntangled) return error;
    throw error;
  }
}

async function reportPatterns(run: CheckRun, file: string, patterns: ReadonlySet<string>): Promise<void> {
  for (const pattern of patterns)
    await run.warns('WF008', {
      file,
      subject: pattern,
      message: `What is sent could not be judged by the pattern ${pattern}: no engine takes it that is sure to come to an end in time.`,
      why: 'Nobody knows whether the operation takes it.',
      remedy: 'Write it without look-around, back-references and large repetitions, or leave it out.',
    });
}
