import { answerOfThread, ThreadGivenUp } from '@kwanus/checks-kit';
import { operationsIn } from './operations-in.js';

/** The thread as it was built: one starts from JavaScript, in tests too. */
const WORKER = new URL('../../../../../dist/operations-thread.js', import.meta.url);
/** What is read in less than a tenth of a second, sooner than a thread starts. */
const AT_ONCE_BYTES = 32 * 1024;
const MOST_MEMORY_MB = 256;
const MOST_TIME_MS = 30_000;

/**
 * @param contracts OpenAPI documents' bytes, by path
 * @returns their operations; large ones are read in a thread of their own, so that nobody else waits
 */
export async function readOperations(contracts: ReadonlyMap<string, Uint8Array>): Promise<readonly string[]> {
  const bytes = [...contracts.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= AT_ONCE_BYTES) return [...contracts].flatMap(([path, text]) => operationsIn(text, path));
  try {
    const task = { data: contracts, memoryMb: MOST_MEMORY_MB, timeMs: MOST_TIME_MS };
    return await answerOfThread<readonly string[]>(WORKER, task);
  } catch (error) {
    // Step 4 says what is wrong with it; here it has no operations, like any other that can't be read.
    if (error instanceof ThreadGivenUp) return [];
    throw error;
  }
}
