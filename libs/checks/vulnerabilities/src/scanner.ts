import {
  answerOfThread,
  type ScanRequest,
  ThreadGivenUp,
  type VulnerabilityScan,
  type VulnerabilityScanner,
} from '@kwanus/checks-kit';
import type { DatabaseOptions } from './scan.js';

const WORKER = new URL('../../../../dist/scanner-thread.js', import.meta.url);
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
  try {
    const task = { data: { request, options }, memoryMb: MOST_MEMORY_MB, timeMs: MOST_TIME_MS };
    return await answerOfThread<VulnerabilityScan>(WORKER, task, signal);
  } catch (error) {
    if (error instanceof ThreadGivenUp) return unanswered(error.message);
    throw error;
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
