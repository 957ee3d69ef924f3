import { Worker } from 'node:worker_threads';
import { type DigestedReference, RunCancelled } from '@kwanus/checks-catalogue';
import { isOutOfMemory } from '@kwanus/checks-kit';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
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
import { RUN_LIMITS, type RunLimits, RunTooLarge } from './run-limits.js';

/** The thread as it was built: one starts from JavaScript, in tests too. */
const WORKER = new URL('../../../../../dist/check-thread.js', import.meta.url);
/** Kept for the next run: to load the checks takes longer than most runs. */
const MOST_IDLE = 2;

/** What a run's thread asks for: bytes by digest, scans, and that a result is put on record. */
export type Desk = {
  readonly [Ask in Question['ask']]: (question: Extract<Question, { ask: Ask }>) => Promise<Answers[Ask]>;
};

/**
 * Threads in which submissions are judged, so that none of them keeps the service waiting or takes its memory. A thread that ends, runs out of
 * memory or is given up is replaced; one that has done its work waits for the next run.
 */
@Injectable()
export class CheckThreads implements OnApplicationShutdown {
  readonly #idle: Worker[] = [];
  readonly #busy = new Set<Worker>();
  #isShutDown = false;

  constructor(@Inject(RUN_LIMITS) readonly limits: RunLimits) {}

  /** @throws RunTooLarge, RunCancelled when the signal is aborted, and whatever the checks or the desk throw */
  judge(judgement: Judgement, desk: Desk, signal: AbortSignal): Promise<Judged> {
    return this.#carryOut('judge', judgement, { desk, signal });
  }

  /** @throws as `judge` does */
  link(submission: DigestedReference, desk: Desk, signal: AbortSignal): Promise<Linked> {
    return this.#carryOut('link', submission, { desk, signal });
  }

  async #carryOut<Kind extends keyof Tasks>(
    kind: Kind,
    given: Tasks[Kind]['given'],
    { desk, signal }: Pick<Conversation, 'desk' | 'signal'>,
  ): Promise<Tasks[Kind]['outcome']> {
    if (signal.aborted || this.#isShutDown) throw new RunCancelled('The run was cancelled.');
    const worker = this.#idle.pop() ?? newThread(this.limits);
    this.#busy.add(worker);
    worker.ref();
    const task = { kind, given } as Task;
    const outcome = await this.#conversation(worker, { task, desk, signal, limits: this.limits });
    this.#rest(worker);
    return outcome as Tasks[Kind]['outcome'];
  }

  async #conversation(worker: Worker, conversation: Conversation): Promise<Outcome> {
    try {
      return await converse(worker, conversation);
    } catch (error) {
      // Checks that were at work beside the one that failed still are: what they ask for is not the next run's.
      await worker.terminate();
      throw error;
    } finally {
      this.#busy.delete(worker);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isShutDown = true;
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((worker) => worker.terminate()));
  }

  /** A thread that waits holds up nobody who wants to end. */
  #rest(worker: Worker): void {
    worker.unref();
    if (this.#idle.length < MOST_IDLE && !this.#isShutDown) this.#idle.push(worker);
    else void worker.terminate();
  }
}

const newThread = ({ memoryMb }: RunLimits): Worker =>
  new Worker(WORKER, {
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    env: {},
    execArgv: [],
  });

type Outcome = Tasks[keyof Tasks]['outcome'];

interface Conversation {
  readonly task: Task;
  readonly desk: Desk;
  readonly signal: AbortSignal;
  readonly limits: RunLimits;
}

/** Says what is to be done, answers what is asked, until it is done. @throws why the checks could not come to anything */
function converse(worker: Worker, { task, desk, signal, limits }: Conversation): Promise<Outcome> {
  const say = (message: ToThread): void => worker.postMessage(message);
  return new Promise<Outcome>((resolve, reject) => {
    const answer = (id: number, question: Question): void => {
      answerOf(desk, question).then(
        (value) => say({ type: 'answer', id, value }),
        (error: unknown) => {
          // What the desk refuses ends the run as it is, not as a copy of itself.
          say({ type: 'refused', id, error: crossing(error) });
          end(() => reject(error instanceof Error ? error : new Error(String(error))));
        },
      );
    };
    const onMessage = (message: FromThread): void => {
      if (message.type === 'question') answer(message.id, message.question);
      else if (message.type === 'done') end(() => resolve(message.outcome));
      else end(() => reject(crossed(message.error)));
    };
    const onError = (error: unknown): void =>
      end(() => reject(isOutOfMemory(error) ? needsMore(limits) : asError(error)));
    const onExit = (): void => end(() => reject(new Error('The thread of the run ended before its time.')));
    const onAbort = (): void => end(() => reject(new RunCancelled('The run was cancelled.')));
    const end = (settle: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    say({ type: 'task', task });
  });
}

function answerOf(desk: Desk, question: Question): Promise<Answers[keyof Answers]> {
  switch (question.ask) {
    case 'bytes':
      return desk.bytes(question);
    case 'scan':
      return desk.scan(question);
    case 'walls':
      return desk.walls(question);
    case 'probe':
      return desk.probe(question);
    case 'keep':
      return desk.keep(question);
  }
}

const needsMore = ({ memoryMb }: RunLimits): RunTooLarge =>
  new RunTooLarge(`The checks need more than ${memoryMb} MiB for it.`);

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
