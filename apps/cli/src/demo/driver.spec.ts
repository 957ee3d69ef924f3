import { describe, expect, it } from '@jest/globals';
import { Driver } from './driver.js';
import type { Company } from './people.js';

/** A rollout that is held for ever, each time for another reason, and between two holds runs on at the same step. */
function goingToAndFro(): Company {
  let looks = 0;
  const gates = async () => {
    looks += 1;
    const what =
      looks % 2 === 0
        ? `the end of the hold at 5: the last verdict is of the window that ended at second ${looks}`
        : 'the rollout at 100 % (now 5 %, 5)';
    const missing = [{ what, who: 'rollout', requirement: 'rollout' }];
    const step = { step: 5, title: 'Rollout', state: 'current', missing };
    return { version: looks, releases: [{ release: '1.0.0', status: 'rolling-out', steps: [step] }] };
  };
  return {
    player: async () => ({ name: 'Olivia', client: { integrations: { gates } } }),
  } as unknown as Company;
}

describe('the driver', () => {
  it('gives up on a release that goes to and fro, and says what it waits for', async () => {
    const driver = new Driver({
      integration: 'acme.orders',
      company: goingToAndFro(),
      narrator: null,
      folder: '/nowhere',
      evidence: {},
      version: 1,
      lookEveryMs: 1,
      patienceMs: 100,
    });
    await expect(driver.drive('1.0.0', () => false)).rejects.toThrow(
      'Release 1.0.0 did not move for 0.1 s in step 5.',
    );
  });
});
