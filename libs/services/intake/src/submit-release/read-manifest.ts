import { manifestOf, type ReadManifest } from '@kwanus/checks-catalogue';
import { answerOfThread, ThreadGivenUp } from '@kwanus/checks-kit';

const WORKER = new URL('../../../../../dist/manifest-thread.js', import.meta.url);
/** However dense it is, so much is read in less than a tenth of a second. */
const AT_ONCE_BYTES = 16 * 1024;
const MOST_MEMORY_MB = 256;
const MOST_TIME_MS = 30_000;

/** @returns the manifest, or why it can't be read; a large one is read in a thread of its own, so that nobody else waits */
export async function readManifest(bytes: Uint8Array, path: string): Promise<ReadManifest> {
  if (bytes.byteLength <= AT_ONCE_BYTES) return manifestOf(bytes, path);
  try {
    const task = { data: { bytes, path }, memoryMb: MOST_MEMORY_MB, timeMs: MOST_TIME_MS };
    return await answerOfThread<ReadManifest>(WORKER, task);
  } catch (error) {
    if (!(error instanceof ThreadGivenUp)) throw error;
    const refusal = { message: `was given up: ${error.message}`, line: null };
    return { manifest: {}, integrationId: '', release: '', refusal };
  }
}
