import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ExtensionProbe, ExtensionSandbox, ProbeRequest, SandboxWall } from '@kwanus/checks-kit';

/** The worker as it was built: a thread starts from JavaScript, in tests too. */
const WORKER = new URL('../dist/worker.js', import.meta.url);
/** Beside it the interpreter has 64 MiB of its own. */
const MOST_MEMORY_MB = 352;
/** Far beyond what the interpreter's count of steps takes, on a slow machine too: only what it can't count ends here. */
const MOST_TIME_MS = 120_000;

const WALLS: readonly SandboxWall[] = [
  { name: 'scan', notRun: null },
  { name: 'interpreter', notRun: null },
  { name: 'namespaces', notRun: 'a process in namespaces of its own is not part of this version' },
];

/**
 * Opens a sandbox for extensions. Each probe has a thread of its own, with bounded memory and time, that ends with it; there is one at
 * a time, the others wait for their turn. What ends before its time is an open answer, not an error.
 */
export function openExtensionSandbox(): ExtensionSandbox {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    walls: WALLS,
    probe: (request, signal) => {
      const probed = turn.then(() => probeInThread(request, signal));
      turn = probed.catch(() => undefined);
      return probed;
    },
  };
}

async function probeInThread(request: ProbeRequest, signal: AbortSignal): Promise<ExtensionProbe> {
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
    if (limit.aborted) return unanswered(`it took longer than ${MOST_TIME_MS / 1000} s`);
    if (isOutOfMemory(error)) return unanswered(`looking at it needs more than ${MOST_MEMORY_MB} MiB`);
    throw error;
  } finally {
    await worker.terminate();
  }
}

const isOutOfMemory = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY';

const unanswered = (open: string): ExtensionProbe => ({ scan: null, run: null, open });
