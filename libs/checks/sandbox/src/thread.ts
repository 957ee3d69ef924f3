import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ExtensionProbe, isOutOfMemory, type ProbeRequest } from '@kwanus/checks-kit';

/** The worker as it was built: a thread starts from JavaScript, in tests too. */
const WORKER = new URL('../dist/worker.js', import.meta.url);
/** Beside it the interpreter has 64 MiB of its own. */
const MOST_MEMORY_MB = 352;
/** Far beyond what the interpreter's count of steps takes, on a slow machine too: only what it can't count ends here. */
export const MOST_TIME_MS = 120_000;

/** Looks at an extension in a thread with bounded memory and time, that ends with it. What ends before its time is an open answer. */
export async function probeInThread(request: ProbeRequest, signal: AbortSignal): Promise<ExtensionProbe> {
  signal.throwIfAborted();
  const worker = new Worker(WORKER, {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB, stackSizeMb: 16 },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  const limit = AbortSignal.timeout(MOST_TIME_MS);
  try {
    const [probe] = (await once(worker, 'message', { signal: AbortSignal.any([signal, limit]) })) as [
      ExtensionProbe,
    ];
    return probe;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return unanswered(TOOK_TOO_LONG);
    if (isOutOfMemory(error)) return unanswered(`looking at it needs more than ${MOST_MEMORY_MB} MiB`);
    throw error;
  } finally {
    await worker.terminate();
  }
}

/** Why a probe that was stopped is no answer. */
export const TOOK_TOO_LONG = `it took longer than ${MOST_TIME_MS / 1000} s`;

/** @returns a probe that says nothing but why */
export const unanswered = (open: string): ExtensionProbe => ({ scan: null, run: null, open });
