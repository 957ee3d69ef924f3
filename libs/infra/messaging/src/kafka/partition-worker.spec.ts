import { describe, expect, it } from '@jest/globals';
import type { ReceivedMessage } from '../transport.port.js';
import { PartitionWorker } from './partition-worker.js';

const messages = (from: number, count: number): ReceivedMessage[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: 't',
    partition: 0,
    position: String(from + index),
    key: 'k',
    headers: {},
    body: null,
  }));

describe('PartitionWorker', () => {
  it('holds at most a batch and what was fetched with it: fetching waits, and goes on when half a batch is left', async () => {
    const said: string[] = [];
    const passes: (() => void)[] = [];
    const worker = new PartitionWorker(
      't',
      0,
      {
        options: {
          group: 'g',
          topics: ['t'],
          maxBatch: 10,
          handler: (batch) =>
            new Promise((resolve) => {
              said.push(`batch of ${batch.length}`);
              passes.push(resolve);
            }),
        },
        commit: async () => undefined,
        finished: (_topic, _partition, next) => said.push(`finished up to ${next}`),
        fetching: (_topic, _partition, goesOn) => said.push(goesOn ? 'on' : 'wait'),
        trouble: () => undefined,
      },
      Promise.resolve(),
    );
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    worker.beginAt('0');
    worker.take(messages(0, 3), 3n);
    await turn();
    worker.take(messages(3, 12), 15n);
    await turn();
    expect(said).toEqual(['batch of 3', 'wait']);
    for (const expected of [
      ['finished up to 3', 'batch of 10', 'on'],
      ['finished up to 13', 'batch of 2'],
    ]) {
      said.length = 0;
      passes.shift()?.();
      await turn();
      expect(said.toSorted()).toEqual(expected.toSorted());
    }
    const ended = worker.stop();
    passes.shift()?.();
    await ended;
    expect(said).toContain('finished up to 15');
  });
});
