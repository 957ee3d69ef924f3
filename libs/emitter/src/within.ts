/**
 * Waits for the work, but not for ever, and without keeping the process alive.
 * @throws what the work throws, or an Error when the time is over or the signal says so
 */
export async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  let end: () => void = () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    end = () => reject(new Error('There is no more time.'));
    signal.addEventListener('abort', end);
    timer = setTimeout(() => reject(new Error(`Not done within ${ms} ms.`)), ms).unref();
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
