import { describe, expect, it } from '@jest/globals';
import { Lanes } from './lanes.js';

/** Runs that end when they are told to. */
function lanes(options: { lanes: number; most: number }) {
  const runs: { items: readonly string[]; end: (outcome: string) => void; fail: (error: Error) => void }[] =
    [];
  const begun: (() => void)[] = [];
  const run = (items: readonly string[]): Promise<string> =>
    new Promise((end, fail) => {
      runs.push({ items, end, fail });
      begun.shift()?.();
    });
  const next = (): Promise<void> => new Promise((resolve) => begun.push(resolve));
  return { lanes: new Lanes<string, string>({ ...options, run }), runs, next };
}

describe('Lanes', () => {
  it('lets what comes together go together, each caller with its share', async () => {
    const { lanes: of, runs, next } = lanes({ lanes: 1, most: 4 });
    const begun = next();
    const both = Promise.all([of.join(['a1', 'a2', 'a3']), of.join(['b1'])]);
    await begun;
    expect(runs[0]?.items).toEqual(['a1', 'a2', 'b1']);
    runs[0]?.end('done');
    expect(await both).toEqual(['done', 'done']);
  });

  it('keeps what comes meanwhile for the next run, and begins no more runs than it has lanes', async () => {
    const { lanes: of, runs, next } = lanes({ lanes: 2, most: 10 });
    const [first, second, third] = [next(), next(), next()];
    const all = [of.join(['a'])];
    await first;
    all.push(of.join(['b']));
    await second;
    all.push(of.join(['c']), of.join(['d']));
    await new Promise(setImmediate);
    expect(runs.map(({ items }) => items)).toEqual([['a'], ['b']]);
    runs[1]?.end('second');
    await third;
    expect(runs[2]?.items).toEqual(['c', 'd']);
    runs[0]?.end('first');
    runs[2]?.end('third');
    expect(await Promise.all(all)).toEqual(['first', 'second', 'third', 'third']);
  });

  it('tells everybody who took part that a run failed, and goes on', async () => {
    const { lanes: of, runs, next } = lanes({ lanes: 1, most: 10 });
    const [first, second] = [next(), next()];
    const failing = Promise.allSettled([of.join(['a']), of.join(['b'])]);
    await first;
    runs[0]?.fail(new Error('no'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const later = of.join(['c']);
    await second;
    runs[1]?.end('fine');
    expect(await later).toBe('fine');
  });
});
