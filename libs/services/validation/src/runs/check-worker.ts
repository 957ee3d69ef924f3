import { parentPort } from 'node:worker_threads';
import {
  type DigestedReference,
  digestedSubmission,
  runChecks,
  submissionStarts,
  workflowLinks,
} from '@kwanus/checks-catalogue';
import type { CheckContext, Submission } from '@kwanus/checks-kit';
import { withoutNetwork } from '@kwanus/http/no-network';
import { evidenceResult } from './evidence-result.js';
import { packCheck } from './findings.js';
import {
  type Answers,
  crossed,
  crossing,
  type FromThread,
  type Judged,
  type Judgement,
  type Linked,
  type Question,
  type Task,
  type Tasks,
  type ToThread,
} from './judgement.js';
import { judgedRelease } from './verdicts.js';

withoutNetwork();

const port = parentPort;
if (port === null) throw new Error('This module is the main one of a thread.');
const say = (message: FromThread): void => port.postMessage(message);

interface Waiting {
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}
const waiting = new Map<number, Waiting>();
let asked = 0;

function ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
  const id = asked++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    say({ type: 'question', id, question });
  });
}

const open = (reference: DigestedReference): Promise<Submission> =>
  digestedSubmission(reference, (digest) => ask({ ask: 'bytes', digest }));

async function judge(judgement: Judgement): Promise<Judged> {
  const submission = await open(judgement.submission);
  const context: CheckContext = {
    ...judgement.given,
    bases: await Promise.all(judgement.bases.map(open)),
    ...(judgement.tools.vulnerabilities
      ? { vulnerabilities: { scan: (request) => ask({ ask: 'scan', request }) } }
      : {}),
    ...(judgement.tools.sandbox
      ? {
          sandbox: {
            walls: () => ask({ ask: 'walls' }),
            probe: (request) => ask({ ask: 'probe', request }),
          },
        }
      : {}),
    // Who gives a run up ends the thread.
    signal: new AbortController().signal,
  };
  const { request, checks } = judgement;
  if (checks === null)
    return { kind: 'evidence', result: await evidenceResult(request, [submission, context]) };
  const onResult = async (...[result, entry]: Parameters<NonNullable<OnResult>>): Promise<void> => {
    await ask({ ask: 'keep', packed: packCheck(result, entry.kind) });
  };
  const verdict = await runChecks(submission, context, { checks, onResult });
  return { kind: 'verdict', ...judgedRelease(request, checks, verdict) };
}

type OnResult = NonNullable<Parameters<typeof runChecks>[2]>['onResult'];

/** What the first event of a run can carry of its own workflows. */
const MOST_LINK_BYTES = 96 * 1024;

async function link(reference: DigestedReference): Promise<Linked> {
  const submission = await open(reference);
  const links = workflowLinks(submission);
  const isLarge = Buffer.byteLength(JSON.stringify(links)) > MOST_LINK_BYTES;
  return { links: isLarge ? null : links, starts: isLarge ? [] : submissionStarts(submission) };
}

const carryOut = (task: Task): Promise<Tasks[keyof Tasks]['outcome']> =>
  task.kind === 'judge' ? judge(task.given) : link(task.given);

port.on('message', (message: ToThread) => {
  if (message.type === 'task') {
    void carryOut(message.task).then(
      (outcome) => say({ type: 'done', outcome }),
      (error: unknown) => say({ type: 'failed', error: crossing(error) }),
    );
    return;
  }
  const entry = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.type === 'answer') entry?.resolve(message.value);
  else entry?.reject(crossed(message.error));
});
