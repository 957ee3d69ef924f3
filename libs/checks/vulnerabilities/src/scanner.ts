import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  isOutOfMemory,
  type ScanRequest,
  type VulnerabilityScan,
  type VulnerabilityScanner,
} from '@kwanus/checks-kit';
import type { DatabaseOptions } from './scan.js';

/** The worker as it was built: a thread starts from JavaScript, in tests too. */
const WORKER = new URL('../dist/worker.js', import.meta.url);
const MOST_MEMORY_MB = 384;
const MOST_TIME_MS = 120_000;

/**
 * Opens a scanner over a database on disk. Each comparison has a thread of its own, with bounded memory and time; there is one at a
 * time, the others wait for their turn. What ends before its time is an open answer, not an error.
 */
export function openVulnerabilityScanner(options: DatabaseOptions): VulnerabilityScanner {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    scan: (request, signal) => {
      const scanned = turn.then(() => scanInThread(request, options, signal));
      turn = scanned.catch(() => undefined);
      return scanned;
    },
  };
}

async function scanInThread(
  request: ScanRequest,
  options: DatabaseOptions,
  signal: AbortSignal,
): Promise<VulnerabilityScan> {
  signal.throwIfAborted();
  const worker = new Worker(WORKER, {
    workerData: { request, options },
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
    env: {},
    execArgv: [],
  });
  const limit = AbortSignal.timeout(MOST_TIME_MS);
  try {
    const [scan] = (await once(worker, 'message', { signal: AbortSignal.any([signal, limit]) })) as [
      VulnerabilityScan,
    ];
    return scan;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return unanswered(`it took longer than ${MOST_TIME_MS / 1000} s`);
    if (isOutOfMemory(error)) return unanswered(`it needs more than ${MOST_MEMORY_MB} MiB`);
    throw error;
  } finally {
    await worker.terminate();
  }
}

const unanswered = (why: string): VulnerabilityScan => ({
  components: 0,
  databases: [],
  vulnerable: [],
  more: 0,
  unidentified: [],
  moreUnidentified: 0,
  unreadable: [],
  unused: [],
  open: [`The comparison was given up: ${why}.`],
});
