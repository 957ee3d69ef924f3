import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Interruption } from './interruption.js';

describe('an interruption of the demo', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('in the middle of it, by %s, is a failure with %i', async (name, code) => {
    const signals = new EventEmitter();
    const { cut } = new Interruption(signals);
    signals.emit(name);
    await expect(cut).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
  });

  it('of a demo that was told and stays up is its end', async () => {
    const signals = new EventEmitter();
    const interruption = new Interruption(signals);
    interruption.toldToItsEnd();
    signals.emit('SIGINT');
    await expect(interruption.end).resolves.toBeUndefined();
  });
});
