import { describe, expect, it } from '@jest/globals';
import { answerOfThread, ThreadGivenUp } from './index.js';

const LIMITS = { memoryMb: 16, timeMs: 60_000 };
/** A module of this code, that knows its data and its parent. */
const moduleOf = (code: string): URL => {
  const whole = `import { parentPort, workerData } from 'node:worker_threads'; ${code}`;
  return new URL(`data:text/javascript,${encodeURIComponent(whole)}`);
};

describe('a thread that is asked', () => {
  it('answers once, and sees nothing of the environment', async () => {
    const module = moduleOf('parentPort.postMessage([workerData, Object.keys(process.env)]);');
    expect(await answerOfThread(module, { ...LIMITS, data: 'asked' })).toEqual(['asked', []]);
  });

  it('is given up when it needs too much memory, or takes too long', async () => {
    const hoard = moduleOf('const kept = []; for (;;) kept.push({ at: kept.length });');
    await expect(answerOfThread(hoard, { ...LIMITS, data: null })).rejects.toThrow(
      new ThreadGivenUp('it needs more than 16 MiB'),
    );
    const endless = moduleOf('for (;;);');
    await expect(answerOfThread(endless, { ...LIMITS, timeMs: 100, data: null })).rejects.toThrow(
      new ThreadGivenUp('it took longer than 0.1 s'),
    );
  });

  it('ends with whoever asked, and as itself when it fails', async () => {
    const cancelled = AbortSignal.abort(new Error('nobody waits any more'));
    const endless = moduleOf('for (;;);');
    await expect(answerOfThread(endless, { ...LIMITS, data: null }, cancelled)).rejects.toThrow(
      'nobody waits any more',
    );
    const failing = moduleOf("throw new RangeError('beyond me');");
    await expect(answerOfThread(failing, { ...LIMITS, data: null })).rejects.toThrow('beyond me');
  });
});
