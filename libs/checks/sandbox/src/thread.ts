import {
  answerOfThread,
  type ExtensionProbe,
  type ProbeRequest,
  ThreadGivenUp,
  tookLongerThan,
} from '@kwanus/checks-kit';

const WORKER = new URL('../../../../dist/sandbox-thread.js', import.meta.url);
/** Beside it the interpreter has 64 MiB of its own. */
const MOST_MEMORY_MB = 352;
/** Far beyond what the interpreter's count of steps takes, on a slow machine too: only what it can't count ends here. */
export const MOST_TIME_MS = 120_000;

/** Looks at an extension in a thread with bounded memory and time, that ends with it. What ends before its time is an open answer. */
export async function probeInThread(request: ProbeRequest, signal: AbortSignal): Promise<ExtensionProbe> {
  try {
    const task = { data: request, memoryMb: MOST_MEMORY_MB, stackMb: 16, timeMs: MOST_TIME_MS };
    return await answerOfThread<ExtensionProbe>(WORKER, task, signal);
  } catch (error) {
    if (error instanceof ThreadGivenUp) return unanswered(error.message);
    throw error;
  }
}

/** Why a probe that was stopped is no answer. */
export const TOOK_TOO_LONG = tookLongerThan(MOST_TIME_MS);

/** @returns a probe that says nothing but why */
export const unanswered = (open: string): ExtensionProbe => ({ scan: null, run: null, open });
