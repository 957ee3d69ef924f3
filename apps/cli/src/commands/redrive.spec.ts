import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestPlatform, testPlatform } from '../testing/platform.js';
import { kwanus } from '../testing/run.js';

/** A platform with 450 parked messages of a key. */
describe('kwanus parked redrive and skip-gap', () => {
  let answers: { handled: number; remaining: number; error: string | null }[] = [];
  let platform: TestPlatform;

  beforeAll(async () => {
    platform = await testPlatform('oscar', () => answers.shift());
  });
  afterAll(() => platform.stop());
  beforeEach(() => {
    platform.asked.length = 0;
  });

  it('asks until none remain, says how far it is, and believes a fork once', async () => {
    answers = [
      { handled: 200, remaining: 250, error: null },
      { handled: 200, remaining: 50, error: null },
      { handled: 50, remaining: 0, error: null },
    ];
    const done = await kwanus('parked', 'redrive', 'rollout', 'rollout.integration', 'a.b', '--accept-fork');
    expect(done.out).toBe('200 handled, 250 remain.\n400 handled, 50 remain.\n450 handled, 0 remain.\n');
    expect(platform.asked.map(({ body }) => body)).toEqual([
      { acceptFork: true },
      { acceptFork: false },
      { acceptFork: false },
    ]);
  });

  it('ends where a turn handled nothing, whatever remains', async () => {
    answers = [
      { handled: 2, remaining: 1, error: null },
      { handled: 0, remaining: 1, error: null },
    ];
    const done = await kwanus('parked', 'redrive', 'rollout', 'rollout.integration', 'a.b');
    expect([done.code, platform.asked.length]).toEqual([0, 2]);
    expect(done.out).toBe('2 handled, 1 remain.\n2 handled, 1 remain.\n');
  });

  it('goes on with what waited for a gap until none remains', async () => {
    const skipped = {
      consumer: 'rollout.integration',
      stream: 'integration-a.b',
      throughVersion: 3,
      error: null,
    };
    answers = [
      { ...skipped, handled: 200, remaining: 50 },
      { ...skipped, handled: 50, remaining: 0 },
    ];
    const gap = 'parked skip-gap rollout rollout.integration integration-a.b --through 3 --reason'.split(' ');
    const done = await kwanus(...gap, 'lost in the fire');
    expect([done.code, done.out]).toEqual([0, '200 handled, 50 remain.\n250 handled, 0 remain.\n']);
    const bodies = platform.asked.map(({ body }) => body);
    expect(bodies).toEqual(Array(2).fill({ throughVersion: 3, reason: 'lost in the fire' }));
  });

  it('ends where one can not be handled, and says why', async () => {
    answers = [{ handled: 3, remaining: 250, error: 'beyond me' }];
    const done = await kwanus('parked', 'redrive', 'rollout', 'rollout.integration', 'a.b');
    expect([done.code, platform.asked.length]).toEqual([1, 1]);
    expect(done.err).toContain('beyond me');
  });
});
