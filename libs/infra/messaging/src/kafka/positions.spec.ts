import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Positions } from './positions.js';

const at = (offset: string, partition = 0) => ({ topic: 't', partition, offset });

describe('Positions', () => {
  const committed: string[][] = [];
  const troubles: unknown[] = [];
  let fails = 0;
  let positions: Positions;
  beforeEach(() => {
    jest.useFakeTimers();
    committed.length = 0;
    troubles.length = 0;
    fails = 0;
    const commitOffsets = async (offsets: readonly { partition: number; offset: string }[] = []) => {
      if (fails-- > 0) throw new Error('the coordinator is gone');
      committed.push(offsets.map(({ partition, offset }) => `${partition}:${offset}`));
    };
    positions = new Positions({ commitOffsets }, (error) => troubles.push(error));
  });
  afterEach(() => {
    positions.abandon();
    jest.useRealTimers();
  });

  it('commits what was finished together, a few times a second', async () => {
    positions.later(at('5'), 5);
    positions.later(at('9'), 4);
    positions.later(at('3', 1), 3);
    expect(committed).toEqual([]);
    await jest.advanceTimersByTimeAsync(150);
    expect(committed).toEqual([['0:9', '1:3']]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(committed).toHaveLength(1);
  });

  it('does not wait for the time when much was finished', async () => {
    for (let offset = 500; offset <= 2_000; offset += 500) positions.later(at(String(offset)), 500);
    await jest.advanceTimersByTimeAsync(0);
    expect(committed).toEqual([['0:2000']]);
  });

  it('commits what could not be committed with the next, unless there is a newer position', async () => {
    fails = 1;
    positions.later(at('5'), 5);
    positions.later(at('3', 1), 3);
    await jest.advanceTimersByTimeAsync(110);
    expect(troubles).toHaveLength(1);
    positions.later(at('7'), 2);
    await jest.advanceTimersByTimeAsync(110);
    expect(committed.map((entry) => entry.toSorted())).toEqual([['0:7', '1:3']]);
  });

  it('leaves the position of a partition that went to another member to that one', async () => {
    positions.later(at('5'), 5);
    positions.forget('t', 0);
    await positions.close();
    expect(committed).toEqual([]);
  });
});
