import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { isOutOfMemory } from './out-of-memory.js';

/** What a thread is given, and how much it may take. */
export interface ThreadTask {
  readonly data: unknown;
  readonly memoryMb: number;
  readonly timeMs: number;
  readonly stackMb?: number;
}

/** A thread needed more than it may take. Continues "… was given up: ". */
export class ThreadGivenUp extends Error {
  override readonly name = 'ThreadGivenUp';
}

/** @returns why a thread was given up that took too long */
export const tookLongerThan = (timeMs: number): string => `it took longer than ${timeMs / 1_000} s`;

/**
 * Asks a thread of its own that ends with its answer, without the environment of this process.
 * @param module as it was built: a thread starts from JavaScript, in tests too
 * @returns the one message that it sends
 * @throws ThreadGivenUp, the signal's reason, and whatever ends the thread
 */
export async function answerOfThread<Answer>(
  module: URL,
  { data, memoryMb, timeMs, stackMb }: ThreadTask,
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  const worker = new Worker(module, {
    workerData: data,
    resourceLimits: {
      maxOldGenerationSizeMb: memoryMb,
      ...(stackMb === undefined ? {} : { stackSizeMb: stackMb }),
    },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  const limit = AbortSignal.timeout(timeMs);
  try {
    const either = AbortSignal.any(signal === undefined ? [limit] : [signal, limit]);
    const [answer] = (await once(worker, 'message', { signal: either })) as [Answer];
    return answer;
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) throw new ThreadGivenUp(tookLongerThan(timeMs));
    if (isOutOfMemory(error)) throw new ThreadGivenUp(`it needs more than ${memoryMb} MiB`);
    throw error;
  } finally {
    await worker.terminate();
  }
}
